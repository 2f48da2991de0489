"""Expert diversity and cosine norm: terms without a truth."""

from __future__ import annotations

import math

import pytest
import torch

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses import CosineNorm, ExpertDiversity


def test_gates_between_the_extremes_have_the_value_written_out() -> None:
    gates = torch.tensor([[0.8, 0.2], [0.4, 0.6]])

    def entropy(*probabilities: float) -> float:
        return -sum(p * math.log(p) for p in probabilities)

    overall = entropy(0.6, 0.4) / math.log(2)
    each = (entropy(0.8, 0.2) + entropy(0.4, 0.6)) / 2 / math.log(2)
    expected = 2 * (1 - overall) + 3 * (1 - overall + each)
    assert ExpertDiversity(2, 3)(gates).item() == pytest.approx(expected, rel=1e-5)


def test_a_starving_expert_is_pulled_up() -> None:
    logits = torch.tensor([[3.0, 0.0, 0.0]]).repeat(6, 1).requires_grad_()
    ExpertDiversity(1, 0)(logits.softmax(-1)).backward()
    assert logits.grad is not None
    assert (logits.grad[:, 0] > 0).all()
    assert (logits.grad[:, 1:] < 0).all()


def test_diversity_sharpens_gates_that_differ() -> None:
    logits = torch.tensor([[0.5, 0.0], [0.0, 0.5]], requires_grad=True)
    ExpertDiversity(0, 1)(logits.softmax(-1)).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0] < 0 < logits.grad[0, 1]


def test_hard_gates_have_finite_gradients() -> None:
    logits = torch.randn(5, 4, requires_grad=True)
    top = logits.topk(2, dim=-1)
    gates = torch.full_like(logits, -torch.inf).scatter(1, top.indices, top.values).softmax(-1)
    ExpertDiversity()(gates).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_unused_gates_count_nothing() -> None:
    gates = torch.rand(2, 3, 4, requires_grad=True)
    mask = torch.tensor([[True, False, True], [False, True, True]])
    ExpertDiversity()(gates, mask).backward()
    assert gates.grad is not None
    assert (gates.grad[~mask] == 0).all()
    assert torch.equal(ExpertDiversity()(gates, mask), ExpertDiversity()(gates[mask]))


@pytest.mark.parametrize("shape", [(0, 4), (5, 1)])
def test_no_gates_or_one_expert_is_a_connected_zero(shape: tuple[int, int]) -> None:
    gates = torch.ones(shape, requires_grad=True)
    loss = ExpertDiversity()(gates)
    loss.backward()
    assert loss.item() == 0
    assert gates.grad is not None


def test_vectors_on_the_sphere_cost_nothing() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(5, 9), dim=-1)
    assert CosineNorm(radius=1.0)(vectors).item() < 1e-10
    assert CosineNorm()(3 * vectors).item() < 1e-10


def test_a_step_down_the_gradient_leads_to_the_sphere() -> None:
    vectors = torch.tensor([[0.1, 0.0], [5.0, 5.0]], requires_grad=True)
    CosineNorm(radius=1.0)(vectors).backward()
    assert vectors.grad is not None
    assert vectors.grad[0, 0] < 0
    assert (vectors.grad[1] > 0).all()


def test_masked_and_dead_vectors_keep_the_gradient_finite() -> None:
    vectors = torch.tensor([[torch.nan, 1.0], [0.0, 0.0], [2.0, 0.0]], requires_grad=True)
    mask = torch.tensor([False, True, True])
    loss = CosineNorm(radius=1.0)(vectors, mask)
    loss.backward()
    assert loss.item() == pytest.approx(1.0)
    assert vectors.grad is not None
    assert torch.isfinite(vectors.grad).all()
    assert (vectors.grad[0] == 0).all()


def test_no_vector_is_a_connected_zero() -> None:
    vectors = torch.zeros(0, 4, requires_grad=True)
    loss = CosineNorm()(vectors)
    loss.backward()
    assert loss.item() == 0


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ConfigError, match="load_weight"):
        ExpertDiversity(load_weight=-1)
    with pytest.raises(ConfigError, match="radius"):
        CosineNorm(radius=0)
    with pytest.raises(DataError, match="experts"):
        ExpertDiversity()(torch.ones(4))
