"""No fusion: every stream for itself. The baseline that shows what message passing is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing


class NoFusion(Fusion):
    """Mixing along the bins of each stream and nothing between streams.

    Args:
        dim: token width.
        num_layers: rounds of mixing.
        reach: bins seen on each side per round.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> import torch
        >>> seen, scene = torch.ones(2, 3, dtype=torch.bool), torch.tensor([0, 0])
        >>> alone = Tokens(torch.randn(2, 3, 8), seen, torch.randn(2, 8), scene)
        >>> NoFusion(dim=8)({"sensor": alone}, {}).tokens["sensor"].shape
        torch.Size([2, 3, 8])
    """

    keeps_apart: ClassVar[bool] = True

    def __init__(
        self, dim: int, num_layers: int = 2, reach: int = 3, causal: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__(dim)
        self.layers = nn.ModuleList(BinMixing(dim, reach, causal, dropout) for _ in range(num_layers))

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        out = {kind: entry.value for kind, entry in tokens.items()}
        for layer in self.layers:
            out = {kind: layer(value) for kind, value in out.items()}
        return Fused(out, {kind: link.weight.new_zeros(link.weight.shape) for kind, link in links.items()})
