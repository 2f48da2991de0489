from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses import MaskedSpan, Reconstructed


def _part(num_streams: int = 2, num_bins: int = 3, num_features: int = 4) -> Reconstructed:
    shape = (num_streams, num_bins, num_features)
    seen = torch.ones(num_streams, num_bins, dtype=torch.bool)
    return Reconstructed(torch.zeros(shape), torch.zeros(shape), torch.zeros(shape), seen, seen)


def test_gaussian_equals_the_likelihood_of_torch() -> None:
    torch.manual_seed(0)
    part = replace(_part(), mean=torch.randn(2, 3, 4), log_variance=torch.randn(2, 3, 4), target=torch.randn(2, 3, 4))
    expected = torch.nn.functional.gaussian_nll_loss(part.mean, part.target, part.log_variance.exp())
    assert torch.allclose(MaskedSpan(min_sigma=1e-6)({"sensor": part}), expected, atol=1e-5)


def test_smooth_l1_of_known_residuals() -> None:
    part = replace(_part(1, 1, 2), target=torch.tensor([[[0.5, -3.0]]]))
    assert MaskedSpan("smooth_l1")({"sensor": part}).item() == pytest.approx((0.125 + 2.5) / 2)


def test_perfect_reconstruction_costs_nothing() -> None:
    assert MaskedSpan("smooth_l1")({"sensor": _part()}).item() == 0


def test_modalities_streams_and_bins_count_once_each() -> None:
    one = MaskedSpan("smooth_l1")
    small = replace(_part(1, 1, 1), target=torch.full((1, 1, 1), 1.5))  # costs 1
    large = _part(7, 5, 200)  # costs 0
    assert one({"sensor": small, "image": large}).item() == pytest.approx(0.5)

    # Two streams, one of them with a single known element that is wrong.
    part = _part(2, 3, 4)
    observed = torch.ones(2, 3, 4, dtype=torch.bool)
    observed[0] = False
    observed[0, 1, 2] = True
    target = torch.zeros(2, 3, 4)
    target[0, 1, 2] = 1.5
    assert one({"sensor": replace(part, observed=observed, target=target)}).item() == pytest.approx(0.5)

    # Two bins of one stream, one of them with a single known feature that is wrong.
    part = _part(1, 2, 4)
    observed = torch.ones(1, 2, 4, dtype=torch.bool)
    observed[0, 0, 1:] = False
    target = torch.zeros(1, 2, 4)
    target[0, 0, 0] = 1.5
    assert one({"sensor": replace(part, observed=observed, target=target)}).item() == pytest.approx(0.5)


@pytest.mark.parametrize("likelihood", ["gaussian", "smooth_l1"])
def test_only_what_is_hidden_and_observed_has_a_gradient(likelihood: str) -> None:
    torch.manual_seed(1)
    hidden = torch.rand(3, 5) < 0.5
    observed = torch.rand(3, 5, 4) < 0.5
    counted = hidden[..., None] & observed
    mean = torch.randn(3, 5, 4).masked_fill(~counted, torch.nan).requires_grad_()
    log_variance = torch.randn(3, 5, 4).masked_fill(~counted, torch.inf).requires_grad_()
    target = torch.randn(3, 5, 4).masked_fill(~observed, torch.nan)
    loss = MaskedSpan(likelihood)({"audio": Reconstructed(mean, log_variance, target, observed, hidden)})  # type: ignore[arg-type]
    loss.backward()
    assert torch.isfinite(loss)
    assert mean.grad is not None
    assert (mean.grad[~counted] == 0).all()
    assert (mean.grad[counted] != 0).all()
    if likelihood == "gaussian":
        assert log_variance.grad is not None
        assert (log_variance.grad[~counted] == 0).all()


