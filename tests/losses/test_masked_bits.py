from __future__ import annotations

import math

import pytest
import torch

from sensorgraph.errors import DataError
from sensorgraph.losses import MaskedBits


def test_perfect_belief_costs_nothing() -> None:
    bits = torch.randint(0, 2, (3, 4, 16)).float()
    assert MaskedBits()(40 * bits - 20, bits, torch.ones(3, 4, dtype=torch.bool)).item() < 1e-6


def test_a_stream_counts_once_however_many_bits_are_hidden() -> None:
    bits = torch.zeros(2, 4, 16)
    logits = torch.zeros(2, 4, 16)
    logits[1] = -100
    hidden = torch.zeros(2, 4, 16, dtype=torch.bool)
    hidden[0, 0, 0] = True
    hidden[1] = True
    assert MaskedBits()(logits, bits, hidden).item() == pytest.approx(math.log(2) / 2)


def test_visible_bits_reach_neither_value_nor_gradient() -> None:
    torch.manual_seed(0)
    hidden = torch.rand(2, 4, 16) < 0.4
    logits = torch.randn(2, 4, 16).masked_fill(~hidden, torch.nan).requires_grad_()
    loss = MaskedBits()(logits, torch.zeros(2, 4, 16), hidden)
    loss.backward()
    assert logits.grad is not None
    assert torch.isfinite(loss)
    assert (logits.grad[~hidden] == 0).all()
    assert (logits.grad[hidden] > 0).all()


@pytest.mark.parametrize("num_streams", [0, 2])
def test_nothing_hidden_is_a_connected_zero(num_streams: int) -> None:
    logits = torch.zeros(num_streams, 4, 16, requires_grad=True)
    loss = MaskedBits()(logits, torch.zeros_like(logits), torch.zeros(num_streams, 4, 16, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None


def test_a_mask_of_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="boolean"):
        MaskedBits()(torch.zeros(1, 4, 16), torch.zeros(1, 4, 16), torch.ones(1, 4, 16))
