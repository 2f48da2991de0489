"""Types against scikit-learn, abstentions by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from sensorgraph.errors import DataError
from sensorgraph.evaluation.channel_types import type_figures


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_equals_scikit_learn(channels):
    truth, found = np.array(channels).T
    figures = type_figures(truth, found)
    assert figures.accuracy == pytest.approx((truth == found).mean())
    expected = f1_score(truth, found, labels=np.unique(truth), average="macro", zero_division=0)
    assert figures.macro_f1 == pytest.approx(expected)


def test_an_abstention_is_wrong_but_no_false_find():
    figures = type_figures([0, 0, 1], [0, -1, 1])
    assert figures.accuracy == pytest.approx(2 / 3)
    assert figures.f1[0] == pytest.approx(2 / 3)
    assert figures.f1[1] == 1
    assert figures.num_abstained == 1


@pytest.mark.parametrize(("truth", "found"), [([0], [0, 1]), ([], []), ([3], [0]), ([-1], [0]), ([0], [5])])
def test_refuses_what_is_no_type(truth, found):
    with pytest.raises(DataError, match="type_figures"):
        type_figures(truth, found)
