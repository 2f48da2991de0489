"""Early fusion: modalities meet first, and all the work is done on what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing
from sensorgraph.fusion.joined import Joined
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import AddChange


class Early(Fusion):
    """One exchange at the beginning, then rounds of mixing along bins.

    Args:
        dim: token width.
        num_layers: rounds of mixing after the exchange.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> Early(dim=8)(scene.tokens, scene.links).tokens["sensor"].shape
        torch.Size([3, 4, 8])

    Reference: Snoek et al., "Early versus late fusion in semantic video analysis" (2005).
    """

    def __init__(
        self,
        dim: int,
        num_layers: Annotated[int, Field(ge=1)] = 2,
        reach: Annotated[int, Field(ge=0)] = 2,
        causal: bool = False,
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    ) -> None:
        super().__init__(dim)
        mixing = [BinMixing(dim, reach, causal, dropout) for _ in range(num_layers)]
        self.rounds = Rounds(dim, [Exchange(dim, Joined(dim, dropout), AddChange(dim, dropout)), *mixing])

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)
