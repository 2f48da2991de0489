"""Training rows are scored as new ones would be."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.scoring.as_new import usual_and_scores
from sensorgraph.scoring.smoothing import WIDTHS, Usual, blend, not_by_chance


def test_a_block_does_not_set_its_own_height() -> None:
    rows = np.abs(np.random.default_rng(0).normal(size=(4, 1000)))
    rows[:, 200:300] += 2.0  # one stretch of training that was never seen before
    usual, as_new = usual_and_scores(rows, WIDTHS, causal=False)
    with_itself = blend(rows, usual, WIDTHS, causal=False).scores
    assert as_new[210:290].mean() > 1.5 * with_itself[210:290].mean()
    # Where nothing is odd both say the same, but for what few rows leave open.
    assert np.median(as_new[400:]) == pytest.approx(np.median(with_itself[400:]), rel=0.2)


@pytest.mark.parametrize("num_rows", [50, 51, 99, 100, 101, 2003])
@pytest.mark.parametrize("causal", [True, False])
def test_every_row_gets_one_score(num_rows: int, causal: bool) -> None:
    rows = np.abs(np.random.default_rng(0).normal(size=(4, num_rows)))
    rows[3, :9] = np.nan
    _, scores = usual_and_scores(rows, WIDTHS, causal)
    assert scores.shape == (num_rows,)
    assert np.isfinite(scores).all()
    assert (scores >= 0.0).all()


@pytest.mark.parametrize("num_rows", [55, 80, 120])
def test_few_rows_have_no_unit_of_their_own(num_rows: int) -> None:
    rows = np.abs(np.random.default_rng(0).normal(size=(4, num_rows)))
    (_, scores), (_, larger) = (usual_and_scores(factor * rows, WIDTHS, causal=False) for factor in (1.0, 100.0))
    np.testing.assert_allclose(larger, scores)


def test_what_wanders_is_trusted_as_it_is() -> None:
    usual = Usual(np.zeros((2, 1)), np.array([[1.0], [0.9]]), np.ones(1), 1.0)
    assert not_by_chance(usual, (5, 50), num_rows=[100, 100]).high.tolist() == usual.high.tolist()


def test_steady_means_of_many_rows_are_believed() -> None:
    usual = Usual(np.zeros((2, 1)), np.array([[1.0], [0.01]]), np.ones(1), 1.0)
    few, many = (not_by_chance(usual, (5, 50), [num_rows] * 2).high[1, 0] for num_rows in (200, 1_000_000))
    assert few > 1.5 * usual.high[1, 0]
    assert many == pytest.approx(usual.high[1, 0], rel=0.01)
