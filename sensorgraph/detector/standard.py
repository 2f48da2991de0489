"""Every channel in its own robust unit: what it counts, where its middle lies and how far it usually strays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.detector.telemetry import Group, Telemetry, first_together

_BOUND = 100.0
"""Nothing is farther from normal than this many units; what is beyond adds no evidence and much noise."""

_JUMP = 10.0
"""How far a channel that never moved in training is said to be, once it moves: it has no unit of its own."""

_ONE_WAY = 0.98
"""Share of moves in one direction from which a channel is a counter."""

_LONGEST_STEP = 4.0
"""Times the usual step from one value of a counter to the next, beyond which it is not known how it got there."""

_LEAST_MOVES = 20
_LEAST_RANGE = 1e-9


@dataclass(frozen=True)
class Standard:
    """Units of all channels.

    A counter (an odometer, an hour meter, an energy meter) leaves its training range by working well, so it is read as
    its increase per second.

    Attributes:
        centre: [C] middle of normal values, 0 for channels that training did not see.
        spread: [C] usual distance from it; 0 for a channel that was constant.
        counter: [C] bool, channels that only rise or only fall.
        step: [C] samples from one value of a counter to the next, usually; 1 for other channels.
        known: [C] bool, channels that training saw.
    """

    centre: np.ndarray
    spread: np.ndarray
    counter: np.ndarray
    step: np.ndarray
    known: np.ndarray

    @staticmethod
    def of(telemetry: Telemetry) -> Standard:
        """Of normal rows."""
        num = len(telemetry.names)
        found = Standard(np.zeros(num), np.zeros(num), np.zeros(num, bool), np.ones(num), np.zeros(num, bool))
        for group in telemetry.groups:
            for column, channel in enumerate(group.channels.tolist()):
                raw = np.asarray(group.values[:, column], np.float64)
                if is_counter(raw):
                    found.counter[channel] = True
                    found.step[channel] = np.median(np.diff(np.flatnonzero(~np.isnan(raw))))
                values = found._counted(group, column)
                if len(values):
                    found.known[channel] = True
                    found.centre[channel] = np.median(values)
                    if np.ptp(values) > _LEAST_RANGE * np.abs(values).max():
                        found.spread[channel] = values.std()
        return found

    def centred(self, telemetry: Telemetry) -> Standard:
        """The same units about the middle of other normal rows; where those have no value, the middle stays."""
        centre = self.centre.copy()
        for group in telemetry.groups:
            for column, channel in enumerate(group.channels.tolist()):
                values = self._counted(group, column)
                if len(values):
                    centre[channel] = np.median(values)
        return replace(self, centre=centre)

    def of_group(self, group: Group) -> np.ndarray:
        """Values of a group in these units, [N, G] float32, NaN where missing."""
        values = np.asarray(group.values, np.float64)
        counting = self.counter[group.channels]
        if counting.any():
            moved = increases(values, self._longest(group.channels), group.whole) / group.period_s
            values = np.where(counting, moved, values)
        centre, spread = self.centre[group.channels], self.spread[group.channels]
        constant = spread == 0.0
        away = values - centre
        units = away / np.where(constant, 1.0, spread)
        if constant.any():
            moved = np.abs(away) > _LEAST_RANGE * np.abs(centre)
            units = np.where(constant, np.where(np.isnan(away), np.nan, _JUMP * np.sign(away) * moved), units)
        units[:, ~self.known[group.channels]] = np.nan
        return np.clip(units, -_BOUND, _BOUND).astype(np.float32)

    def _counted(self, group: Group, column: int) -> np.ndarray:
        """What a channel of a group counts, where it is there, [up to N]."""
        values = np.asarray(group.values[:, column], np.float64)
        if self.counter[group.channels[column]]:
            longest = self._longest(group.channels[[column]])
            values = increases(values[:, None], longest, group.whole)[:, 0] / group.period_s
        return values[~np.isnan(values)]

    def num_before(self) -> int:
        """Samples before one that tell what a counter did."""
        return int(np.ceil(self._longest(np.arange(len(self.step))).max(initial=1.0)))

    def _longest(self, channels: np.ndarray) -> np.ndarray:
        return _LONGEST_STEP * self.step[channels]


def is_counter(values: np.ndarray) -> bool:
    """Whether a channel moves in one direction only, in the first half as in the second.

    A single way back in fifty moves (a reset, a wrap) is allowed. Shapes: ``values`` [N], NaN where missing.

    Example:
        >>> is_counter(np.arange(100.0) // 3), is_counter(np.sin(np.arange(100.0)))
        (True, False)
    """
    moves = np.diff(values[~np.isnan(values)])
    halves = [half[half != 0.0] for half in np.array_split(moves, 2)]
    if min(len(half) for half in halves) < _LEAST_MOVES // 2:
        return False
    up = [float((half > 0.0).mean()) for half in halves]
    return min(up) >= _ONE_WAY or max(up) <= 1.0 - _ONE_WAY


def increases(values: np.ndarray, longest: np.ndarray, whole: np.ndarray | None = None) -> np.ndarray:
    """Increase per sample since the last value that was there, [N, G].

    The first value increases by an unknown amount, as does one after many missing ones or a gap in time: the mean of a
    long while is not what happens now.

    Args:
        values: NaN where missing.
        longest: samples since the last value, beyond which the increase is unknown.
        whole: samples that follow the one before; all do when None.

    Shapes: ``values`` [N, G], ``longest`` [G], ``whole`` [N] bool.

    Example:
        >>> values = np.array([[1.0], [3.0], [np.nan], [9.0]])
        >>> increases(values, np.array([4.0]))[:, 0].tolist()
        [nan, 2.0, nan, 3.0]
        >>> increases(values, np.array([1.0]))[:, 0].tolist()
        [nan, 2.0, nan, nan]
        >>> increases(values, np.array([4.0]), whole=np.array([True, False, True, True]))[:, 0].tolist()
        [nan, nan, nan, 3.0]
    """
    missing = np.isnan(values)
    place = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(missing, -1, place), axis=0)
    before = np.vstack([np.full((1, values.shape[1]), -1), last[:-1]]) if len(values) else last
    earlier = np.take_along_axis(values, np.maximum(before, 0), axis=0)
    known = (before >= 0) & (place - before <= longest)
    if whole is not None:
        known &= before >= first_together(whole)[:, None]
    return np.where(known, (values - earlier) / (place - before), np.nan)
