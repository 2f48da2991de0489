"""Channels that share one clock, and what they do: the changes, steps and roll-overs of all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sensorgraph.words.carries import carry_of, signed_change

MAX_STEP = 8
"""A high word that moves further than this in one sample is not followed: its carries cannot be told."""

MAX_USUAL = 64
"""A high word that usually moves further than this per sample belongs to a value that nobody can follow."""


@dataclass(frozen=True)
class EventList:
    """Events of all channels of a group, sorted by channel, then sample.

    Attributes:
        row: [n] int64, row of the group.
        sample: [n] int64, first sample after the event.
        amount: [n] float32, signed.
        begin: [rows + 1] int64, where each row's events begin.
    """

    row: np.ndarray
    sample: np.ndarray
    amount: np.ndarray
    begin: np.ndarray

    @staticmethod
    def of(amount: np.ndarray) -> EventList:
        """Events of a [rows, T - 1] matrix of changes (0 where nothing happens)."""
        row, at = np.nonzero(amount)
        begin = np.searchsorted(row, np.arange(len(amount) + 1))
        return EventList(row, at + 1, amount[row, at].astype(np.float32), begin)

    def picked(self, num: int) -> np.ndarray:
        """At most ``num`` event samples per row, evenly over the row's events: [rows, num] int64, padded with -1."""
        count = np.diff(self.begin)
        if not len(self.sample):
            return np.full((len(count), 1), -1, np.int64)
        width = int(min(num, count.max()))
        place = np.arange(width)[None, :]
        stride = np.maximum(count / width, 1.0)[:, None]
        index = self.begin[:-1, None] + (place * stride).astype(np.int64)
        inside = place < count[:, None]
        return np.where(inside, self.sample[np.where(inside, index, 0)], -1)


@dataclass(frozen=True)
class ClockGroup:
    """Channels that share one clock.

    Attributes:
        channel: [n] int64, numbers of the channels in the recording.
        rate_hz: nominal rate of the group (Hz).
        time_s: [T] float64, times of the samples (s).
        words: [n, T] uint16; a missing word repeats the last one that was there, bit errors are taken back.
        valid: [n, T] bool, or None when all words are there.
    """

    channel: np.ndarray
    rate_hz: float
    time_s: np.ndarray
    words: np.ndarray
    valid: np.ndarray | None

    @cached_property
    def change(self) -> np.ndarray:
        """Signed change modulo 2^16, [n, T - 1] int16."""
        return signed_change(self.words)

    @cached_property
    def rolled(self) -> np.ndarray:
        """Net number of roll-overs since the first sample, [n, T] int16 (wrapping differences stay right)."""
        out = np.zeros(self.words.shape, np.int16)
        if self.words.shape[1] > 1:
            np.cumsum(carry_of(self.words), axis=1, dtype=np.int16, out=out[:, 1:])
        return out

    @cached_property
    def usual_step(self) -> np.ndarray:
        """The change that each channel makes most of the time, [n] int16: a fast counter's high word moves always.

        A channel that is held now and then has the usual step of its moves, if that is far from 0.
        """
        usual = np.zeros(len(self.words), np.int16)
        if self.words.shape[1] < 2:
            return usual
        some = self.change[:, :: max(1, self.change.shape[1] // 4096)]
        usual[:] = np.median(some, axis=1)
        for row in np.flatnonzero((usual == 0) & (np.count_nonzero(some, axis=1) > some.shape[1] // 16)):
            of_moves = np.median(some[row][some[row] != 0])
            if 3 <= abs(of_moves) <= MAX_USUAL:
                usual[row] = of_moves
        return usual

    def deviation(self, row: np.ndarray | int, change: np.ndarray) -> np.ndarray:
        """Changes less the usual step, int64; a word that is held although it usually moves does not deviate."""
        usual = self.usual_step[row].astype(np.int64)
        return np.where((change == 0) & (np.abs(usual) >= 3), 0, change - usual)

    @cached_property
    def num_changes(self) -> np.ndarray:
        """How often each channel deviates from its usual step, by whatever amount, [n] int64."""
        count = np.count_nonzero(self.change, axis=1)
        for row in np.flatnonzero(self.usual_step):
            count[row] = np.count_nonzero(self.deviation(int(row), self.change[row]))
        return count

    @cached_property
    def steps(self) -> EventList:
        """Small deviations from the usual step: what a high word does at a carry."""
        small = np.where(np.abs(self.change) <= MAX_STEP, self.change, 0)
        for row in np.flatnonzero(self.usual_step):
            deviation = self.deviation(int(row), self.change[row])
            small[row] = np.where(np.abs(deviation) <= MAX_STEP, deviation, 0)
        return EventList.of(small)

    @cached_property
    def wraps(self) -> EventList:
        """Roll-overs: what a low word does at a carry."""
        return EventList.of(carry_of(self.words))

    @cached_property
    def wraps_if_fast(self) -> EventList:
        """Roll-overs of low words that seem to run one way fast, if they run the other way still faster.

        A clock that gains 100,000 per sample looks as if it lost 31,072: read so, it never meets its high word.
        """
        some = self.change[:, :: max(1, self.change.shape[1] // 4096)].astype(np.int32)
        moves = np.maximum(np.count_nonzero(some, axis=1), 1)
        lean = np.sign(some).sum(axis=1) / moves
        fast = np.abs(some).sum(axis=1) / moves > 4096
        rows = np.flatnonzero(fast & (np.abs(lean) > 0.8))
        carry = np.zeros(self.change.shape if len(rows) else (len(self.words), 0), np.int8)
        for row in rows:
            before, after = self.words[row, :-1], self.words[row, 1:]
            carry[row] = (after < before) if lean[row] < 0 else -(after > before).astype(np.int8)
        return EventList.of(carry)

    @cached_property
    def last_change(self) -> np.ndarray:
        """Last sample at or before each one at which the word changed, [n, T] int32 (0 before the first change)."""
        at = np.zeros(self.words.shape, np.int32)
        if self.words.shape[1] > 1:
            at[:, 1:] = np.where(self.change != 0, np.arange(1, self.words.shape[1], dtype=np.int32), 0)
        return np.maximum.accumulate(at, axis=1, out=at)
