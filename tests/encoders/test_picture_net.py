"""A step longer than the map changes no value and no gradient."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from sensorgraph.encoders.picture_net import SteppingConv2d


def leave_rubbish_behind() -> None:
    """Freed memory full of NaN, for whoever reads what nobody wrote."""
    sizes = (64, 128, 256, 512, 1024, 2304, 4096, 16384, 65536)
    rubbish = [torch.full((size,), float("nan")) for size in sizes for _ in range(4)]
    rubbish.clear()


def gradient(conv: nn.Conv2d, maps: Tensor, direction: Tensor) -> Tensor:
    (found,) = torch.autograd.grad((conv(maps) * direction).sum(), conv.weight)
    return found


@pytest.mark.parametrize(("height", "width", "step"), [(1, 1, 2), (5, 1, 2), (1, 4, 2), (4, 3, 2), (2, 3, 4)])
def test_gradients_in_half_precision_are_those_in_full(height: int, width: int, step: int) -> None:
    torch.manual_seed(0)
    conv, plain = SteppingConv2d(16, 8, 3, step, padding=1), nn.Conv2d(16, 8, 3, step, padding=1)
    plain.load_state_dict(conv.state_dict())
    maps = torch.randn(6, 16, height, width)
    assert torch.equal(conv(maps), plain(maps))
    direction = torch.randn_like(conv(maps))
    expected = gradient(plain, maps, direction)
    for _ in range(10):
        leave_rubbish_behind()
        with torch.autocast("cpu", torch.bfloat16):
            found = gradient(conv, maps, direction)
        torch.testing.assert_close(found, expected, rtol=0.05, atol=0.1)
