"""Messages weigh the same whether they travel in a matrix or along links."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sensorgraph.fusion import carry as carry_module
from sensorgraph.fusion.carry import Route, carry

HEADS, WIDTH, BINS = 2, 3, 4


def drawn(sizes: list[int], seed: int) -> tuple[Tensor, Tensor, Tensor, Route]:
    """Value, presence, attention and route of scenes of the given sizes, nodes in any order, links perhaps double."""
    random = torch.Generator().manual_seed(seed)
    scene = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    scene = scene[torch.randperm(len(scene), generator=random)]
    nodes = len(scene)
    pairs = torch.randint(max(nodes, 1), (2, 6 * nodes), generator=random)
    pairs = pairs[:, scene[pairs[0]] == scene[pairs[1]]] if nodes else pairs
    return (
        torch.randn(nodes, BINS, HEADS, WIDTH, generator=random),
        torch.rand(nodes, BINS, generator=random) < 0.7,
        torch.rand(pairs.shape[1], HEADS, generator=random),
        Route.of(pairs[0], pairs[1], scene),
    )


def by_hand(value: Tensor, present: Tensor, attention: Tensor, route: Route) -> Tensor:
    """The mean as the formula says it, one number at a time."""
    out = torch.zeros_like(value)
    for receiver in range(len(value)):
        for bin_number in range(BINS):
            for head in range(HEADS):
                links = ((route.receiver == receiver) & present[route.sender, bin_number]).nonzero().squeeze(1)
                share = attention[links, head]
                if len(links):
                    said = value[route.sender[links], bin_number, head]
                    out[receiver, bin_number, head] = (share[:, None] * said).sum(0) / share.sum()
    return out


@settings(max_examples=6, deadline=None)
@given(sizes=st.lists(st.integers(0, 5), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_both_ways_follow_the_formula(sizes: list[int], seed: int) -> None:
    value, present, attention, route = drawn(sizes, seed)
    expected = by_hand(value, present, attention, route)
    with pytest.MonkeyPatch.context() as patch:
        for limit in (0, 10**6):
            patch.setattr(carry_module, "_DENSE_UP_TO", limit)
            torch.testing.assert_close(carry(value, present, attention, route), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("size", [carry_module._DENSE_UP_TO, carry_module._DENSE_UP_TO + 1])
def test_both_ways_agree_where_one_takes_over_from_the_other(size: int) -> None:
    value, present, attention, route = drawn([size, 3], 0)
    weight = present.float()
    said = value * weight[..., None, None]
    dense = carry_module._dense(said, weight, attention, route)
    sparse = carry_module._sparse(said, weight, attention, route)
    torch.testing.assert_close(dense, sparse, atol=1e-5, rtol=1e-4)
    taken = carry(value, present, attention, route)
    torch.testing.assert_close(taken, dense if size <= carry_module._DENSE_UP_TO else sparse, atol=0, rtol=0)
    with torch.no_grad():
        torch.testing.assert_close(carry(value, present, attention, route), sparse, atol=0, rtol=0)


def test_both_ways_have_the_same_gradient() -> None:
    value, present, attention, route = drawn([5, 3], 2)
    found = []
    for way in (carry_module._dense, carry_module._sparse):
        said, share = value.clone().requires_grad_(), attention.clone().requires_grad_()
        way(said * present[..., None, None], present.float(), share, route).square().sum().backward()
        found.append((said.grad, share.grad))
    torch.testing.assert_close(found[0], found[1], atol=1e-4, rtol=1e-4)


def test_nobody_present_is_heard_as_nothing() -> None:
    value, present, attention, route = drawn([4], 1)
    heard = carry(value, torch.zeros_like(present), attention, route)
    assert not heard.any()
