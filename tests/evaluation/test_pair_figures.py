"""Pairs: order apart from finding, abstentions counted."""

from __future__ import annotations

import math

import pytest

from sensorgraph.errors import DataError
from sensorgraph.evaluation.pairs import pair_figures

TRUE = [("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")]


def test_by_hand():
    figures = pair_figures(TRUE, [("a", "b"), ("d", "c"), ("a", "e")], abstained_pairs=[("h", "g"), ("x", "y")])
    assert figures.counts.precision == pytest.approx(2 / 3)
    assert figures.counts.recall == 0.5
    assert figures.counts.f1 == pytest.approx(4 / 7)
    assert figures.order_accuracy == 0.5
    assert (figures.num_abstained, figures.num_abstained_true) == (2, 1)


def test_the_truth_is_perfect_and_nothing_is_nan_not_zero():
    assert pair_figures(TRUE, TRUE).counts.f1 == 1
    assert pair_figures(TRUE, TRUE).order_accuracy == 1
    nothing = pair_figures(TRUE, [])
    assert math.isnan(nothing.order_accuracy)
    assert math.isnan(nothing.counts.precision)
    assert nothing.counts.f1 == 0
    assert math.isnan(pair_figures([], []).counts.f1)


@pytest.mark.parametrize(
    ("found", "abstained", "word"),
    [
        ([("a", "a")], [], "itself"),
        ([("a", "b"), ("b", "a")], [], "once"),
        ([("a", "b")], [("b", "a")], "either found or abstained"),
    ],
)
def test_refuses_contradictions(found, abstained, word):
    with pytest.raises(DataError, match=word):
        pair_figures(TRUE, found, abstained)