@pytest.mark.parametrize("log_variance", [-1e4, -50.0, 0.0, 50.0, 1e4])
def test_any_claimed_variance_keeps_value_and_gradient_finite(log_variance: float) -> None:
    claimed = torch.full((1, 1, 1), log_variance, requires_grad=True)
    part = replace(_part(1, 1, 1), log_variance=claimed, target=torch.full((1, 1, 1), 10.0))
    loss = MaskedSpan()({"sensor": part})
    loss.backward()
    assert torch.isfinite(loss)
    assert claimed.grad is not None
    assert torch.isfinite(claimed.grad).all()


def test_over_confidence_has_a_way_out() -> None:
    claimed = torch.full((1, 1, 1), -12.0, requires_grad=True)
    part = replace(_part(1, 1, 1), log_variance=claimed, target=torch.ones(1, 1, 1))
    MaskedSpan(min_sigma=0.01)({"sensor": part}).backward()
    assert claimed.grad is not None
    assert claimed.grad.item() < 0  # a larger variance would cost less


def test_beta_one_pulls_the_mean_like_a_squared_error() -> None:
    for log_variance in (-2.0, 0.0, 3.0):
        mean = torch.zeros(1, 1, 1, requires_grad=True)
        part = replace(_part(1, 1, 1), mean=mean, log_variance=torch.full((1, 1, 1), log_variance))
        MaskedSpan(beta=1.0)({"sensor": replace(part, target=torch.full((1, 1, 1), 2.0))}).backward()
        assert mean.grad is not None
        assert mean.grad.item() == pytest.approx(-2.0, rel=1e-5)


def test_does_not_depend_on_the_order_of_streams() -> None:
    torch.manual_seed(2)
    observed = torch.rand(6, 5, 4) < 0.5
    hidden = torch.rand(6, 5) < 0.5
    part = Reconstructed(torch.randn(6, 5, 4), torch.randn(6, 5, 4), torch.randn(6, 5, 4), observed, hidden)
    order = torch.randperm(6)
    moved = Reconstructed(*(getattr(part, name)[order] for name in part.__dataclass_fields__))
    assert torch.allclose(MaskedSpan()({"sensor": part}), MaskedSpan()({"sensor": moved}), atol=1e-6)


def test_nothing_hidden_is_a_zero_that_reaches_every_modality() -> None:
    means = [torch.zeros(2, 3, 4, requires_grad=True), torch.zeros(0, 3, 4, requires_grad=True)]
    nothing = torch.zeros(2, 3, dtype=torch.bool)
    parts = {
        "sensor": replace(_part(), mean=means[0], hidden=nothing),
        "image": replace(_part(0), mean=means[1]),
    }
    loss = MaskedSpan()(parts)
    loss.backward()
    assert loss.item() == 0
    assert all(mean.grad is not None for mean in means)


def test_a_modality_with_nothing_hidden_does_not_dilute_the_others() -> None:
    wrong = replace(_part(), target=torch.full((2, 3, 4), 1.5))
    empty = replace(_part(), hidden=torch.zeros(2, 3, dtype=torch.bool))
    assert MaskedSpan("smooth_l1")({"sensor": wrong, "text": empty}).item() == pytest.approx(1.0)


def test_half_precision_is_summed_in_full_precision() -> None:
    part = replace(_part(1, 1, 1), mean=torch.full((1, 1, 1), 300.0, dtype=torch.float16))
    part = replace(part, target=torch.zeros(1, 1, 1), log_variance=torch.zeros(1, 1, 1, dtype=torch.float16))
    # 300^2 does not exist in float16.
    assert MaskedSpan()({"sensor": part}).item() == pytest.approx(45000, rel=1e-3)


def test_bad_arguments_are_named() -> None:
    for arguments in ({"likelihood": "laplace"}, {"beta": 2.0}, {"min_sigma": 0.0}):
        with pytest.raises(ConfigError, match=next(iter(arguments))):
            MaskedSpan(**arguments)
    with pytest.raises(ConfigError, match="no modality"):
        MaskedSpan()({})
    with pytest.raises(DataError, match="log_variance"):
        MaskedSpan()({"sensor": replace(_part(), log_variance=torch.zeros(2, 3, 1))})
