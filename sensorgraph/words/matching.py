r"""Carry correlation of every high word with every low word, from their events alone.

If a high word steps exactly when, and in the direction in which, a low word rolls over, the two event series are the
same series. Their correlation

.. math:: \rho = \frac{\sum_t s_t c_t - \frac{1}{T}\sum_t s_t \sum_t c_t}{T \sigma_s \sigma_c}

with steps :math:`s` and carries :math:`c` is 1 for a pair whose changes stay below half a word, falls slowly with
rougher signals, and is near 0 for everything else. A channel with many events is represented by a random subset of
them, weighted back (Horvitz-Thompson), so that the cost per pair does not depend on the number of samples.

Reference: Horvitz and Thompson, A generalization of sampling without replacement from a finite universe, 1952.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sensorgraph.words.clock_group import ClockGroup, EventList
from sensorgraph.words.meeting import Meeting

MAX_EVENTS = 384
"""Events per channel that stand for all of them."""

DENSE_SAMPLES = 1_000_000
"""Up to so many samples in all, every event is used: sampling would cost more than it saves."""

BLOCK = 512
"""Low words that are matched at once; bounds the memory of the dense side."""


@dataclass(frozen=True)
class _Series:
    """One side's events on the clock of the meeting."""

    row: np.ndarray
    place: np.ndarray
    amount: np.ndarray
    total: np.ndarray
    square: np.ndarray
    kept: np.ndarray
    weight: np.ndarray
    share: np.ndarray


def _series(events: EventList, place: np.ndarray, num_rows: int, luck: np.ndarray) -> _Series:
    seen = place > 0
    row, place, amount = events.row[seen], place[seen], events.amount[seen]
    if len(row):
        # Events of a fast word inside one sample of a slow one add up to one; they arrive sorted.
        first = np.flatnonzero(np.r_[True, (np.diff(row) != 0) | (np.diff(place) != 0)])
        row, place, amount = row[first], place[first], np.add.reduceat(amount, first)
    count = np.bincount(row, minlength=num_rows)
    share = np.minimum(MAX_EVENTS / np.maximum(count, 1), 1.0)
    # One draw per moment, not per channel: two channels with the same events then keep the same ones.
    kept = luck[place] < share[row]
    return _Series(
        row,
        place,
        amount,
        np.bincount(row, amount, num_rows),
        np.bincount(row, amount.astype(np.float64) ** 2, num_rows),
        np.flatnonzero(kept),
        (1.0 / share).astype(np.float32),
        share,
    )


def _against(sampled: _Series, rows: int, full: _Series, full_rows: int, num: int) -> np.ndarray:
    """Sum of products of every sampled row with every full row, [rows, full_rows] float64."""
    keep = sampled.kept
    left = sparse.csr_matrix(
        (sampled.amount[keep] * sampled.weight[sampled.row[keep]], (sampled.row[keep], sampled.place[keep])),
        shape=(rows, num),
    )
    out = np.empty((rows, full_rows), np.float32)
    for first in range(0, full_rows, BLOCK):
        last = min(first + BLOCK, full_rows)
        lo, hi = np.searchsorted(full.row, [first, last])
        dense = np.zeros((num, last - first), np.float32)
        dense[full.place[lo:hi], full.row[lo:hi] - first] = full.amount[lo:hi]
        out[:, first:last] = left @ dense
    return out


