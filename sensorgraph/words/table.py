"""Channels of one recording, put together by clock so that whole groups are worked on at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.bit_errors import without_bit_errors
from sensorgraph.words.channel import WordChannel, word_channels
from sensorgraph.words.clock_group import ClockGroup

SAME_RATE = 1.05
"""Rates within this factor are put on one grid when channels of different clocks are compared."""


@dataclass(frozen=True)
class WordTable:
    """All word channels of a recording by clock; make it once and hand it to every function of this room.

    Attributes:
        channels: the channels as given.
        groups: one per clock; empty channels are in none.

    Example:
        >>> import numpy as np
        >>> slow = WordChannel(np.zeros(5, np.uint16), 1.0)
        >>> fast = WordChannel(np.zeros(50, np.uint16), 10.0)
        >>> [group.channel.tolist() for group in WordTable.of([slow, fast, slow]).groups]
        [[0, 2], [1]]
    """

    channels: tuple[WordChannel, ...]
    groups: tuple[ClockGroup, ...]

    @staticmethod
    def of(channels: Sequence[WordChannel | Sensor] | WordTable) -> WordTable:
        """The table of these channels (a table is returned as it is).

        Raises:
            DataError: a channel does not hold words.
        """
        if isinstance(channels, WordTable):
            return channels
        made = word_channels(channels)
        members: dict[object, list[int]] = {}
        for number, channel in enumerate(made):
            if len(channel.values):
                stamps = None if channel.time_s is None else np.asarray(channel.time_s, np.float64).tobytes()
                key = (channel.rate_hz, channel.start_s, None) if stamps is None else (channel.rate_hz, None, stamps)
                members.setdefault(key, []).append(number)
        groups = (_group_of(numbers, [made[number] for number in numbers]) for numbers in members.values())
        return WordTable(made, tuple(groups))

    @property
    def num_channels(self) -> int:
        return len(self.channels)

    @cached_property
    def place(self) -> np.ndarray:
        """Group and row of every channel, [N, 2] int64 (-1 for empty channels)."""
        return _places(self.groups, self.num_channels)

    def words_of(self, number: int) -> np.ndarray:
        """The words of one channel with bit errors taken back, [T] uint16."""
        group, row = self.place[number]
        values = self.channels[number].values
        return values if group < 0 else self.groups[group].words[row, : len(values)]

    def has_bit_errors(self, number: int) -> bool:
        """Whether words of a channel had to be taken back."""
        channel = self.channels[number]
        errors = self.words_of(number) != channel.values
        return bool((errors if channel.valid is None else errors & channel.valid).any())

    @cached_property
    def grids(self) -> tuple[ClockGroup, ...]:
        """All channels by rate, on one clock per rate: where channels of different clocks are compared.

        A rate with one clock keeps it; several clocks of one rate are put on a regular grid by sample-and-hold.
        """
        if not self.groups:
            return ()
        by_rate: list[list[ClockGroup]] = []
        for group in sorted(self.groups, key=lambda group: group.rate_hz):
            if by_rate and group.rate_hz <= SAME_RATE * by_rate[-1][0].rate_hz:
                by_rate[-1].append(group)
            else:
                by_rate.append([group])
        return tuple(groups[0] if len(groups) == 1 else _on_grid(groups) for groups in by_rate)

    @cached_property
    def grid_place(self) -> np.ndarray:
        """Grid and row of every channel, [N, 2] int64 (-1 for empty channels)."""
        return _places(self.grids, self.num_channels)


def _places(groups: tuple[ClockGroup, ...], num_channels: int) -> np.ndarray:
    place = np.full((num_channels, 2), -1, np.int64)
    for number, group in enumerate(groups):
        place[group.channel, 0] = number
        place[group.channel, 1] = np.arange(len(group.channel))
    return place


def hold_index(source_s: np.ndarray, query_s: np.ndarray) -> np.ndarray:
    """Number of the last sample at or before each time; -1 before the first.

    Shapes: ``source_s`` [T] non-decreasing, ``query_s`` [Q] (s); returns [Q] int64.

    Example:
        >>> import numpy as np
        >>> hold_index(np.array([0.0, 1.0, 2.0]), np.array([-0.5, 0.0, 1.9])).tolist()
        [-1, 0, 1]
    """
    # A millionth of a sample forgives the rounding of start + n / rate on the two sides.
    slack = 1e-6 * (source_s[-1] - source_s[0]) / max(len(source_s) - 1, 1) + 1e-9
    return np.searchsorted(source_s, query_s + slack, side="right") - 1


def _group_of(numbers: list[int], channels: list[WordChannel]) -> ClockGroup:
    longest = max(channels, key=lambda channel: len(channel.values))
    num_samples = len(longest.values)
    words = np.empty((len(channels), num_samples), np.uint16)
    valid = np.ones(words.shape, bool)
    for row, channel in enumerate(channels):
        length = len(channel.values)
        words[row, :length] = channel.values
        words[row, length:] = channel.values[-1]
        valid[row, length:] = False
        if channel.valid is not None:
            valid[row, :length] = channel.valid
    complete = bool(valid.all())
    if not complete:
        words = _held(words, valid)
    words = without_bit_errors(words)
    return ClockGroup(np.array(numbers), longest.rate_hz, longest.times(), words, None if complete else valid)


def _held(words: np.ndarray, valid: np.ndarray) -> np.ndarray:
    last = np.where(valid, np.arange(words.shape[1]), -1)
    np.maximum.accumulate(last, axis=1, out=last)
    # Before the first valid word there is nothing to repeat; the first valid one stands in, so no change is invented.
    first = np.where(valid.any(axis=1), valid.argmax(axis=1), 0)[:, None]
    return np.take_along_axis(words, np.where(last < 0, first, last), axis=1)


def _on_grid(groups: list[ClockGroup]) -> ClockGroup:
    """Groups of like rate on one regular clock; where a channel has not begun or has ended, its words are missing."""
    rate_hz = float(np.median([group.rate_hz for group in groups]))
    start_s = min(float(group.time_s[0]) for group in groups)
    end_s = max(float(group.time_s[-1]) for group in groups)
    time_s = start_s + np.arange(int(np.floor((end_s - start_s) * rate_hz + 1e-6)) + 1) / rate_hz
    words, valid = [], []
    for group in groups:
        index = hold_index(group.time_s, time_s)
        there = (index >= 0) & (time_s <= group.time_s[-1] + 1.0 / rate_hz)
        index = np.maximum(index, 0)
        words.append(group.words[:, index])
        valid.append(np.broadcast_to(there, words[-1].shape) if group.valid is None else group.valid[:, index] & there)
    mask = np.concatenate(valid)
    channel = np.concatenate([group.channel for group in groups])
    return ClockGroup(channel, rate_hz, time_s, np.concatenate(words), None if mask.all() else mask)
