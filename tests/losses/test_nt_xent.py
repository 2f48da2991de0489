from __future__ import annotations

import math

import pytest
import torch

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses import NTXent


def test_vectors_that_are_all_the_same_cost_the_log_of_their_number() -> None:
    views = torch.ones(5, 3)
    # One positive and 2 * 5 - 2 equally near negatives.
    assert NTXent()(views, views).item() == pytest.approx(math.log(9), abs=1e-5)


def test_agrees_with_the_definition_written_out() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(4, 6), torch.randn(4, 6)
    unit = torch.nn.functional.normalize(torch.cat([first, second]), dim=1)
    expected = 0.0
    for i in range(8):
        partner = (i + 4) % 8
        others = sum(math.exp(float(unit[i] @ unit[j]) / 0.5) for j in range(8) if j % 4 != i % 4)
        positive = math.exp(float(unit[i] @ unit[partner]) / 0.5)
        expected -= math.log(positive / (positive + others)) / 8
    assert NTXent(temperature=0.5)(first, second).item() == pytest.approx(expected, rel=1e-5)


def test_windows_of_the_same_stream_do_not_repel() -> None:
    torch.manual_seed(0)
    first = torch.randn(4, 6, requires_grad=True)
    second = torch.randn(4, 6)
    assert NTXent()(first, second, torch.zeros(4, dtype=torch.int64)).item() == 0
    grouped = NTXent()(first, second, torch.tensor([0, 0, 1, 1]))
    assert 0 < grouped.item() < NTXent()(first, second).item()


def test_one_window_costs_nothing_and_stays_connected() -> None:
    first = torch.randn(1, 6, requires_grad=True)
    loss = NTXent()(first, torch.randn(1, 6))
    loss.backward()
    assert loss.item() == 0
    assert first.grad is not None
    assert first.grad.abs().max().item() == 0


def test_no_window_is_a_connected_zero() -> None:
    first = torch.randn(0, 6, requires_grad=True)
    loss = NTXent()(first, first)
    loss.backward()
    assert loss.item() == 0


def test_does_not_depend_on_the_order_of_windows_or_views() -> None:
    torch.manual_seed(1)
    first, second, order = torch.randn(6, 4), torch.randn(6, 4), torch.randperm(6)
    group = torch.tensor([0, 0, 1, 2, 3, 3])
    loss = NTXent()(first, second, group)
    assert torch.allclose(loss, NTXent()(first[order], second[order], group[order]), atol=1e-6)
    assert torch.allclose(loss, NTXent()(second, first, group), atol=1e-6)


def test_a_step_down_the_gradient_brings_the_views_together() -> None:
    torch.manual_seed(2)
    first = torch.randn(5, 4, requires_grad=True)
    second = torch.randn(5, 4)
    NTXent(temperature=1.0)(first, second).backward()
    assert first.grad is not None
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(first - 0.5 * first.grad, second).mean() > cosine(first, second).mean()


def test_huge_and_dead_vectors_keep_value_and_gradient_finite() -> None:
    first = torch.stack([torch.zeros(4), torch.full((4,), 1e18), torch.ones(4)]).requires_grad_()
    loss = NTXent(temperature=0.01)(first, first.detach().roll(1, 0))
    loss.backward()
    assert torch.isfinite(loss)
    assert first.grad is not None
    assert torch.isfinite(first.grad).all()


def test_a_draw_of_negatives_costs_less_than_all() -> None:
    torch.manual_seed(3)
    views = torch.randn(20, 4)
    assert NTXent(max_negatives=8)(views, views).item() < NTXent()(views, views).item()


def test_half_precision_inputs_are_compared_in_full_precision() -> None:
    torch.manual_seed(4)
    views = torch.randn(8, 16).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = NTXent()(views, views)
    assert mixed.dtype == torch.float32
    assert torch.equal(mixed, NTXent()(views.float(), views.float()))


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ConfigError, match="temperature"):
        NTXent(temperature=0)
    with pytest.raises(DataError, match=r"first \[3, 2\], second \[4, 2\]"):
        NTXent()(torch.zeros(3, 2), torch.zeros(4, 2))
