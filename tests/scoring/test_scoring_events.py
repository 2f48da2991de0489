"""Alarms become events; dependent scores give as many of them as were asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.signal import lfilter

from sensorgraph.errors import CalibrationWarning, DataError
from sensorgraph.scoring import Threshold, events_table, find_events, fit_threshold
from sensorgraph.scoring.events import alarm_rows
from sensorgraph.scoring.peaks import extremal_index, peaks_per_event, run_length, window_maxima
from sensorgraph.scoring.rate_curve import RateCurve


@pytest.fixture(scope="module")
def threshold() -> Threshold:
    return fit_threshold(np.random.default_rng(0).standard_normal(5_000), rate_per_sample=1e-3, sample_period_s=2.0)


def test_neighbouring_alarms_are_one_event(threshold: Threshold) -> None:
    scores = np.zeros(100)
    scores[[10, 11, 12, 50]] = [8.0, 9.0, 8.0, 7.0]
    first, second = find_events(scores, threshold)
    assert (first.start, first.stop, first.peak, first.num_alarms) == (10, 13, 11, 3)
    assert (first.start_s, first.end_s, first.peak_s, first.peak_score) == (20.0, 24.0, 22.0, 9.0)
    assert first.p_value < second.p_value < 1e-3


def test_the_merging_gap_can_be_stated(threshold: Threshold) -> None:
    scores = np.zeros(100)
    scores[[10, 20]] = 9.0
    times_s = np.arange(100) * 0.5
    assert len(find_events(scores, threshold, times_s=times_s, merge_gap_s=5.0)) == 1
    assert len(find_events(scores, threshold, times_s=times_s, merge_gap_s=4.9)) == 2


@pytest.mark.parametrize(("causal", "start"), [(False, 8), (True, 10)])
def test_an_event_reaches_as_far_as_scores_are_unusual(threshold: Threshold, causal: bool, start: int) -> None:
    scores = np.zeros(100)
    scores[8:15] = 2.0
    scores[[10, 11]] = 9.0
    scores[40:60] = 2.0  # unusual, but nowhere an alarm
    (event,) = find_events(scores, threshold, extent=1.5, causal=causal)
    assert (event.start, event.stop, event.peak, event.num_alarms) == (start, 15, 10, 2)
    (narrow,) = find_events(scores, threshold, extent=threshold.value + 1.0, causal=causal)
    assert (narrow.start, narrow.stop) == (10, 12)


@given(seed=st.integers(0, 1000), causal=st.booleans())
def test_the_extent_changes_no_alarm(seed: int, causal: bool) -> None:
    """It adds rows that touch an alarm, and splits or makes no event."""
    scores = np.random.default_rng(seed).exponential(size=200)
    rows = alarm_rows(scores, 3.0, 1.0, causal)
    assert (rows >= (scores > 3.0)).all()
    assert (scores[rows] > 1.0).all()
    starts = np.flatnonzero(np.diff(rows, prepend=False) & rows)
    ends = np.flatnonzero(np.diff(rows, append=False) & rows)
    assert all((scores[first : last + 1] > 3.0).any() for first, last in zip(starts, ends, strict=True))
    assert not causal or (scores[starts] > 3.0).all()


def test_no_alarm_gives_an_empty_table_with_columns(threshold: Threshold) -> None:
    table = events_table(find_events(np.array([0.0, np.nan]), threshold))
    assert len(table) == 0
    assert {"start_s", "end_s", "peak_score", "p_value"} <= set(table.columns)


def test_times_must_fit(threshold: Threshold) -> None:
    with pytest.raises(DataError, match="one time per score"):
        find_events(np.zeros(3), threshold, times_s=np.zeros(2))
    with pytest.raises(DataError, match="ascend"):
        find_events(np.zeros(3), threshold, times_s=np.array([0.0, 2.0, 1.0]))


def test_independent_scores_are_not_declustered() -> None:
    scores = np.random.default_rng(0).standard_normal(50_000)
    assert run_length(scores, 2.05) == 0
    assert extremal_index(scores, 2.05) > 0.9


def test_window_maxima_of_a_plateau() -> None:
    assert window_maxima(np.array([1.0, 5.0, 5.0, 5.0, 1.0, np.nan, 4.0]), 2).tolist() == [1, 6]
    assert window_maxima(np.array([np.nan, 1.0]), 0).tolist() == [1]


def test_events_of_a_dependent_series_come_at_the_asked_rate() -> None:
    def series(seed: int, num: int) -> np.ndarray:
        return lfilter([1.0], [1.0, -0.9], np.random.default_rng(seed).standard_normal(num))

    long = series(99, 1_000_000)
    ratios = []
    for seed in range(5):
        fitted = fit_threshold(series(seed, 50_000), events_per_day=86.4, sample_period_s=1.0)
        assert fitted.merge_gap > 0
        ratios.append(len(find_events(long, fitted)) / 1_000.0)
    assert 0.7 < np.median(ratios) < 1.4


def test_stretches_that_stay_high_are_counted_as_the_events_they_become(visits: Callable[[int], np.ndarray]) -> None:
    ratios = []
    for seed in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CalibrationWarning)
            threshold = fit_threshold(visits(seed), events_per_day=5e-4, sample_period_s=86_400.0, merge_gap=20)
        ratios.append(len(find_events(visits(100 + seed), threshold)) / 30.0)
    assert 0.6 < np.mean(ratios) < 1.7


@given(
    scores=hnp.arrays(np.float64, st.integers(1, 60), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])),
    gap=st.integers(0, 7),
)
def test_peaks_per_event_agrees_with_counting(scores: np.ndarray, gap: int) -> None:
    peaks, levels = window_maxima(scores, gap), np.array([-1.0, 0.0, 0.5, 2.0, 3.0])
    found = peaks_per_event(scores, peaks, gap, levels)
    for level, value in zip(levels, found, strict=True):
        above = np.flatnonzero(scores > level)
        num_events = len(above) and 1 + int((np.diff(above) > max(gap, 1)).sum())
        assert value == max(1.0, ((scores[peaks] > level).sum() + 1) / (num_events + 1))


@pytest.mark.parametrize("merge_gap", [0, 1, None])
def test_events_are_counted_alike_and_the_interval_is_one_of_events(merge_gap: int | None) -> None:
    def series(seed: int, num: int) -> np.ndarray:
        return lfilter([1.0], [1.0, -0.95], np.random.default_rng(seed).standard_normal(num))

    fitted = fit_threshold(series(0, 20_000), events_per_day=86.4, sample_period_s=1.0, merge_gap=merge_gap)
    assert 0.6 < len(find_events(series(1, 500_000), fitted)) / 500.0 < 1.6
    assert 2e-4 < fitted.achieved.low < 1e-3 < fitted.achieved.high < 4e-3
    assert fitted.p_value(np.array([-100.0]))[0] >= fitted.p_value(np.array([fitted.value]))[0]


def test_alarms_are_not_merged_over_longer_than_was_asked_between_them() -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal(20_000) + np.repeat(rng.standard_normal(100), 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        often, seldom = (fit_threshold(scores, events_per_day=rate, sample_period_s=86_400.0) for rate in (0.02, 1e-3))
    assert often.merge_gap == 12 < seldom.merge_gap


def test_a_curve_of_fewer_events_falls_from_where_they_are_most_frequent() -> None:
    levels, rates = np.arange(5.0), np.log([0.5, 0.4, 0.3, 0.2, 0.1])
    curve = RateCurve(levels, rates, rates - 1.0, rates + 1.0, stepwise=False)
    found = curve.divided(np.array([50.0, 10.0, 1.0, 1.0, 1.0]))
    assert found.levels.tolist() == [2.0, 3.0, 4.0]
    assert np.exp(found.log_rates) == pytest.approx([0.3, 0.2, 0.1])
    assert found.level_of(0.45) == 2.0
    assert (found.log_low < found.log_rates).all()
    assert (found.log_rates < found.log_high).all()
