"""What the heads say of a channel or link depends on it alone, and every weight learns."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from sensorgraph.heads import BitmaskHead, ChannelTypeHead, OverflowHead, PairingHead, best_pair_of

NODES, LINKS, DIM, BINS = 5, 7, 8, 4
Rows = tuple[Tensor, ...]


def _draw() -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(0)
    return {
        "vectors": torch.randn(NODES, DIM, generator=random),
        "tokens": torch.randn(NODES, BINS, DIM, generator=random),
        "word_feature": torch.randn(NODES, 40, generator=random),
        "moved": (torch.rand(NODES, 16, generator=random) < 0.5).float(),
        "best_pair": torch.randn(NODES, generator=random),
        "link": torch.randint(NODES, (2, LINKS), generator=random),
        "evidence": torch.randn(LINKS, 6, generator=random),
        "bin_evidence": torch.randn(LINKS, BINS, 2, generator=random),
    }


def _heads() -> dict[str, tuple[nn.Module, Callable[[nn.Module, dict[str, Tensor]], Rows]]]:
    """Head, and how its rows follow from what was drawn (per node, or per link)."""
    torch.manual_seed(0)
    return {
        "type": (
            ChannelTypeHead(DIM, 40),
            lambda head, d: (head(d["vectors"], d["word_feature"], d["best_pair"]),),
        ),
        "bits": (
            BitmaskHead(DIM, 40, 2),
            lambda head, d: tuple(vars(head(d["vectors"], d["word_feature"], d["moved"])).values()),
        ),
        "pair": (
            PairingHead(DIM, 6),
            lambda head, d: tuple(vars(head(d["vectors"], d["link"], d["evidence"])).values()),
        ),
        "overflow": (
            OverflowHead(DIM, 2),
            lambda head, d: (head(d["tokens"], d["link"], d["bin_evidence"]),),
        ),
    }


SHAPES = {
    "type": [(NODES, 3)],
    "bits": [(NODES, 16), (NODES, 16)],
    "pair": [(LINKS,), (LINKS, 2)],
    "overflow": [(LINKS, BINS)],
}
PER_NODE = ("vectors", "tokens", "word_feature", "moved", "best_pair")
PER_LINK = ("evidence", "bin_evidence")


def _picked(drawn: dict[str, Tensor], nodes: Tensor, links: Tensor) -> dict[str, Tensor]:
    """Some nodes and links only, in another order; ``nodes`` must keep the ends of the links."""
    place = torch.full((NODES,), -1)
    place[nodes] = torch.arange(len(nodes))
    out = {name: drawn[name][nodes] for name in PER_NODE} | {name: drawn[name][links] for name in PER_LINK}
    return {**out, "link": place[drawn["link"][:, links]]}


@pytest.mark.parametrize("name", SHAPES)
def test_rows_have_their_shape_and_do_not_depend_on_each_other(name: str) -> None:
    head, rows_of = _heads()[name]
    drawn = _draw()
    together = rows_of(head, drawn)
    assert [tuple(part.shape) for part in together] == SHAPES[name]
    order = torch.arange(NODES).flip(0)
    some = torch.tensor([6, 2, 3])
    chosen = order if name in ("type", "bits") else some
    for part, alone in zip(together, rows_of(head, _picked(drawn, order, some)), strict=True):
        torch.testing.assert_close(alone, part[chosen], atol=1e-5, rtol=1e-5)
    none = torch.zeros(0, dtype=torch.int64)
    empty = _picked(drawn, none, none)
    assert all(part.shape[0] == 0 for part in rows_of(head, empty))


@pytest.mark.parametrize("name", SHAPES)
def test_every_weight_learns(name: str) -> None:
    head, rows_of = _heads()[name]
    torch.stack([part.square().sum() for part in rows_of(head, _draw())]).sum().backward()
    assert [key for key, weight in head.named_parameters() if weight.grad is None or not weight.grad.any()] == []


def test_the_order_of_a_pair_matters() -> None:
    """Which of the two is the high word must be told from where it stands."""
    head, rows_of = _heads()["pair"]
    drawn = _draw()
    drawn["link"] = torch.tensor([[0, 1], [1, 0]])
    drawn["evidence"] = drawn["evidence"][:1].expand(2, -1)
    order = rows_of(head, drawn)[1]
    assert (order[0] - order[1]).abs().max() > 1e-3


def test_the_type_does_not_bend_the_pair() -> None:
    head, rows_of = _heads()["type"]
    drawn = _draw()
    drawn["best_pair"].requires_grad_()
    rows_of(head, drawn)[0].sum().backward()
    assert drawn["best_pair"].grad is None


def test_the_best_pair_of_each_node() -> None:
    is_pair = torch.tensor([3.0, -20.0, 5.0], requires_grad=True)
    link = torch.tensor([[0, 2, 1], [1, 3, 0]])
    assert best_pair_of(is_pair, link, 5).tolist() == [5.0, 5.0, -8.0, -8.0, -8.0]
    assert best_pair_of(is_pair[:0], link[:, :0], 2).tolist() == [-8.0, -8.0]
