"""Mixing along the bins of each stream."""

from __future__ import annotations

from torch import Tensor, nn


class BinMixing(nn.Module):
    r"""A depthwise convolution along bins and a small MLP, both residual.

    .. math:: x \leftarrow x + \mathrm{conv}(\mathrm{norm}(x)), \qquad x \leftarrow x + \mathrm{MLP}(\mathrm{norm}(x))

    Args:
        dim: token width.
        reach: bins that the convolution sees on each side (only earlier ones when causal).
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, reach: int = 3, causal: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.padding = (2 * reach, 0) if causal else (reach, reach)
        self.norm = nn.LayerNorm(dim)
        self.along = nn.Conv1d(dim, dim, 2 * reach + 1, groups=dim)
        self.mlp = nn.Sequential(
            nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Shapes: [N, L, D] to [N, L, D]."""
        padded = nn.functional.pad(self.norm(tokens).transpose(1, 2), self.padding)
        tokens = tokens + self.along(padded).transpose(1, 2)
        return tokens + self.mlp(tokens)
