"""A linear map that every known channel bends to its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelLinear(nn.Module):
    r"""What all channels share plus what is particular to each:

    .. math:: y = (W + \Delta_c)\, x + b + \delta_c

    The particular part begins at zero, and stays there for channel 0, the unknown ones.

    Args:
        num_channels: known channels plus one.
        inputs: width of x.
        outputs: width of y.

    Shapes: ``x`` [N, L, inputs], ``channel`` [N] int64; returns [N, L, outputs].

    Example:
        >>> linear = ChannelLinear(num_channels=3, inputs=4, outputs=2)
        >>> linear(torch.ones(2, 5, 4), torch.tensor([0, 1])).shape
        torch.Size([2, 5, 2])
    """

    def __init__(self, num_channels: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.shared = nn.Linear(inputs, outputs)
        self.own = nn.Embedding(num_channels, inputs * outputs, padding_idx=0)
        self.own_bias = nn.Embedding(num_channels, outputs, padding_idx=0)
        nn.init.zeros_(self.own.weight)
        nn.init.zeros_(self.own_bias.weight)

    def forward(self, x: Tensor, channel: Tensor) -> Tensor:
        """Apply; see the class for shapes."""
        own = self.own(channel).view(len(x), self.shared.in_features, self.shared.out_features)
        return torch.baddbmm((self.own_bias(channel) + self.shared.bias)[:, None], x, own + self.shared.weight.T)
