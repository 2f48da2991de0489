"""Sparse candidate pairs: which channel could be the high word of which, and what speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.clock_group import ClockGroup
from sensorgraph.words.evidence import EVIDENCE
from sensorgraph.words.looks import Looks, look
from sensorgraph.words.matching import lag_correlations
from sensorgraph.words.meeting import Meeting
from sensorgraph.words.recurrence import recurrence_ratio, returns
from sensorgraph.words.sights import Sights, sights, stacked
from sensorgraph.words.table import WordTable

MIN_CORRELATION = 0.06
"""Carry correlations below this are not followed, however many samples there are."""

BATCH = 256
"""Pairs that are judged at once; bounds the memory."""

MIN_RECURRENCE = 10.0
"""Nats of joint recurrence from which a pair is followed although its carries say nothing."""


@dataclass(frozen=True)
class Candidates:
    """Pairs worth a closer look.

    Attributes:
        link: [E, 2] int64 channel numbers: the supposed MSB, the supposed LSB. Sorted, each at most once.
        evidence: [E, K] float32, finite and of order 1; the columns are named by `EVIDENCE`.
        lag: [E] int64, by how many of its own samples the LSB is late.
    """

    link: np.ndarray
    evidence: np.ndarray
    lag: np.ndarray

    def __len__(self) -> int:
        return len(self.link)

    def column(self, name: str) -> np.ndarray:
        """One kind of evidence, [E]."""
        return self.evidence[:, EVIDENCE.index(name)]

    def some(self, which: np.ndarray) -> Candidates:
        """Only the candidates of these numbers (or where a mask is True)."""
        return Candidates(self.link[which], self.evidence[which], self.lag[which])


@dataclass(frozen=True)
class _Best:
    """Best lag of every high word with every low word of two groups."""

    correlation: np.ndarray
    second: np.ndarray
    lag: np.ndarray


def find_candidates(
    channels: Sequence[WordChannel | Sensor] | WordTable, *, max_lag: int = 2, max_per_channel: int = 8
) -> Candidates:
    """Candidate pairs among channels of any rates, with evidence.

    Args:
        channels: the channels, or their `WordTable` when other functions of this room get the same ones.
        max_lag: a low word may be this many of its samples late or early.
        max_per_channel: a channel keeps this many partners as MSB, and half as many more as LSB.

    Raises:
        DataError: a channel does not hold words, or a limit is negative.

    Example:
        >>> import numpy as np
        >>> value = (70_000 + 300 * np.sin(np.arange(4000) / 50) * np.arange(4000) / 8).astype(np.uint32)
        >>> low, high = (WordChannel((value >> shift).astype(np.uint16), 50.0) for shift in (0, 16))
        >>> found = find_candidates([low, high])
        >>> found.link.tolist(), found.lag.tolist(), bool(found.column("step_match")[0] == 1)
        ([[1, 0]], [0], True)
    """
    for name, value, least in (("max_lag", max_lag, 0), ("max_per_channel", max_per_channel, 1)):
        if value < least:
            raise DataError(f"candidate pairs: {name} must be at least {least} (got {value})")
    table = WordTable.of(channels)
    found: list[np.ndarray] = []
    lags: list[np.ndarray] = []
    plain: list[np.ndarray] = []
    for high, low in _meeting_groups(table):
        best = _best_lags(high, low, max_lag)
        rows, columns = _worth(best, high, low, table)
        found.append(np.stack([high.channel[rows], low.channel[columns]], axis=1))
        lags.append(best.lag[rows, columns].astype(np.int64))
        plain.append(np.stack([best.correlation[rows, columns], best.second[rows, columns]], axis=1))
    if not found:
        return Candidates(np.zeros((0, 2), np.int64), np.zeros((0, len(EVIDENCE)), np.float32), np.zeros(0, np.int64))
    link, lag, correlation = np.concatenate(found), np.concatenate(lags), np.concatenate(plain)
    kept = np.flatnonzero(
        (_ranked(link[:, 0], correlation[:, 0]) < max_per_channel)
        | (_ranked(link[:, 1], correlation[:, 0]) < (max_per_channel + 1) // 2)
    )
    again, nats = _recurring(table, max_per_channel)
    every = np.concatenate([link[kept], again])
    link, first, inverse = np.unique(every, axis=0, return_index=True, return_inverse=True)
    correlation = np.concatenate([correlation[kept], np.zeros((len(again), 2))])[first]
    recurrence = np.zeros(len(link))
    recurrence[inverse[len(kept) :]] = nats
    # Whoever recurs with another is in step with it, whatever weak carries may say.
    lag = np.where(recurrence > 0, 0, np.concatenate([lag[kept], np.zeros(len(again), np.int64)])[first])
    evidence = _evidence(table, link, lag, correlation)
    evidence[:, EVIDENCE.index("recurrence")] = np.arcsinh(recurrence) / 4.0
    return Candidates(link, evidence, lag)


def _recurring(table: WordTable, max_per_channel: int) -> tuple[np.ndarray, np.ndarray]:
    """Links of which the MSB returns whenever the LSB does, [n, 2], and their log likelihood ratios, [n]."""
    links, values = [np.zeros((0, 2), np.int64)], [np.zeros(0)]
    for group in table.groups:
        found = returns(group)
        ratio = recurrence_ratio(group, found)
        rows, numbers = np.nonzero(ratio > MIN_RECURRENCE)
        links.append(np.stack([group.channel[rows], group.channel[found.row[numbers]]], axis=1))
        values.append(ratio[rows, numbers])
    link, value = np.concatenate(links), np.concatenate(values)
    kept = _ranked(link[:, 1], value) < max_per_channel
    return link[kept], value[kept]


def _meeting_groups(table: WordTable) -> list[tuple[ClockGroup, ClockGroup]]:
    """Channels of one clock meet on it, sample by sample; channels of different clocks meet on the grids."""
    same_clock = [(group, group) for group in table.groups if len(group.channel) > 1]
    if len(table.groups) < 2:
        return same_clock
    shared = {id(group) for group in table.groups}
    return same_clock + [
        (high, low)
        for high in table.grids
        for low in table.grids
        # A grid that is one clock has met itself already.
        if high is not low or id(high) not in shared
    ]


def _best_lags(high: ClockGroup, low: ClockGroup, max_lag: int) -> _Best:
    # Lags are tried from 0 outwards, so that 0 wins a draw.
    lags = sorted(range(-max_lag, max_lag + 1), key=abs)
    if low.rate_hz >= 16.0 * high.rate_hz:
        lags = lags[:1]  # so small a part of the high word's sample cannot be told
    all_lags = lag_correlations(high, low, lags)
    number = all_lags.argmax(axis=0)
    best = np.take_along_axis(all_lags, number[None], axis=0)[0]
    np.put_along_axis(all_lags, number[None], 0.0, axis=0)
    return _Best(best, all_lags.max(axis=0), np.array(lags)[number])


def _worth(best: _Best, high: ClockGroup, low: ClockGroup, table: WordTable) -> tuple[np.ndarray, np.ndarray]:
    num = max(min(len(high.time_s), len(low.time_s)), 1)
    worth = best.correlation > max(MIN_CORRELATION, 2.5 / np.sqrt(num))
    clock = table.place[:, 0]
    if high is low:
        np.fill_diagonal(worth, False)
    if not any(high is group for group in table.groups) or not any(low is group for group in table.groups):
        worth &= clock[high.channel][:, None] != clock[low.channel][None, :]
    rows, columns = np.nonzero(worth)
    return rows, columns


def _ranked(owner: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Rank (0 is best) of every entry among the entries of the same owner."""
    order = np.lexsort((-value, owner))
    sorted_owner = owner[order]
    first = np.searchsorted(sorted_owner, sorted_owner, side="left")
    rank = np.empty(len(owner), np.int64)
    rank[order] = np.arange(len(owner)) - first
    return rank


