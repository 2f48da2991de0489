from __future__ import annotations

import pytest
import torch

from sensorgraph.errors import ConfigError
from sensorgraph.losses.balance import balanced_bce, check_balance


def test_uniform_logits_cost_log_two_whatever_the_balance() -> None:
    target = torch.tensor([1.0, 0.0, 0.0, 0.0])
    for balance in (0.0, 0.5, 1.0):
        assert balanced_bce(torch.zeros(4), target, balance).item() == pytest.approx(0.693147, abs=1e-5)


def test_full_balance_gives_each_class_half_of_the_pull() -> None:
    logits = torch.zeros(10, requires_grad=True)
    target = torch.zeros(10)
    target[0] = 1
    balanced_bce(logits, target, 1.0).backward()
    assert logits.grad is not None
    assert logits.grad[0].item() == pytest.approx(-0.25)
    assert logits.grad[1:].sum().item() == pytest.approx(0.25)


def test_one_class_alone_is_the_plain_mean() -> None:
    logits = torch.tensor([-1.0, 2.0, 0.5])
    assert torch.allclose(balanced_bce(logits, torch.zeros(3), 1.0), balanced_bce(logits, torch.zeros(3), 0.0))
    assert torch.allclose(balanced_bce(logits, torch.ones(3), 1.0), balanced_bce(logits, torch.ones(3), 0.0))


@pytest.mark.parametrize("balance", [-0.1, 1.1, float("nan")])
def test_impossible_balance_is_refused(balance: float) -> None:
    with pytest.raises(ConfigError, match=r"pair_bce\.balance"):
        check_balance("pair_bce", balance)
