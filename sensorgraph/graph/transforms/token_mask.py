"""Unreadable words in log text."""

from __future__ import annotations

from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform

_UNKNOWN_TOKEN = 0


class TokenMask(BaseTransform):
    """Replaces randomly drawn tokens by the unknown token.

    Args:
        share: probability of each token, 0 to 1.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, share: float = 0.1, generator: Generator = None) -> None:
        if not 0 <= share <= 1:
            raise ConfigError(f"token_mask.share: must be 0 to 1 (got {share})")
        self.share = share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of texts."""
        store = data["text"]
        luck = uniform(len(store["value"]), like=store["value"], generator=self.generator)
        store["value"] = store["value"].masked_fill(luck < self.share, _UNKNOWN_TOKEN)
        return data
