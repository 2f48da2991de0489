from __future__ import annotations

import math

import pytest
import torch

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses import CPC


def _full(tokens: torch.Tensor) -> torch.Tensor:
    return torch.ones(tokens.shape[:2], dtype=torch.bool)


def test_a_predictor_that_says_nothing_pays_for_every_candidate() -> None:
    torch.manual_seed(0)
    loss = CPC(dim=4, num_steps=1)
    for weight in loss.predict.parameters():
        torch.nn.init.zeros_(weight)
    tokens = torch.randn(3, 5, 4)
    # Itself, 4 other bins of its stream, and the same bin of 2 other streams.
    assert loss(tokens, _full(tokens)).item() == pytest.approx(math.log(7), abs=1e-5)


def test_learns_what_the_past_tells() -> None:
    torch.manual_seed(0)
    code = torch.nn.functional.one_hot(torch.arange(8) % 4, 4).float()
    tokens = torch.stack([code.roll(shift, 0) for shift in range(4)])
    loss = CPC(dim=4, num_steps=1, temperature=0.2)
    optimiser = torch.optim.Adam(loss.parameters(), lr=0.02)
    before = loss(tokens, _full(tokens)).item()
    for _ in range(60):
        optimiser.zero_grad()
        value = loss(tokens, _full(tokens))
        value.backward()
        optimiser.step()
    # Tokens repeat every 4 bins, so that one distractor equals the truth and log 2 cannot always be beaten.
    assert value.item() < 0.75 < before


def test_what_is_masked_changes_nothing_and_gets_no_gradient() -> None:
    torch.manual_seed(1)
    loss = CPC(dim=4)
    tokens = torch.randn(3, 6, 4)
    mask = _full(tokens)
    mask[0, 2] = mask[1, 5] = mask[2, 0] = False
    spoilt = tokens.clone()
    spoilt[~mask] = torch.nan
    spoilt.requires_grad_()
    value = loss(spoilt, mask)
    assert torch.equal(value, loss(tokens, mask))
    value.backward()
    assert spoilt.grad is not None
    assert (spoilt.grad[~mask] == 0).all()
    assert (spoilt.grad[mask] != 0).any()


def test_a_bin_without_a_past_is_not_predicted() -> None:
    torch.manual_seed(2)
    tokens = torch.randn(2, 4, 4)
    mask = torch.zeros(2, 4, dtype=torch.bool)
    mask[:, 3] = True
    assert CPC(dim=4)(tokens, mask).item() == 0


@pytest.mark.parametrize("shape", [(0, 5, 4), (3, 1, 4), (3, 0, 4), (3, 5, 4)])
def test_nothing_to_predict_is_a_zero_that_reaches_every_weight(shape: tuple[int, int, int]) -> None:
    loss = CPC(dim=4)
    tokens = torch.randn(shape, requires_grad=True)
    value = loss(tokens, torch.zeros(shape[:2], dtype=torch.bool))
    value.backward()
    assert value.item() == 0
    assert all(p.grad is not None and (p.grad == 0).all() for p in [tokens, *loss.parameters()])


def test_steps_longer_than_the_scene_still_reach_every_weight() -> None:
    loss = CPC(dim=4, num_steps=5)
    tokens = torch.randn(2, 3, 4)
    loss(tokens, _full(tokens)).backward()
    assert all(p.grad is not None for p in loss.parameters())


def test_does_not_depend_on_the_order_of_streams() -> None:
    torch.manual_seed(3)
    loss = CPC(dim=4)
    tokens, order = torch.randn(5, 6, 4), torch.randperm(5)
    mask = torch.rand(5, 6) > 0.3
    assert torch.allclose(loss(tokens, mask), loss(tokens[order], mask[order]), atol=1e-6)


def test_a_draw_of_streams_costs_less_than_all() -> None:
    torch.manual_seed(4)
    tokens = torch.randn(40, 4, 4)
    loss = CPC(dim=4)
    every = loss(tokens, _full(tokens)).item()
    loss.max_streams = 4
    assert loss(tokens, _full(tokens)).item() < every


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ConfigError, match=r"cpc\.num_steps"):
        CPC(dim=4, num_steps=0)
    with pytest.raises(DataError, match="mask"):
        CPC(dim=4)(torch.zeros(2, 3, 4), torch.ones(2, 4, dtype=torch.bool))
    with pytest.raises(DataError, match="boolean"):
        CPC(dim=4)(torch.zeros(2, 3, 4), torch.ones(2, 3))
