"""Intervals cover as often as they say, and pairing helps."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.errors import DataError
from sensorgraph.evaluation.intervals import bootstrap_mean, paired_difference, spread_over_seeds


def test_coverage_is_near_the_confidence():
    draws = np.random.default_rng(0)
    intervals = [bootstrap_mean(draws.normal(size=30), 0.9, num_resamples=500, seed=k) for k in range(300)]
    covered = np.mean([interval.low <= 0 <= interval.high for interval in intervals])
    assert 0.83 < covered < 0.94


def test_pairing_sees_a_small_difference_between_unequal_recordings():
    difficulty = np.linspace(0, 1, 12)
    noise = np.random.default_rng(0).normal(scale=0.01, size=12)
    assert paired_difference(difficulty + 0.05 + noise, difficulty).excludes_zero
    assert not paired_difference(difficulty + noise, difficulty + noise[::-1]).excludes_zero


def test_seeds_are_averaged_and_are_no_recordings():
    ours = np.array([[0.5, 0.6, 0.7], [0.7, 0.8, 0.9]])
    difference = paired_difference(ours, np.array([0.5, 0.6, 0.7]))
    assert difference.num_samples == 3
    assert difference.mean == pytest.approx(0.1)
    assert difference.low == pytest.approx(difference.high)


def test_same_seed_same_interval():
    values = np.random.default_rng(1).random(9)
    assert bootstrap_mean(values, seed=4) == bootstrap_mean(values, seed=4)


def test_spread_by_hand():
    spread = spread_over_seeds([0.6, 0.8])
    assert (spread.mean, spread.lowest, spread.highest, spread.num_seeds) == (pytest.approx(0.7), 0.6, 0.8, 2)
    assert spread.std == pytest.approx(np.sqrt(0.02))
    assert np.isnan(spread_over_seeds([0.5]).std)


def test_refuses_what_has_no_interval():
    with pytest.raises(DataError, match="2 or more"):
        bootstrap_mean([0.5])
    with pytest.raises(DataError, match="finite"):
        bootstrap_mean([0.5, np.nan])
    with pytest.raises(DataError, match="confidence"):
        bootstrap_mean([0.5, 0.6], confidence=95)
    with pytest.raises(DataError, match="same recordings"):
        paired_difference([0.5, 0.6], [0.5, 0.6, 0.7])
    with pytest.raises(DataError, match="per seed"):
        spread_over_seeds([])
