"""A small transformer along time: for slow streams (below 100 Hz)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.patches import PatchStem
from sensorgraph.encoders.positions import sine_positions
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Steps
from sensorgraph.errors import ConfigError
from sensorgraph.graph.ragged import Ragged

_NEVER = -1e9  # finite, because a row of -inf alone would give NaN


class Transformer1dEncoder(Encoder):
    """Patches attend to the patches of their own bin and of its neighbours, so cost grows linearly with time.

    Layers widen the view: after two of them a token has seen two bins to each side (before it only, if causal).

    Args:
        dim: channels of tokens and vectors.
        hidden: channels of a step; a multiple of ``num_heads``.
        patch_samples: samples per step.
        num_layers: attention layers.
        num_heads: attention heads.
        causal: a token sees its own and earlier bins only.

    Raises:
        ConfigError: ``hidden`` is not a multiple of ``num_heads``.

    Reference: Vaswani et al., "Attention Is All You Need" (2017); Beltagy, Peters and Cohan, "Longformer" (2020), for
    windows.
    """

    def __init__(
        self,
        dim: int = 128,
        hidden: int = 32,
        patch_samples: int = 4,
        num_layers: int = 2,
        num_heads: int = 4,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        if hidden % num_heads:
            raise ConfigError(
                f"transformer1d.hidden: must be a multiple of num_heads, {num_heads}; change either (got {hidden})"
            )
        self.stem = PatchStem(patch_samples, hidden)
        neighbours = (-1, 0) if causal else (-1, 0, 1)
        self.layers = nn.ModuleList(_WindowLayer(hidden, num_heads, neighbours) for _ in range(num_layers))
        self.readout = BinReadout(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        steps = self.stem(streams, gap=0)
        if not len(steps.value):
            return self.readout(steps)
        grid = _to_grid(steps)
        width, hidden = grid.value.shape[2:]
        value = grid.value + sine_positions(torch.arange(width, device=steps.value.device), hidden)
        for layer in self.layers:
            value = layer(value, grid.used)
        return self.readout(steps.with_value(value.flatten(0, 2)[grid.place]))


class _WindowLayer(nn.Module):
    """Attention within a window of bins, then a two-layer network; norms come first.

    Shapes: value [N, L, K, H], used [N, L, K] bool.
    """

    def __init__(self, hidden: int, num_heads: int, neighbours: tuple[int, ...]) -> None:
        super().__init__()
        self.num_heads, self.neighbours = num_heads, neighbours
        self.norm = nn.LayerNorm(hidden)
        self.query = nn.Linear(hidden, hidden)
        self.key_value = nn.Linear(hidden, 2 * hidden, bias=False)  # a bias on keys would never get a gradient
        self.distance = nn.Parameter(torch.zeros(num_heads, len(neighbours)))
        self.out = nn.Linear(hidden, hidden)
        self.feed = nn.Sequential(
            nn.LayerNorm(hidden), nn.Linear(hidden, 2 * hidden), nn.GELU(), nn.Linear(2 * hidden, hidden)
        )

    def forward(self, value: Tensor, used: Tensor) -> Tensor:
        normed = self.norm(value)
        keys, values = self._window(self.key_value(normed)).chunk(2, dim=-1)
        seen = self._window(used[..., None])
        bias = self.distance.repeat_interleave(value.shape[2], 1)[None, :, None]
        bias = bias + torch.where(seen, 0.0, _NEVER).flatten(0, 1).transpose(1, 2)[:, None]
        mixed = _attend(self._heads(self.query(normed)), self._heads(keys), self._heads(values), bias)
        value = value + self.out(mixed.transpose(1, 2).reshape(value.shape))
        return value + self.feed(value)

    def _heads(self, value: Tensor) -> Tensor:
        """[N, L, K, H] to [N * L, heads, K, H / heads]."""
        return value.flatten(0, 1).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def _window(self, value: Tensor) -> Tensor:
        """The neighbouring bins side by side: [N, L, W * K, ...], 0 beyond either end."""
        num_bins = value.shape[1]
        padded = F.pad(value, (0, 0, 0, 0, 1, 1))
        return torch.cat([padded[:, 1 + step : 1 + step + num_bins] for step in self.neighbours], dim=2)


def _attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
    """Softmax attention over very many very short windows, for which torch's fused kernel is slow.

    Shapes: ``query`` [B, H, K, d], ``key`` and ``value`` [B, H, W, d], ``bias`` [B, H, 1, W]; returns [B, H, K, d].
    """
    num_queries, width = query.shape[2:]
    bias = bias.expand(-1, -1, num_queries, -1).flatten(0, 1)
    logit = torch.baddbmm(bias, query.flatten(0, 1) * width**-0.5, key.flatten(0, 1).transpose(1, 2))
    return torch.bmm(logit.softmax(-1), value.flatten(0, 1)).view(query.shape)


@dataclass(frozen=True)
class _Grid:
    """Steps by bin: ``value`` [N, L, K, H], ``used`` [N, L, K] bool, and each step's place in the flattened grid [R].

    ``K`` is the most steps that any bin of these streams has; what is added to the others is masked.
    """

    value: Tensor
    used: Tensor
    place: Tensor


def _to_grid(steps: Steps) -> _Grid:
    row, hidden = steps.row, steps.value.shape[1]
    width = int(row.count.max())
    place = row.cell * width + row.rank()
    shape = (row.num_streams, row.num_bins, width)
    value = steps.value.new_zeros(len(row.count) * width, hidden).index_copy(0, place, steps.value)
    used = torch.zeros(len(row.count) * width, dtype=torch.bool, device=place.device).index_copy(0, place, steps.used)
    return _Grid(value.view(*shape, hidden), used.view(shape), place)
