"""Splits share no time."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.graph.splits import Span, spans_overlap, split_recordings, split_time

SHARES = {"train": 0.5, "validation": 0.2, "calibration": 0.1, "test": 0.2}
durations = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(50, 1000), min_size=4, max_size=9)


@settings(max_examples=40, deadline=None)
@given(durations, st.integers(0, 5))
def test_recordings_go_to_one_split_each(durations_s, seed):
    splits = split_recordings(durations_s, SHARES, seed)
    assert list(splits) == list(SHARES)
    names = [span.recording_id for spans in splits.values() for span in spans]
    assert sorted(names) == sorted(durations_s)
    assert all(splits.values())
    assert all(
        span == Span(span.recording_id, 0.0, durations_s[span.recording_id]) for s in splits.values() for span in s
    )
    assert splits == split_recordings(durations_s, SHARES, seed)


@settings(max_examples=40, deadline=None)
@given(durations, st.floats(0, 10))
def test_time_splits_keep_their_order_gap_and_share(durations_s, gap_s):
    splits = split_time(durations_s, SHARES, gap_s)
    for one, two in combinations(splits.values(), 2):
        assert not spans_overlap(one, two)
    for name, duration_s in durations_s.items():
        spans = [span for split in splits.values() for span in split if span.recording_id == name]
        for before, after in pairwise(spans):
            assert after.start_s - before.end_s == pytest.approx(gap_s, abs=1e-6)
        assert spans[0].start_s == 0
        assert spans[-1].end_s == pytest.approx(duration_s)
        usable = duration_s - 3 * gap_s
        for span, share in zip(spans, SHARES.values(), strict=True):
            assert span.end_s - span.start_s == pytest.approx(share * usable)


def test_other_seeds_split_otherwise():
    durations_s = {f"r{k}": 10.0 for k in range(12)}
    assert len({split_recordings(durations_s, SHARES, seed)["test"] for seed in range(5)}) > 1


def test_overlap():
    assert spans_overlap([Span("a", 0, 10)], [Span("a", 9, 20)])
    assert not spans_overlap([Span("a", 0, 10)], [Span("a", 10, 20)])
    assert not spans_overlap([Span("a", 0, 10)], [Span("b", 0, 10)])


@pytest.mark.parametrize("shares", [{}, {"train": 0.5}, {"train": 1.2, "test": -0.2}, {"train": 0.0, "test": 1.0}])
def test_impossible_shares_are_refused(shares):
    with pytest.raises(DataError, match="shares must be positive and add up to 1"):
        split_recordings({"a": 1.0, "b": 1.0}, shares)
    with pytest.raises(DataError, match="shares must be positive and add up to 1"):
        split_time({"a": 1.0}, shares, 0.0)


def test_too_few_recordings_and_too_short_ones_are_refused():
    with pytest.raises(DataError, match="3 recordings cannot fill 4 splits"):
        split_recordings({"a": 1.0, "b": 1.0, "c": 1.0}, SHARES)
    with pytest.raises(DataError, match=r"recording 'a': too short.*got 6 s"):
        split_time({"a": 6.0}, SHARES, gap_s=2.0)
    with pytest.raises(DataError, match="gap_s must be 0 or more"):
        split_time({"a": 6.0}, SHARES, gap_s=-1.0)
