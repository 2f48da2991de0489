"""Pair, order, overflow, type and bitmask: supervised by structure, known only in places."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses import BitmaskBCE, ChannelTypeLoss, OverflowBCE, PairBCE, PairOrder

# name -> (shape of logits for a given number of rows, number of classes or None for binary, call)
Call = Callable[[Tensor, Tensor, Tensor], Tensor]


def _pair(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    return PairBCE()(logits, truth.masked_fill(~known, -1))


def _overflow(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    return OverflowBCE()(logits, truth, known)


def _bitmask(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    return BitmaskBCE()(logits, truth, known)


def _order(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    return PairOrder()(logits, truth.masked_fill(~known, -1))


def _type(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    return ChannelTypeLoss()(logits, truth.masked_fill(~known, -1))


BINARY: list[tuple[Call, tuple[int, ...]]] = [(_pair, ()), (_overflow, (5,)), (_bitmask, (16,))]
CLASSES: list[tuple[Call, int]] = [(_order, 2), (_type, 3)]
BINARY_IDS = ["pair", "overflow", "bitmask"]
CLASSES_IDS = ["order", "type"]


@pytest.mark.parametrize(("call", "trailing"), BINARY, ids=BINARY_IDS)
def test_binary_losses_of_known_beliefs(call: Call, trailing: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    truth = torch.randint(0, 2, (7, *trailing))
    known = torch.ones(7, dtype=torch.bool)
    assert call(torch.zeros(7, *trailing), truth, known).item() == pytest.approx(math.log(2), abs=1e-5)
    assert call(40.0 * truth - 20, truth, known).item() < 1e-6
    assert call(20 - 40.0 * truth, truth, known).item() > 10


@pytest.mark.parametrize(("call", "num_classes"), CLASSES, ids=CLASSES_IDS)
def test_class_losses_of_known_beliefs(call: Call, num_classes: int) -> None:
    torch.manual_seed(0)
    truth = torch.randint(0, num_classes, (7,))
    known = torch.ones(7, dtype=torch.bool)
    assert call(torch.zeros(7, num_classes), truth, known).item() == pytest.approx(math.log(num_classes), abs=1e-5)
    belief = 40.0 * torch.nn.functional.one_hot(truth, num_classes)
    assert call(belief, truth, known).item() < 1e-6
    assert call(-belief, truth, known).item() > 10


EVERY: list[tuple[Call, tuple[int, ...], bool]] = [(call, trailing, True) for call, trailing in BINARY]
EVERY += [(call, (num_classes,), False) for call, num_classes in CLASSES]


@pytest.mark.parametrize(("call", "trailing", "is_binary"), EVERY, ids=BINARY_IDS + CLASSES_IDS)
def test_unknown_truth_reaches_neither_value_nor_gradient(
    call: Call, trailing: tuple[int, ...], is_binary: bool
) -> None:
    torch.manual_seed(1)
    known = torch.tensor([True, False, True, False, True])
    truth = torch.randint(0, 2, (5, *trailing) if is_binary else (5,))
    logits = torch.randn(5, *trailing)
    logits[~known] = torch.nan
    logits.requires_grad_()
    loss = call(logits, truth, known)
    loss.backward()
    assert logits.grad is not None
    assert torch.isfinite(loss)
    assert (logits.grad[~known] == 0).all()
    assert (logits.grad[known] != 0).all()
    assert torch.allclose(loss, call(logits[known], truth[known], known[known]), atol=1e-6)


@pytest.mark.parametrize(("call", "trailing", "is_binary"), EVERY, ids=BINARY_IDS + CLASSES_IDS)
@pytest.mark.parametrize("num_rows", [0, 4])
def test_nothing_known_is_a_connected_zero(
    call: Call, trailing: tuple[int, ...], is_binary: bool, num_rows: int
) -> None:
    logits = torch.randn(num_rows, *trailing, requires_grad=True)
    truth = torch.zeros((num_rows, *trailing) if is_binary else (num_rows,), dtype=torch.int64)
    loss = call(logits, truth, torch.zeros(num_rows, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


@pytest.mark.parametrize(("call", "trailing", "is_binary"), EVERY, ids=BINARY_IDS + CLASSES_IDS)
def test_does_not_depend_on_the_order_of_rows(call: Call, trailing: tuple[int, ...], is_binary: bool) -> None:
    torch.manual_seed(2)
    logits, order = torch.randn(6, *trailing), torch.randperm(6)
    truth = torch.randint(0, 2, (6, *trailing) if is_binary else (6,))
    known = torch.tensor([True, True, False, True, True, False])
    assert torch.allclose(call(logits, truth, known), call(logits[order], truth[order], known[order]), atol=1e-6)


def test_rare_roll_overs_are_heard() -> None:
    logits = torch.zeros(1, 100, requires_grad=True)
    overflow = torch.zeros(1, 100)
    overflow[0, 3] = 1
    for balance, pull in ((0.0, 0.005), (1.0, 0.25)):
        logits.grad = None
        OverflowBCE(balance)(logits, overflow, torch.ones(1, 100, dtype=torch.bool)).backward()
        assert logits.grad is not None
        assert logits.grad[0, 3].item() == pytest.approx(-pull, rel=1e-4)


def test_balanced_types_weigh_the_same() -> None:
    logits = torch.tensor([[9.0, 0, 0]]).repeat(10, 1)
    truth = torch.tensor([0] * 9 + [1])
    # Right on nine, wrong on one by 9 nats: a tenth without balance, a half with it.
    assert ChannelTypeLoss(balance=0)(logits, truth).item() == pytest.approx(0.9, abs=1e-2)
    assert ChannelTypeLoss(balance=1)(logits, truth).item() == pytest.approx(4.5, abs=1e-2)


def test_label_smoothing_stops_certainty() -> None:
    truth = torch.tensor([0])
    sure, surer = torch.tensor([[5.0, 0, 0]]), torch.tensor([[50.0, 0, 0]])
    smooth = ChannelTypeLoss(label_smoothing=0.1)
    assert smooth(surer, truth) > smooth(sure, truth)
    assert ChannelTypeLoss()(surer, truth) < ChannelTypeLoss()(sure, truth)


def test_bits_of_a_channel_that_are_partly_known_count_as_one_channel() -> None:
    bits = torch.zeros(2, 16)
    logits = torch.full((2, 16), -100.0)
    logits[0, 0] = 0
    known = torch.ones(2, 16, dtype=torch.bool)
    known[0, 1:] = False
    assert BitmaskBCE()(logits, bits, known).item() == pytest.approx(math.log(2) / 2)


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ConfigError, match="label_smoothing"):
        ChannelTypeLoss(label_smoothing=1.0)
    with pytest.raises(ConfigError, match=r"overflow_bce\.balance"):
        OverflowBCE(balance=2)
    with pytest.raises(DataError, match=r"logits \[4, 1\], is_pair \[4\]"):
        PairBCE()(torch.zeros(4, 1), torch.ones(4, dtype=torch.bool))
    with pytest.raises(DataError, match="boolean"):
        BitmaskBCE()(torch.zeros(4, 16), torch.zeros(4, 16), torch.ones(4))
    with pytest.raises(DataError, match=r"order \[3\]"):
        PairOrder()(torch.zeros(4, 2), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(DataError, match="mask"):
        OverflowBCE()(torch.zeros(4, 3), torch.zeros(4, 3), torch.ones(3, dtype=torch.bool))
