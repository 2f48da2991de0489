"""Residual network along time: for middle rates (100 Hz to 1 kHz)."""

from __future__ import annotations

import torch
from torch import nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.patches import PatchStem
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Row, Steps
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.graph.ragged import Ragged


class ResNet1dEncoder(Encoder):
    """Two stages of residual convolutions; between them, neighbouring steps of a bin are joined two by two.

    Args:
        dim: channels of tokens and vectors.
        hidden: channels of the first stage; the second has twice as many.
        patch_samples: samples per step of the first stage.
        num_blocks: residual blocks per stage.
        kernel_size: taps of each convolution.
        causal: a token sees its own and earlier bins only.

    Reference: He et al., "Deep Residual Learning for Image Recognition" (2016); Wang, Yan and Oates, "Time Series
    Classification from Scratch with Deep Neural Networks" (2017), for series.
    """

    def __init__(
        self,
        dim: int = 128,
        hidden: int = 24,
        patch_samples: int = 4,
        num_blocks: int = 1,
        kernel_size: int = 5,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        self.stem = PatchStem(patch_samples, hidden)
        self.fine = ConvStack(hidden, num_blocks, kernel_size, causal, dilate=False)
        self.widen = nn.Linear(hidden, 2 * hidden)
        self.coarse = ConvStack(2 * hidden, num_blocks, kernel_size, causal, dilate=False)
        self.readout = BinReadout(2 * hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        fine = self.stem(streams, self.fine.gap)
        fine = fine.with_value(self.fine(fine.value, fine.row.inside()))
        coarse = _halve(fine, self.coarse.gap)
        inside = coarse.row.inside()
        return self.readout(coarse.with_value(self.coarse(self.widen(coarse.value) * inside, inside)))


def _halve(steps: Steps, gap: int) -> Steps:
    """Mean of each pair of steps within a bin; the odd step of a bin stays alone, so that no pair straddles bins."""
    row = Row.lay_out((steps.row.count + 1) // 2, steps.row.num_bins, gap)
    real = (steps.row.cell >= 0).nonzero().squeeze(1)
    pair = row.first[steps.row.cell[real]] + steps.row.rank()[real] // 2
    total = steps.value.new_zeros(len(row.cell), steps.value.shape[1]).index_add(0, pair, steps.value[real])
    size = total.new_zeros(len(row.cell)).index_add_(0, pair, torch.ones_like(pair, dtype=total.dtype))
    num_used = total.new_zeros(len(row.cell)).index_add_(0, pair, steps.used[real].to(total.dtype))
    return Steps(total / size.clamp(min=1)[:, None], num_used > 0, row)
