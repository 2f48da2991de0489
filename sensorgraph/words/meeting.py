"""Two groups of channels on one clock: where the samples of high and low words meet, for a given lag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.clock_group import ClockGroup
from sensorgraph.words.table import hold_index


@dataclass(frozen=True)
class Meeting:
    """High words of one group against low words of another, on the clock of the slower of the two.

    Attributes:
        high, low: the groups.
        lag: by how many of *its own* samples the low word is late.
        high_index, low_index: [Q] int64, which samples of either group meet (sample-and-hold).
    """

    high: ClockGroup
    low: ClockGroup
    lag: int
    high_index: np.ndarray
    low_index: np.ndarray

    @staticmethod
    def of(high: ClockGroup, low: ClockGroup, lag: int) -> Meeting:
        """The meeting of two groups, or of a group with itself."""
        if high is low:
            num = len(high.time_s)
            at = np.arange(max(0, -lag), max(min(num, num - lag), max(0, -lag)))
            return Meeting(high, low, lag, at, at + lag)
        if low.rate_hz >= high.rate_hz:
            high_index = np.arange(len(high.time_s))
            low_index = hold_index(low.time_s, high.time_s + lag / low.rate_hz)
            # After its last sample the low word is not known; holding it would make up a match or a miss.
            known = (low_index >= 0) & (high.time_s + lag / low.rate_hz <= low.time_s[-1] + 1.0 / low.rate_hz)
        else:
            low_index = np.arange(len(low.time_s))
            high_index = hold_index(high.time_s, low.time_s - lag / low.rate_hz)
            known = (high_index >= 0) & (low.time_s - lag / low.rate_hz <= high.time_s[-1] + 1.0 / high.rate_hz)
        return Meeting(high, low, lag, high_index[known], low_index[known])

    def __len__(self) -> int:
        return len(self.high_index)

    def place_of(self, sample: np.ndarray, index: np.ndarray) -> np.ndarray:
        """First meeting that shows an event at ``sample`` of one side; 0 for events that no meeting shows."""
        if len(index) and index[-1] - index[0] == len(index) - 1:
            # One sample per meeting: no search is needed. What lies before the first meeting is shown by it.
            place = np.maximum(sample - index[0], 0)
        else:
            place = np.searchsorted(index, sample, side="left")
        return np.where((place < len(index)) & (sample > 0), place, 0)
