"""Positions as sines and cosines."""

from __future__ import annotations

import torch
from torch import Tensor


def sine_positions(position: Tensor, hidden: int) -> Tensor:
    """Sines and cosines of a position at speeds from 1 down to 1/50, so that no length is too long.

    Shapes: ``position`` [...] int64; returns [..., hidden] float32.

    Reference: Vaswani et al., "Attention Is All You Need" (2017).

    Example:
        >>> sine_positions(torch.tensor([0]), 4).tolist()
        [[0.0, 0.0, 1.0, 1.0]]
    """
    speed = torch.exp(torch.linspace(0, -4, (hidden + 1) // 2, device=position.device))
    angle = position[..., None] * speed
    return torch.cat([angle.sin(), angle.cos()], dim=-1)[..., :hidden]
