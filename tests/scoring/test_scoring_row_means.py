"""What a row says when channels are many, slow or missing."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.scoring.row_means import mean_of_largest
from sensorgraph.scoring.surprise import Surprise


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).exponential(size=(4000, 60))


def test_what_was_measured_once_counts_once() -> None:
    """A sample held for four rows weighs as much over them as one sample of a fast channel."""
    fast, slow = np.array([3.0, 1.0, 1.0, 1.0]), np.full(4, 3.0)
    rows = np.stack([fast, slow], 1)
    means = mean_of_largest(rows, np.ones(2), np.array([1.0, 0.25]))
    assert means.mean() == pytest.approx((fast.sum() + 3.0) / 5)


def test_equal_weights_are_no_weights(rows: np.ndarray) -> None:
    usual = rows.mean(0)
    np.testing.assert_array_equal(mean_of_largest(rows, usual, np.full(60, 0.5)), mean_of_largest(rows, usual))


@pytest.mark.parametrize("weight", [None, np.repeat([1.0, 0.1], 30)])
def test_missing_channels_do_not_change_what_is_usual(rows: np.ndarray, weight: np.ndarray | None) -> None:
    """The share of channels that is averaged stays the same, and so does its mean."""
    rows[:, ::2] *= 3.0
    usual = rows.mean(0)
    whole = mean_of_largest(rows, usual, weight)
    rows[:, ::3] = np.nan
    assert mean_of_largest(rows, usual, weight).mean() == pytest.approx(whole.mean(), rel=0.05)
    rows[5] = np.nan
    assert np.isnan(mean_of_largest(rows, usual, weight)[5])


def test_few_loud_channels_are_heard_among_hundreds() -> None:
    rows = np.random.default_rng(0).exponential(size=(1000, 500))
    calm = mean_of_largest(rows, rows.mean(0))
    rows[700, :10] += 6.0
    assert mean_of_largest(rows, rows.mean(0))[700] > calm.max()


def test_rows_are_about_one_whatever_the_weights(rows: np.ndarray) -> None:
    residuals = np.stack([rows] * 3).astype(np.float32)
    weight = np.repeat([1.0, 0.02], 30)
    surprise = Surprise.of(residuals, weight)
    assert surprise.of_rows(surprise.of_channels(residuals), weight).mean() == pytest.approx(1.0, abs=1e-3)


def test_a_gap_elsewhere_does_not_change_a_row() -> None:
    rng = np.random.default_rng(0)
    scaled, usual = np.abs(rng.normal(size=(50, 40))), rng.uniform(0.5, 1.0, 40)
    whole = mean_of_largest(scaled, usual)
    gappy = scaled.copy()
    gappy[10, :7] = np.nan
    found = mean_of_largest(gappy, usual)
    np.testing.assert_allclose(np.delete(found, 10), np.delete(whole, 10))
    assert found[10] == mean_of_largest(gappy[10:11], usual)[0]
