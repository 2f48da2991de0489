from __future__ import annotations

import math

import pytest
import torch

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses import PairContrast


def test_agrees_with_the_definition_written_out() -> None:
    torch.manual_seed(0)
    embeddings = torch.randn(6, 5)
    link = torch.tensor([[0, 1], [2, 0], [0, 3], [1, 4], [4, 5], [2, 3]]).T
    is_pair = torch.tensor([True, False, False, False, False, True])
    unit = torch.nn.functional.normalize(embeddings, dim=1)

    def near(a: int, b: int) -> float:
        return float(unit[a] @ unit[b]) / 0.3

    def cost(own: float, rivals: list[float]) -> float:
        return math.log(1 + sum(math.exp(rival - own) for rival in rivals))

    expected = [
        cost(near(0, 1), [near(2, 0), near(0, 3)]),  # stream 0
        cost(near(0, 1), [near(1, 4)]),  # stream 1
        cost(near(2, 3), [near(2, 0)]),  # stream 2
        cost(near(2, 3), [near(0, 3)]),  # stream 3
    ]
    loss = PairContrast(temperature=0.3)(embeddings, link, is_pair)
    assert loss.item() == pytest.approx(sum(expected) / 4, rel=1e-5)


def test_embeddings_that_are_all_the_same_cost_the_log_of_their_number() -> None:
    link = torch.tensor([[0, 0, 0, 1, 1], [1, 2, 3, 2, 3]])
    is_pair = torch.tensor([True, False, False, False, False])
    assert PairContrast()(torch.ones(4, 3), link, is_pair).item() == pytest.approx(math.log(3), abs=1e-5)


def test_the_reverse_of_a_pair_is_not_its_rival() -> None:
    link = torch.tensor([[0, 1], [1, 0]])
    loss = PairContrast()(torch.randn(2, 3), link, torch.tensor([True, False]))
    assert loss.item() == 0


def test_a_step_down_the_gradient_brings_partners_nearer_than_rivals() -> None:
    torch.manual_seed(1)
    embeddings = torch.randn(4, 8, requires_grad=True)
    link = torch.tensor([[0, 0, 1], [1, 2, 3]])
    PairContrast(1.0)(embeddings, link, torch.tensor([True, False, False])).backward()
    assert embeddings.grad is not None
    moved = embeddings - 0.5 * embeddings.grad
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(moved[0], moved[1], dim=0) > cosine(embeddings[0], embeddings[1], dim=0)
    assert cosine(moved[0], moved[2], dim=0) < cosine(embeddings[0], embeddings[2], dim=0)


def test_streams_without_a_link_have_no_gradient() -> None:
    embeddings = torch.randn(5, 4, requires_grad=True)
    link = torch.tensor([[0, 1], [1, 2]])
    PairContrast()(embeddings, link, torch.tensor([True, False])).backward()
    assert embeddings.grad is not None
    assert (embeddings.grad[3:] == 0).all()
    assert (embeddings.grad[:3] != 0).any()


def test_a_link_of_unknown_truth_plays_no_part() -> None:
    torch.manual_seed(3)
    link = torch.tensor([[0, 0, 0, 1], [1, 2, 3, 3]])
    is_pair = torch.tensor([1, 0, -1, -1])
    embeddings = torch.randn(4, 6, requires_grad=True)
    loss = PairContrast()(embeddings, link, is_pair)
    loss.backward()
    assert torch.equal(loss, PairContrast()(embeddings, link[:, :2], is_pair[:2]))
    assert embeddings.grad is not None
    assert (embeddings.grad[3] == 0).all()


def test_does_not_depend_on_the_order_or_direction_of_links() -> None:
    torch.manual_seed(2)
    embeddings = torch.randn(8, 4)
    link = torch.combinations(torch.arange(8)).T
    is_pair = torch.rand(28) < 0.2
    order = torch.randperm(28)
    loss = PairContrast()(embeddings, link, is_pair)
    assert torch.allclose(loss, PairContrast()(embeddings, link[:, order].flip(0), is_pair[order]), atol=1e-6)


@pytest.mark.parametrize("pairs", [[False, False], [True, True]])
def test_no_pair_or_no_rival_is_a_connected_zero(pairs: list[bool]) -> None:
    embeddings = torch.randn(3, 4, requires_grad=True)
    loss = PairContrast()(embeddings, torch.tensor([[0, 1], [1, 2]]), torch.tensor(pairs))
    loss.backward()
    assert loss.item() == 0
    assert embeddings.grad is not None
    assert (embeddings.grad == 0).all()


def test_no_stream_and_no_link_is_a_connected_zero() -> None:
    embeddings = torch.randn(0, 4, requires_grad=True)
    loss = PairContrast()(embeddings, torch.zeros(2, 0, dtype=torch.int64), torch.zeros(0, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0


def test_a_cold_temperature_stays_finite() -> None:
    embeddings = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]], requires_grad=True)
    loss = PairContrast(1e-4)(embeddings, torch.tensor([[0, 0], [1, 2]]), torch.tensor([True, False]))
    loss.backward()
    assert loss.item() == pytest.approx(2e4, rel=1e-4)
    assert embeddings.grad is not None
    assert torch.isfinite(embeddings.grad).all()


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ConfigError, match="temperature"):
        PairContrast(-1)
    with pytest.raises(DataError, match="transpose"):
        PairContrast()(torch.zeros(3, 2), torch.zeros(5, 2, dtype=torch.int64), torch.zeros(5, dtype=torch.bool))
