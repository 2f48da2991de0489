"""Random numbers for transforms: from a given generator, else from torch's global one."""

from __future__ import annotations

import torch
from torch import Tensor

Generator = torch.Generator | None


def uniform(*shape: int, like: Tensor, generator: Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Uniform float32 numbers on the device of ``like``, drawn where the generator lives.

    Example:
        >>> numbers = uniform(2, 3, like=torch.zeros(1), generator=torch.Generator().manual_seed(0), low=5, high=6)
        >>> numbers.shape, bool((numbers >= 5).all() and (numbers <= 6).all())
        (torch.Size([2, 3]), True)
    """
    device = like.device if generator is None else generator.device
    return torch.rand(*shape, generator=generator, device=device).to(like.device) * (high - low) + low


def normal(*shape: int, like: Tensor, generator: Generator) -> Tensor:
    """Standard normal float32 numbers on the device of ``like``, drawn where the generator lives."""
    device = like.device if generator is None else generator.device
    return torch.randn(*shape, generator=generator, device=device).to(like.device)
