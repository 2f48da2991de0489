"""Convolution along a row of steps that neither neighbours nor (if causal) the future can enter."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class StepConv(nn.Module):
    """1-D convolution over a row: one matrix product per tap, on views of the row, so that nothing is copied.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel_size: taps.
        dilation: steps between taps.
        causal: look at earlier steps only.

    Shapes: steps [R, inputs] to [R, outputs]. The caller keeps gaps at 0 and at least `reach` wide.
    """

    def __init__(self, inputs: int, outputs: int, kernel_size: int, dilation: int = 1, causal: bool = False) -> None:
        super().__init__()
        span = (kernel_size - 1) * dilation
        self.dilation = dilation
        self.left = span if causal else span // 2
        self.right = span - self.left
        bound = (inputs * kernel_size) ** -0.5
        self.weight = nn.Parameter(torch.empty(kernel_size, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    @property
    def reach(self) -> int:
        """How many steps it looks to the farther side."""
        return max(self.left, self.right)

    def forward(self, steps: Tensor) -> Tensor:
        padded = F.pad(steps, (0, 0, self.left, self.right))
        total = torch.addmm(self.bias, padded[: len(steps)], self.weight[0])
        # In mixed precision the first product decides the type; in place nothing is cast by itself.
        padded, weight = padded.to(total.dtype), self.weight.to(total.dtype)
        for tap in range(1, len(weight)):
            begin = tap * self.dilation
            total.addmm_(padded[begin : begin + len(steps)], weight[tap])  # the sum itself needs no gradient
        return total


class ConvBlock(nn.Module):
    r"""Residual block :math:`x + W_2\,\sigma(W_1 * \mathrm{norm}(x))`; the norm is over the channels of one step.

    Shapes: steps [R, hidden], inside [R, 1] (0 in gaps); returns [R, hidden], 0 in gaps.

    Reference: He et al., "Identity Mappings in Deep Residual Networks" (2016), for the order of norm and convolution.
    """

    def __init__(self, hidden: int, kernel_size: int, dilation: int, causal: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.conv = StepConv(hidden, hidden, kernel_size, dilation, causal)
        self.mix = nn.Linear(hidden, hidden)

    def forward(self, steps: Tensor, inside: Tensor) -> Tensor:
        return steps + self.mix(F.gelu(self.conv(self.norm(steps) * inside))) * inside


class ConvStack(nn.Module):
    """Residual blocks whose reach doubles from one to the next (dilations 1, 2, 4, ...), or stays.

    Args:
        hidden: channels of a step.
        num_layers: blocks.
        kernel_size: taps of each convolution.
        causal: look at earlier steps only.
        dilate: double the dilation from block to block.

    Attributes:
        gap: empty steps that it needs between streams.

    Shapes: as `ConvBlock`.
    """

    def __init__(self, hidden: int, num_layers: int, kernel_size: int, causal: bool, dilate: bool = True) -> None:
        super().__init__()
        dilations = [2**i if dilate else 1 for i in range(num_layers)]
        self.blocks = nn.ModuleList(ConvBlock(hidden, kernel_size, dilation, causal) for dilation in dilations)
        self.gap = max((kernel_size - 1) * dilation for dilation in [*dilations, 0])

    def forward(self, steps: Tensor, inside: Tensor) -> Tensor:
        for block in self.blocks:
            steps = block(steps, inside)
        return steps
