r"""Joint recurrence: when a wild low word returns to a value that it had before, does the high word return too?

Values that take few levels (rounded physical quantities, above all floats) repeat exactly. If two words are halves of
one such value, equal low words come with equal high words, however rough the value is and though no carry can be
followed. A high word that is merely slow is often equal anyway: so what counts is how much oftener it is equal at the
returns than one sample beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.clock_group import ClockGroup

NUM_RETURNS = 256
"""Returns per low word that are looked at."""

WILD = 0.08
"""A low word rolls over in at least this share of its samples, else its returns mean nothing."""

MIN_VALUES = 64
"""A low word takes at least so many values; a code of few returns all the time."""

TAMER = 8.0
"""A high word moves less than the low one by at least this factor; two copies of one low word do not."""


@dataclass(frozen=True)
class Returns:
    """Pairs of samples at which a low word has the same value, with a change in between.

    Attributes:
        row: [R] int64, rows of the group whose words are wild enough.
        first, second: [R, 256] int64 samples.
        used: [R, 256] bool, False in the padding.
    """

    row: np.ndarray
    first: np.ndarray
    second: np.ndarray
    used: np.ndarray


def returns(group: ClockGroup) -> Returns:
    """Find the returns of all wild words of a group."""
    num = group.words.shape[1]
    share = np.diff(group.wraps.begin) / max(num - 1, 1)
    rows, firsts, seconds = [], [], []
    for row in np.flatnonzero(share >= WILD):
        words = group.words[row]
        usable = np.arange(num) if group.valid is None else np.flatnonzero(group.valid[row])
        order = usable[np.argsort(words[usable], kind="stable")]
        first, second = order[:-1], order[1:]
        # The last change before the later sample must lie after the earlier one, or the word was merely held.
        again = (words[first] == words[second]) & (group.last_change[row, second] > first)
        first, second = first[again], second[again]
        if len(first) >= 8 and np.count_nonzero(np.bincount(words)) >= MIN_VALUES:
            some = np.unique(np.linspace(0, len(first) - 1, NUM_RETURNS).astype(np.int64))
            rows.append(row)
            firsts.append(first[some])
            seconds.append(second[some])
    used = np.zeros((len(rows), NUM_RETURNS), bool)
    both = np.zeros((2, *used.shape), np.int64)
    for number, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        used[number, : len(first)] = True
        both[:, number, : len(first)] = first, second
    return Returns(np.array(rows, np.int64), both[0], both[1], used)


def recurrence_ratio(group: ClockGroup, found: Returns) -> np.ndarray:
    """Log likelihood ratio that each word of a group returns with each wild low word, [rows, R] in nats (0: no).

    With ``k`` of ``n`` returns shared and a share ``p`` expected from beside them, it is the binomial ratio
    ``k log(k / n p) + (n - k) log((n - k) / n (1 - p))``; 0 where the share is below 0.6 (some returns
    of true halves are chance, too), or the word moves too far to be the upper half.
    """
    out = np.zeros((len(group.channel), len(found.row)))
    if not len(found.row):
        return out
    size = _usual_size(group)
    last = group.words.shape[1] - 1
    for number, row in enumerate(found.row):
        tame = np.flatnonzero((size * TAMER < size[row]) & (group.num_changes > 0))
        used = found.used[number]
        first, second = found.first[number, used], found.second[number, used]
        words = group.words[tame]
        equal = (words[:, first] == words[:, second]).sum(axis=1)
        beside = (words[:, np.minimum(first + 1, last)] == words[:, second]).sum(axis=1)
        num = len(first)
        share, chance = equal / num, (beside + 1.0) / (num + 2.0)
        rest = np.where(equal < num, (num - equal) * np.log(np.maximum(1.0 - share, 1e-12) / (1.0 - chance)), 0.0)
        ratio = equal * np.log(np.maximum(share, 1e-12) / chance) + rest
        out[tame, number] = np.where((share >= 0.6) & (share > chance), ratio, 0.0)
    return out


def _usual_size(group: ClockGroup) -> np.ndarray:
    """Mean size of the change from sample to sample, cut so that a roll-over weighs little."""
    some = group.change[:, :: max(1, group.change.shape[1] // 4096)].astype(np.int32)
    return np.minimum(np.abs(some), 8192).mean(axis=1) if some.shape[1] else np.zeros(len(group.words))
