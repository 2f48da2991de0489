from __future__ import annotations

import pytest
import torch

from sensorgraph.errors import ConfigError, NonFiniteLossError, UnknownNameError
from sensorgraph.losses import KINDS, WeightedSum


def test_sums_and_logs_every_term() -> None:
    contrast = torch.tensor(2.0, requires_grad=True)
    overflow = torch.tensor(3.0, requires_grad=True)
    answer = WeightedSum({"contrast": 1.0, "overflow": 0.5})({"overflow": overflow, "contrast": contrast})
    answer.total.backward()
    assert answer.total.item() == 3.5
    assert contrast.grad is not None
    assert overflow.grad is not None
    assert (contrast.grad.item(), overflow.grad.item()) == (1.0, 0.5)
    scalars = {name: value.item() for name, value in answer.scalars("train").items()}
    assert scalars == {
        "train/total": 3.5,
        "train/raw/contrast": 2.0,
        "train/raw/overflow": 3.0,
        "train/weighted/contrast": 2.0,
        "train/weighted/overflow": 1.5,
    }
    assert not any(value.requires_grad for value in answer.scalars("train").values())


def test_weight_zero_is_logged_and_adds_nothing() -> None:
    answer = WeightedSum({"a": 1, "b": 0})({"a": torch.tensor(1.0), "b": torch.tensor(7.0)})
    assert (answer.total.item(), answer.raw["b"].item(), answer.weighted["b"].item()) == (1.0, 7.0, 0.0)


def test_names_must_agree_and_all_mistakes_are_listed() -> None:
    with pytest.raises(UnknownNameError) as error:
        WeightedSum({"contrast": 1.0, "pair": 1.0})({"contrst": torch.tensor(1.0)})
    assert "term 'contrst' has no weight; did you mean 'contrast'?" in str(error.value)
    assert "losses.pair: nothing computes this term" in str(error.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_term_that_is_not_finite_stops_with_its_name_and_the_scenes(value: float) -> None:
    terms = {"pair": torch.tensor(value), "contrast": torch.tensor(1.0)}
    with pytest.raises(NonFiniteLossError) as error:
        WeightedSum({"pair": 0.5, "contrast": 1.0})(terms, scene_ids=["run7@30", "run8@0"])
    assert "'pair'" in str(error.value)
    assert "'contrast'" not in str(error.value)
    assert "run7@30, run8@0" in str(error.value)


def test_impossible_weights_are_all_listed() -> None:
    with pytest.raises(ConfigError) as error:
        WeightedSum({"a": -1.0, "b": float("nan"), "c": True, "d": 1.0})
    assert len(error.value.problems) == 3
    with pytest.raises(ConfigError, match="no term has a weight"):
        WeightedSum({})


def test_every_kind_is_built_from_its_defaults() -> None:
    for name, kind in KINDS.items():
        assert isinstance(kind(**({"dim": 8} if name == "cpc" else {})), torch.nn.Module)
