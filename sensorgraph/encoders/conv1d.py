"""The plain two-convolution encoder of the project's source documents: the baseline."""

from __future__ import annotations

import torch
from torch import nn

from sensorgraph.encoders.base import Encoded, Encoder, pool_to_bins
from sensorgraph.encoders.patches import compress
from sensorgraph.encoders.row import patchify
from sensorgraph.encoders.step_conv import StepConv
from sensorgraph.graph.ragged import Ragged


class Conv1dEncoder(Encoder):
    """Convolution of 7 taps, ReLU, convolution of 5, ReLU, mean over each bin; every sample is visited.

    Two things differ from the original: a channel says which samples are valid, and bins are those of the scene's clock
    instead of equal parts of the array.

    Args:
        dim: channels of tokens and vectors.
        hidden: channels of both convolutions.
        causal: a token sees its own and earlier bins only.
    """

    def __init__(self, dim: int = 128, hidden: int = 16, causal: bool = False) -> None:
        super().__init__(dim)
        self.wide = StepConv(2, hidden, kernel_size=7, causal=causal)
        self.narrow = StepConv(hidden, hidden, kernel_size=5, causal=causal)
        self.token = nn.Linear(hidden, dim)
        self.vector = nn.Linear(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        patches = patchify(streams, size=1, gap=max(self.wide.reach, self.narrow.reach))
        row, valid = patches.row, patches.spread(streams.valid)
        value = patches.spread(compress(torch.where(streams.valid, streams.value, 0.0)))
        samples = torch.cat([value, valid.to(value.dtype)], dim=1)
        samples = self.narrow(self.wide(samples).relu() * row.inside()).relu()
        cell = row.cell.masked_fill(~valid.squeeze(1), -1)
        mean, mask = pool_to_bins(samples[None], cell[None], row.num_streams * row.num_bins)
        shape = (row.num_streams, row.num_bins)
        mean, mask = mean.view(*shape, mean.shape[-1]), mask.view(shape)
        weight = mask.to(mean.dtype)[..., None]
        stream_mean = (mean * weight).sum(1) / weight.sum(1).clamp(min=1)
        return Encoded(self.token(mean) * weight, self.vector(stream_mean) * mask.any(1, keepdim=True), mask)