def _evidence(table: WordTable, link: np.ndarray, lag: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    evidence = np.zeros((len(link), len(EVIDENCE)), np.float32)
    if not len(link):
        return evidence
    column = {name: number for number, name in enumerate(EVIDENCE)}
    evidence[:, column["carry_correlation"]] = np.clip(correlation[:, 0], -1.5, 1.5)
    evidence[:, column["lag_margin"]] = np.clip(correlation[:, 0] - correlation[:, 1], -1.5, 1.5)
    evidence[:, column["rival_of_msb"]] = _rival(link[:, 0], correlation[:, 0])
    evidence[:, column["rival_of_lsb"]] = _rival(link[:, 1], correlation[:, 0])
    evidence[:, column["lag"]] = lag / 2.0
    exact, place = table.place[link], table.grid_place[link]
    same = exact[:, 0, 0] == exact[:, 1, 0]
    evidence[:, column["same_clock"]] = same
    place = np.where(same[:, None, None], exact, place)
    key = np.stack([same, place[:, 0, 0], place[:, 1, 0], lag], axis=1)
    waiting: list[np.ndarray] = []
    seen: list[Sights] = []
    kinds, member = np.unique(key, axis=0, return_inverse=True)
    for number, (same_clock, group_high, group_low, group_lag) in enumerate(kinds):
        which = np.flatnonzero(member == number)
        groups = table.groups if same_clock else table.grids
        high, low = groups[group_high], groups[group_low]
        meeting = Meeting.of(high, low, int(group_lag))
        for some in np.array_split(which, -(-len(which) // BATCH)):
            rows, columns = place[some, 0, 1], place[some, 1, 1]
            for name, value in _counts(high, low, rows, columns).items():
                evidence[some, column[name]] = value
            waiting.append(some)
            seen.append(sights(meeting, rows, columns))
            if sum(map(len, waiting)) >= BATCH or (number == len(kinds) - 1 and some[-1] == which[-1]):
                looks, every = look(stacked(seen)), np.concatenate(waiting)
                for name in Looks.__dataclass_fields__:
                    evidence[every, column[name]] = getattr(looks, name)
                waiting, seen = [], []
    return evidence


def _counts(high: ClockGroup, low: ClockGroup, rows: np.ndarray, columns: np.ndarray) -> dict[str, np.ndarray]:
    num_steps = np.diff(high.steps.begin)[rows]
    num_wraps = np.diff(low.wraps.begin)[columns]
    num_changes = high.num_changes[rows]
    return {
        "num_steps": np.log10(1.0 + num_steps) / 3.0,
        "num_wraps": np.log10(1.0 + num_wraps) / 3.0,
        "small_step_share": num_steps / np.maximum(num_changes, 1),
        "step_rate": num_steps / max(len(high.time_s) - 1, 1),
        "wrap_rate": num_wraps / max(len(low.time_s) - 1, 1),
        "rate_ratio": np.full(len(rows), np.clip(np.log2(low.rate_hz / high.rate_hz) / 4.0, -3.0, 3.0)),
    }


def _rival(owner: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Best value of the same owner's other entries, minus the own one (minus the own one alone where it has none)."""
    order = np.lexsort((-value, owner))
    sorted_owner, sorted_value = owner[order], value[order]
    first = np.searchsorted(sorted_owner, sorted_owner, side="left")
    position = np.arange(len(owner))
    has_second = np.r_[sorted_owner[1:] == sorted_owner[:-1], False]
    second = np.where(has_second[first], sorted_value[np.minimum(first + 1, len(owner) - 1)], 0.0)
    rival = np.where(position == first, second, sorted_value[first])
    out = np.empty(len(owner))
    out[order] = np.clip(rival - sorted_value, -1.5, 1.5)
    return out
