"""Attribution: ties earn chance, perfect blame earns 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from sensorgraph.errors import DataError
from sensorgraph.evaluation.attribution import attribution_figures


@given(st.integers(0, 1000), st.integers(2, 12))
def test_perfect_blame_is_perfect_and_order_of_streams_does_not_matter(seed, num_streams):
    draws = np.random.default_rng(seed)
    causes = draws.random((4, num_streams)) < 0.4
    causes[:, 0] = True
    perfect = attribution_figures(causes.astype(float), causes, k=1)
    assert (perfect.top_1, perfect.hit_rate_at_k, perfect.hit_rate_100, perfect.hit_rate_150) == (1, 1, 1, 1)
    assert perfect.ndcg_100 == pytest.approx(1)
    blame = draws.integers(3, size=causes.shape).astype(float)
    order = draws.permutation(num_streams)
    here, there = attribution_figures(blame, causes), attribution_figures(blame[:, order], causes[:, order])
    assert here.hit_rate_150 == pytest.approx(there.hit_rate_150)
    assert here.ndcg_150 == pytest.approx(there.ndcg_150)


def test_blame_that_says_nothing_earns_chance():
    causes = np.zeros((1, 10), dtype=bool)
    causes[0, :4] = True
    figures = attribution_figures(np.ones((1, 10)), causes)
    assert figures.top_1 == pytest.approx(0.4)
    assert figures.hit_rate_100 == pytest.approx(0.4)
    assert figures.hit_rate_150 == pytest.approx(0.6)


def test_by_hand():
    figures = attribution_figures([[5, 4, 3, 2, 1.0]], [[1, 0, 1, 0, 1]], k=2)
    assert figures.top_1 == 1
    assert figures.hit_rate_at_k == 0.5
    assert figures.hit_rate_100 == pytest.approx(2 / 3)
    assert figures.hit_rate_150 == pytest.approx(2 / 3)  # floor(4.5) = 4 streams


@given(st.integers(0, 1000))
def test_ndcg_equals_scikit_learn(seed):
    draws = np.random.default_rng(seed)
    causes = np.zeros(8, dtype=int)
    causes[draws.permutation(8)[:3]] = 1
    blame = draws.integers(4, size=8).astype(float)
    expected = ndcg_score(causes[None], blame[None], k=3)
    assert attribution_figures(blame[None], causes[None]).ndcg_100 == pytest.approx(expected)


def test_a_stream_without_score_ranks_last():
    assert attribution_figures([[np.nan, -5.0]], [[1, 0]]).top_1 == 0


@pytest.mark.parametrize(
    ("blame", "causes", "k", "word"),
    [
        ([[1.0, 2.0]], [[0, 0]], 1, "each event needs one"),
        ([[1.0, 2.0]], [[0, 1, 0]], 1, "events, N"),
        ([[1.0, 2.0]], [[0, 1]], 0, "k must be"),
    ],
)
def test_refuses_what_it_cannot_judge(blame, causes, k, word):
    with pytest.raises(DataError, match=word):
        attribution_figures(blame, causes, k)
