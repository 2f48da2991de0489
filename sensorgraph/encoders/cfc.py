"""Closed-form continuous-time cell: a recurrent cell that knows how much time has passed."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CfCCell(nn.Module):
    r"""One step of a closed-form liquid network.

    From the joined input and state, a small network makes :math:`z`; two heads say where the state would go at once and
    after long, and a gate of the elapsed time :math:`\Delta t` moves between them:

    .. math:: h' = (1 - g)\,\tanh(W_f z) + g\,\tanh(W_g z), \qquad g = \sigma(\Delta t\, W_a z + W_b z)

    Every stream of a batch has its own :math:`\Delta t`.

    Args:
        inputs: channels of the input.
        hidden: channels of the state.
        backbone: channels of :math:`z`.

    Shapes: input [N, inputs], state [N, hidden], gap [N, 1] (in any fixed unit of time); returns [N, hidden].

    Reference: Hasani et al., "Closed-form continuous-time neural networks", Nature Machine Intelligence (2022).

    Example:
        >>> cell = CfCCell(inputs=3, hidden=4, backbone=8)
        >>> cell(torch.zeros(2, 3), torch.zeros(2, 4), torch.tensor([[0.1], [5.0]])).shape
        torch.Size([2, 4])
    """

    def __init__(self, inputs: int, hidden: int, backbone: int) -> None:
        super().__init__()
        self.backbone = nn.Linear(inputs + hidden, backbone)
        self.heads = nn.Linear(backbone, 4 * hidden)

    def forward(self, value: Tensor, state: Tensor, gap: Tensor) -> Tensor:
        # Slope and height are LeCun's: unit variance in, unit variance out.
        shared = 1.7159 * torch.tanh(0.666 * self.backbone(torch.cat([value, state], dim=1)))
        soon, late, speed, start = self.heads(shared).chunk(4, dim=1)
        gate = torch.sigmoid(speed * gap + start)
        return torch.lerp(soon.tanh(), late.tanh(), gate)
