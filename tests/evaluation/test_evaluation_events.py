"""Event-wise measures by hand and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.evaluation.events import event_figures, joined, runs

flags = st.lists(st.booleans(), max_size=60).map(np.array)


@given(flags)
def test_runs_rebuild_the_flags(values):
    rebuilt = np.zeros(len(values), dtype=bool)
    for start, end in runs(values):
        assert start < end
        rebuilt[start:end] = True
    assert (rebuilt == values.astype(bool)).all()


@given(flags, st.integers(0, 5))
def test_joined_runs_are_further_apart_than_the_gap(values, gap):
    events = runs(values)
    together = joined(events, gap)
    assert (together[1:, 0] - together[:-1, 1] > gap).all()
    if len(events):
        assert together[0, 0] == events[0, 0]
        assert together[-1, 1] == events[-1, 1]


def test_recall_precision_and_delay_by_hand():
    #         0  1  2  3  4  5  6  7  8  9
    labels = [0, 1, 1, 1, 0, 0, 1, 1, 0, 0]
    alarms = [1, 0, 0, 1, 1, 0, 0, 0, 0, 1]
    figures = event_figures(labels, alarms)
    assert (figures.num_events, figures.num_alarm_events) == (2, 3)
    assert figures.recall == 0.5
    assert figures.precision == pytest.approx(1 / 3)
    assert figures.mean_delay_bins == 2


def test_chatter_joins_to_one_alarm():
    labels = [0, 0, 0, 0, 0, 1, 1]
    alarms = [1, 0, 1, 0, 0, 1, 0]
    assert event_figures(labels, alarms).precision == pytest.approx(1 / 3)
    assert event_figures(labels, alarms, join_gap_bins=1).precision == pytest.approx(1 / 2)


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_alarms_equal_to_the_labels_are_perfect(labels):
    figures = event_figures(labels, labels)
    if any(labels):
        assert (figures.recall, figures.precision, figures.f1, figures.mean_delay_bins) == (1.0, 1.0, 1.0, 0.0)
    else:
        assert np.isnan(figures.recall)
        assert np.isnan(figures.precision)


def test_refuses_other_shapes_and_a_negative_gap():
    with pytest.raises(DataError, match="shape"):
        event_figures([0, 1], [0])
    with pytest.raises(DataError, match="join_gap_bins"):
        event_figures([0, 1], [0, 1], join_gap_bins=-1)
