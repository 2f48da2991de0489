"""Edges of events lie where the evidence changes, and cost no event."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.scoring import Threshold, find_events, fit_threshold
from sensorgraph.scoring.edges import Edges
from sensorgraph.scoring.events import alarm_rows
from sensorgraph.scoring.smoothing import moving_mean

WIDE = 51


@pytest.mark.parametrize("height", [3.0, 30.0])
def test_an_event_begins_and_ends_where_the_evidence_does(height: float) -> None:
    rng = np.random.default_rng(0)
    quick = np.abs(rng.normal(0.0, 0.5, 1000))
    quick[400:520] += height
    smeared = moving_mean(quick, WIDE, causal=False)
    rows = alarm_rows(smeared, 1.5, 0.8)
    found = np.flatnonzero(Edges(quick, WIDE, sure=1.6).sharpened(rows, smeared))
    assert np.ptp(np.flatnonzero(rows)) > 125
    assert abs(found[0] - 400) <= 2
    assert abs(found[-1] - 519) <= 2


def test_what_grows_slowly_has_begun_before_it_is_half_as_high() -> None:
    quick = np.concatenate([np.zeros(200), np.linspace(0.0, 60.0, 100)])
    rows = np.arange(300) >= 170
    start = [int(Edges(quick, 100, sure=sure).sharpened(rows, quick).argmax()) for sure in (3.0, np.inf)]
    assert start[0] == pytest.approx(205, abs=1)
    assert start[1] > 215


@given(seed=st.integers(0, 10_000), reach=st.integers(0, 60))
def test_every_stretch_keeps_its_peak_and_gains_nothing(seed: int, reach: int) -> None:
    rng = np.random.default_rng(seed)
    scores = moving_mean(rng.exponential(size=300), 9, causal=False)
    rows = alarm_rows(scores, 1.6, 1.2)
    kept = Edges(rng.exponential(size=300), reach, sure=2.0).sharpened(rows, scores)
    assert not (kept & ~rows).any()
    steps = np.diff(rows.astype(int), prepend=0, append=0)
    for first, last in zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0), strict=True):
        inside = np.flatnonzero(kept[first:last])
        assert kept[first + scores[first:last].argmax()]
        assert inside[0] <= reach
        assert last - first - 1 - inside[-1] <= reach
        assert (np.diff(inside) == 1).all()


@pytest.fixture(scope="module")
def threshold() -> Threshold:
    return fit_threshold(np.random.default_rng(0).exponential(size=5_000), rate_per_sample=1e-2)


@given(seed=st.integers(0, 1000))
def test_events_are_as_many_with_edges_as_without(threshold: Threshold, seed: int) -> None:
    rng = np.random.default_rng(seed)
    quick = rng.exponential(size=1000)
    scores = 2.0 * moving_mean(quick, 5, causal=False)
    plain = find_events(scores, threshold, extent=2.0, merge_gap_s=8.0)
    sharp = find_events(scores, threshold, extent=2.0, merge_gap_s=8.0, edges=Edges(quick, 5, sure=4.0))
    assert [event.peak for event in sharp] == [event.peak for event in plain]
    assert all(one.num_alarms == (scores[one.start : one.stop] > threshold.value).sum() for one in sharp)
    assert all(
        wide.start <= one.start <= one.peak < one.stop <= wide.stop for one, wide in zip(sharp, plain, strict=True)
    )


@pytest.mark.parametrize("sharp", [False, True])
def test_no_event_goes_on_across_a_gap_in_time(threshold: Threshold, sharp: bool) -> None:
    """What follows the gap is an event of its own if it alarms, and none if it is merely unusual."""
    scores = np.array([0.1, 9.0, 12.0, 9.0, 9.0, 10.0, 0.1, 9.0, 3.0, 3.0])
    times_s = np.array([0.0, 1.0, 2.0, 3.0, 100.0, 101.0, 102.0, 103.0, 200.0, 201.0])
    edges = Edges(scores, 5, sure=4.0) if sharp else None
    found = find_events(scores, threshold, times_s=times_s, merge_gap_s=1.5, extent=1.0, edges=edges)
    assert [(event.start, event.stop, event.peak) for event in found] == [(1, 4, 2), (4, 6, 5), (7, 8, 7)]


def test_neighbouring_rows_belong_together_however_slow_they_are(threshold: Threshold) -> None:
    scores = np.where(np.isin(np.arange(100), [40, 41, 42]), 9.0, 0.1)
    (event,) = find_events(scores, threshold, times_s=np.arange(100) * 25.0)
    assert (event.start, event.stop) == (40, 43)


def test_edges_of_other_scores_are_refused(threshold: Threshold) -> None:
    with pytest.raises(DataError, match="edges"):
        find_events(np.ones(5), threshold, edges=Edges(np.ones(4), 2, 1.0))


def test_of_equal_places_an_edge_takes_the_nearest_to_the_peak() -> None:
    rows = np.arange(50) // 40 < 1
    peak = np.where(np.arange(50) == 20, 9.0, 5.0)
    assert np.flatnonzero(Edges(np.zeros(50), 50, 4.0).sharpened(rows, peak)).tolist() == [20]
