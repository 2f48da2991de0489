"""Channels of one recording by clock, and the rows that are scored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

_HELD_SAMPLES = 3.0
"""A value that is older than so many periods of its channel says nothing any more."""

_CUT_OFF = 5.0
"""Nor does a past that ended so many periods ago."""

_COMMON = 0.95
"""Share of the steps between rows that are no longer than what is common."""

_LEAST_SHARE = 0.02
"""Evidence is averaged over fifty rows at most, in which a slow channel says something new once at least."""


@dataclass(frozen=True)
class Group:
    """Channels that were sampled at the same instants.

    Attributes:
        channels: [G] number of each channel.
        times_s: [N] of the samples (s), ascending.
        rows: [N] row in which each sample is first known, ascending.
        values: [N, G] float64 (or what the caller gave), NaN where missing.
        period_s: usual time between samples (s).
    """

    channels: np.ndarray
    times_s: np.ndarray
    rows: np.ndarray
    values: np.ndarray
    period_s: float

    @property
    def whole(self) -> np.ndarray:
        """[N] bool, False at samples that do not follow the one before within a few periods."""
        return ~after_gap(self.times_s, self.period_s)

    def cut(self, first_row: int, last_row: int) -> Group:
        """Samples of rows ``first_row`` to ``last_row`` (not included), which become the rows from 0."""
        first, last = np.searchsorted(self.rows, [first_row, last_row])
        return replace(
            self,
            times_s=self.times_s[first:last],
            rows=self.rows[first:last] - first_row,
            values=self.values[first:last],
        )

    def place(self, samples: np.ndarray, row_times_s: np.ndarray) -> np.ndarray:
        """What holds in every row: the newest sample, until it is too old.

        Shapes: ``samples`` [N, G]; returns [T, G], NaN where there is nothing.
        """
        if len(self.rows) == len(row_times_s) and (self.rows == np.arange(len(row_times_s))).all():
            return samples
        newest = np.searchsorted(self.rows, np.arange(len(row_times_s)), side="right") - 1
        known = newest >= 0
        if len(samples) == 0:
            return np.full((len(row_times_s), samples.shape[1]), np.nan, samples.dtype)
        newest = np.maximum(newest, 0)
        known &= row_times_s - self.times_s[newest] < _HELD_SAMPLES * self.period_s
        return np.where(known[:, None], samples[newest], samples.dtype.type(np.nan))


@dataclass(frozen=True)
class Telemetry:
    """All channels of a recording, each on its own clock.

    Attributes:
        names: of the channels.
        times_s: [T] of the rows (s): the instants at which the fastest channels were sampled.
        period_s: usual time between rows (s).
        groups: channels by clock; a channel that is absent is in none of them.
        named: whether the names are the user's, and not numbers of columns.
        step_s: what is common between rows in training, where that is more than the period (s).
    """

    names: tuple[str, ...]
    times_s: np.ndarray
    period_s: float
    groups: tuple[Group, ...]
    named: bool = True
    step_s: float = 0.0

    @property
    def num_rows(self) -> int:
        return len(self.times_s)

    def periods_s(self) -> np.ndarray:
        """[C] usual time between samples of each channel (s), NaN for absent ones."""
        periods = np.full(len(self.names), np.nan)
        for group in self.groups:
            periods[group.channels] = group.period_s
        return periods

    def begins(self) -> np.ndarray | None:
        """[T] bool, True at rows that do not follow the one before within a few periods; None where all do."""
        found = after_gap(self.times_s, max(self.period_s, self.step_s))
        return found if found.any() else None

    def common_step_s(self) -> float:
        """A long step between rows, but one that is made now and then (s): clocks may be slower at times."""
        return float(np.quantile(np.diff(self.times_s), _COMMON)) if self.num_rows > 1 else self.period_s

    def samples_per_row(self) -> np.ndarray:
        """[C] how much of what each channel says in a row is new there, 1 for absent ones."""
        share = np.nan_to_num(self.period_s / self.periods_s(), nan=1.0)
        return np.clip(share, _LEAST_SHARE, 1.0)

    def cut(self, first_row: int, last_row: int) -> Telemetry:
        """Some of the rows."""
        groups = tuple(group.cut(first_row, last_row) for group in self.groups)
        return replace(self, times_s=self.times_s[first_row:last_row], groups=groups)

    def without(self, rows: np.ndarray) -> Telemetry:
        """The same with nothing known in some rows. Shapes: ``rows`` [T] bool."""
        groups = tuple(
            replace(group, values=np.where(rows[group.rows][:, None], np.nan, group.values)) for group in self.groups
        )
        return replace(self, groups=groups)

    def parts(self, num_rows: int, num_before: int) -> Iterator[tuple[int, Telemetry]]:
        """Consecutive parts with rows that come before them for context: how many of those, and both together."""
        for first in range(0, max(self.num_rows, 1), num_rows):
            before = min(num_before, first)
            yield before, self.cut(first - before, min(first + num_rows, self.num_rows))

    def context_rows(self, num_samples: int) -> int:
        """Rows that hold the last ``num_samples`` samples of every channel, and what is held of older ones."""
        slowest = max((group.period_s for group in self.groups), default=self.period_s)
        return int(np.ceil((num_samples + _HELD_SAMPLES + 1.0) * max(slowest / self.period_s, 1.0)))


def after_gap(times_s: np.ndarray, step_s: float) -> np.ndarray:
    """Whether samples come more than a few steps after the one before. Shapes: ``times_s`` [N]; returns [N] bool.

    Example:
        >>> after_gap(np.array([0.0, 1.0, 2.0, 90.0, 91.0]), 1.0).tolist()
        [False, False, False, True, False]
    """
    return np.append(False, np.diff(times_s) > _CUT_OFF * step_s)[: len(times_s)]


def first_together(whole: np.ndarray) -> np.ndarray:
    """First sample that those up to each one follow without a gap. Shapes: ``whole`` [N] bool; returns [N].

    Example:
        >>> first_together(np.array([True, True, False, True])).tolist()
        [0, 0, 2, 2]
    """
    return np.maximum.accumulate(np.where(whole, 0, np.arange(len(whole))))


def held(values: np.ndarray, most: int = int(_HELD_SAMPLES), whole: np.ndarray | None = None) -> np.ndarray:
    """Short gaps bridged by the last value before them; none is carried across a gap in time.

    Shapes: ``values`` [N, G], NaN where missing; ``whole`` [N] as in `Group.whole`, None where it is True throughout;
    returns [N, G].

    Example:
        >>> held(np.array([[1.0], [np.nan], [np.nan], [4.0]]), most=1)[:, 0].tolist()
        [1.0, 1.0, nan, 4.0]
    """
    missing = np.isnan(values)
    if not missing.any():
        return values
    place = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(missing, -1, place), axis=0)
    near = (last >= 0) & (place - last <= most)
    if whole is not None:
        near &= last >= first_together(whole)[:, None]
    return np.where(near, np.take_along_axis(values, np.maximum(last, 0), axis=0), values)