def lag_correlations(high: ClockGroup, low: ClockGroup, lags: Sequence[int]) -> np.ndarray:
    """Carry correlation at each lag, by the better of both readings of the low words.

    Shapes: returns [lags, rows of high, rows of low] float32.
    """
    readings = [low.wraps, low.wraps_if_fast] if len(low.wraps_if_fast.row) else [low.wraps]
    value = np.zeros((len(lags), len(high.channel), len(low.channel)), np.float32)
    if not len(high.steps.row) or not len(low.wraps.row):
        return value
    num = len(high.time_s)
    if high is low and (2 * len(high.channel)) * num <= DENSE_SAMPLES:
        # On one clock a lag is a shift: the event series are laid out once for all lags.
        steps = _dense(high.steps, high.steps.sample, len(high.channel), num)
        for wraps in readings:
            carries = _dense(wraps, wraps.sample, len(low.channel), num)
            for number, lag in enumerate(lags):
                first, last = max(0, -lag), min(num, num - lag)
                if last - first > 1:
                    # What the first sample of the overlap shows has happened before it.
                    found = _dense_correlation(steps[:, first + 1 : last], carries[:, first + lag + 1 : last + lag])
                    np.maximum(value[number], found, out=value[number])
        return value
    for number, lag in enumerate(lags):
        meeting = Meeting.of(high, low, lag)
        for wraps in readings:
            np.maximum(value[number], correlate(meeting, wraps), out=value[number])
    return value


def correlate(meeting: Meeting, wraps: EventList) -> np.ndarray:
    """Correlate the steps of all high words of a meeting with the roll-overs of all its low words.

    Args:
        meeting: two groups on one clock.
        wraps: roll-overs of the low words.

    Shapes: returns [rows of high, rows of low] float32, about -1 to 1.

    Example:
        >>> import numpy as np
        >>> from sensorgraph.words.channel import WordChannel
        >>> from sensorgraph.words.table import WordTable
        >>> value = 300 * np.arange(2000)
        >>> halves = [WordChannel((value >> shift).astype(np.uint16), 50.0) for shift in (16, 0)]
        >>> group, = WordTable.of(halves).groups
        >>> correlate(Meeting.of(group, group, 0), group.wraps).round(2).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """
    rows, columns, num = len(meeting.high.channel), len(meeting.low.channel), len(meeting)
    if num < 2:
        return np.zeros((rows, columns), np.float32)
    if (rows + columns) * num <= DENSE_SAMPLES:
        high = _dense(meeting.high.steps, meeting.place_of(meeting.high.steps.sample, meeting.high_index), rows, num)
        low = _dense(wraps, meeting.place_of(wraps.sample, meeting.low_index), columns, num)
        return _dense_correlation(high, low)
    luck = np.random.default_rng(20260101).random(num)
    steps = meeting.high.steps
    high_events = _series(steps, meeting.place_of(steps.sample, meeting.high_index), rows, luck)
    low_events = _series(wraps, meeting.place_of(wraps.sample, meeting.low_index), columns, luck)
    product = _against(high_events, rows, low_events, columns, num)
    busy = (high_events.share < 1.0)[:, None] & (low_events.share[None, :] > high_events.share[:, None])
    if busy.any():
        # The side with fewer events lost fewer of them to sampling: its estimate of the same sum is better.
        product = np.where(busy, _against(low_events, columns, high_events, rows, num).T, product)
    return _correlation(product, (high_events.total, high_events.square), (low_events.total, low_events.square), num)


def _dense_correlation(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    sums = [(side.sum(axis=1), np.einsum("it,it->i", side, side)) for side in (high, low)]
    return _correlation(high @ low.T, sums[0], sums[1], high.shape[1])


def _dense(events: EventList, place: np.ndarray, rows: int, num: int) -> np.ndarray:
    total = np.bincount(events.row * num + place, events.amount, rows * num).reshape(rows, num).astype(np.float32)
    total[:, 0] = 0.0
    return total


def _correlation(
    product: np.ndarray, high: tuple[np.ndarray, np.ndarray], low: tuple[np.ndarray, np.ndarray], num: int
) -> np.ndarray:
    """From sums of products, sums and sums of squares."""
    covariance = product - np.outer(high[0], low[0]) / num
    spread_high = np.maximum(high[1] - high[0] ** 2 / num, 0.0)
    spread_low = np.maximum(low[1] - low[0] ** 2 / num, 0.0)
    scale = np.sqrt(np.outer(spread_high, spread_low))
    return np.divide(covariance, scale, out=np.zeros(scale.shape), where=scale > 1e-6).astype(np.float32)
