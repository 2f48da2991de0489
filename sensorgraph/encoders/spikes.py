"""Leaky integrate-and-fire neurons with real time gaps."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

_STEEPNESS = 5.0


class Spike(torch.autograd.Function):
    r"""1 where the membrane is above its threshold, else 0.

    The step has no useful slope, so the backward pass uses that of a fast sigmoid,
    :math:`1 / (1 + k\,|v|)^2`.

    Reference: Zenke and Ganguli, "SuperSpike: Supervised Learning in Multilayer Spiking Neural Networks" (2018).
    """

    @staticmethod
    def forward(ctx: Any, above_threshold: Tensor) -> Tensor:
        ctx.save_for_backward(above_threshold)
        return (above_threshold > 0).to(above_threshold.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (above_threshold,) = ctx.saved_tensors
        return gradients[0] / (1 + _STEEPNESS * above_threshold.abs()).square()


class LeakyIntegrateAndFire(nn.Module):
    r"""Membranes that charge, leak with true time, and are lowered by 1 when they fire.

    .. math:: v_t = e^{-\Delta t/\tau}\, v_{t-1} + I_t - s_{t-1}, \qquad s_t = [\,v_t > 1\,]

    Args:
        hidden: neurons; each learns its own time constant :math:`\tau`.
        time_constant: where they all begin, in the unit of the gaps.
    """

    def __init__(self, hidden: int, time_constant: float) -> None:
        super().__init__()
        self.log_time_constant = nn.Parameter(torch.full((hidden,), math.log(time_constant)))

    def forward(self, current: Tensor, gap: Tensor) -> Tensor:
        """Spikes of a sequence.

        Shapes: ``current`` [N, M, hidden], ``gap`` [N, M, 1]; returns [N, M, hidden] in {0, 1}, typed as the current.
        """
        kept = torch.exp(-gap / self.log_time_constant.to(current.dtype).exp())
        membrane = spike = torch.zeros_like(current[:, 0]) if current.shape[1] else current.sum(1)
        spikes = []
        for step in range(current.shape[1]):
            membrane = kept[:, step] * membrane + current[:, step] - spike
            spike = Spike.apply(membrane - 1)
            spikes.append(spike)
        return torch.stack(spikes, dim=1) if spikes else current
