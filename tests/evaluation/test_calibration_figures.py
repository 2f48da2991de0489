"""Calibration error and alarm rates against known truths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from sensorgraph.errors import DataError
from sensorgraph.evaluation.alarm_rate import alarm_rate
from sensorgraph.evaluation.calibration import calibration


def test_honest_probabilities_have_a_small_error_and_boasting_ones_a_large_one():
    draws = np.random.default_rng(0)
    stated = draws.random(50_000)
    outcomes = draws.random(50_000) < stated
    assert calibration(outcomes, stated).error < 0.01
    assert calibration(outcomes, (stated > 0.5).astype(float)).error == pytest.approx(0.25, abs=0.01)


def test_error_by_hand():
    figures = calibration([1, 0, 1, 1], [0.1, 0.1, 0.9, 0.9], num_bins=2)
    assert figures.error == pytest.approx(0.25)
    assert figures.largest_error == pytest.approx(0.4)
    assert figures.brier == pytest.approx((0.81 + 0.01 + 0.01 + 0.01) / 4)
    assert figures.counts.tolist() == [2, 2]


def test_probability_1_falls_into_the_last_bin():
    assert calibration([1, 0], [1.0, 0.0]).error == 0


@pytest.mark.parametrize("num_alarms", [0, 1, 7, 60])
def test_interval_ends_are_rates_at_which_the_count_is_just_credible(num_alarms):
    rate = alarm_rate(num_alarms, duration_s=2 * 86_400, asked_per_day=1.0)
    assert rate.per_day == num_alarms / 2
    assert poisson.cdf(num_alarms, 2 * rate.per_day_high) == pytest.approx(0.025)
    if num_alarms:
        assert poisson.sf(num_alarms - 1, 2 * rate.per_day_low) == pytest.approx(0.025)
    else:
        assert rate.per_day_low == 0


def test_agreement_needs_the_asked_rate_inside():
    assert alarm_rate(9, 86_400, asked_per_day=6).agrees
    assert not alarm_rate(30, 86_400, asked_per_day=6).agrees
    assert alarm_rate(9, 86_400, asked_per_day=6).ratio == 1.5


def test_refuses_impossible_input():
    with pytest.raises(DataError, match=r"0\.\.1"):
        calibration([0, 1], [0.2, 1.2])
    with pytest.raises(DataError, match="num_bins"):
        calibration([0, 1], [0.2, 0.2], num_bins=0)
    with pytest.raises(DataError, match="duration_s"):
        alarm_rate(1, 0, 1)
