r"""What each bit of a word does beside the others: the figures from which flags and field boundaries are read.

Changes of a word are few patterns that come again and again, so they are counted by pattern: with the direction
:math:`d_{pb} \in \{-1, 0, 1\}` of bit :math:`b` in pattern :math:`p`, seen :math:`n_p` times,

.. math:: C_{ab} = \sum_p n_p |d_{pa}| |d_{pb}|, \qquad S_{ab} = \sum_p n_p d_{pa} d_{pb}

say how often two bits change together, and whether they do so in the same direction (a code), in opposite directions
(a carry), or in any.
"""

from __future__ import annotations

import numpy as np

from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.fields import Layout

BIT_FIGURES: tuple[str, ...] = (
    "live",  # 1 for a bit that ever changes
    "toggle",  # log10 of the share of transitions in which it changes, 1e-4 becomes 0, 1 becomes 1
    "toggle_of_changes",  # of the transitions in which the word changes, the share in which it changes
    "num_changes",  # log10(1 + changes) / 4
    "few_changes",  # 1 / (1 + changes)
    "ones",  # share of samples in which it is 1
    "autocorrelation",  # with itself one sample later
    "ratio_to_lower",  # log2 of its changes over those of the next lower bit, / 8
    "ratio_to_upper",
    "with_lower",  # of its changes, the share in which the next lower bit changes, too
    "lower_with",  # of the lower bit's changes, the share in which it changes, too
    "with_upper",
    "opposite_to_lower",  # direction of the lower bit in these common changes, -1 opposite, 1 same
    "opposite_to_upper",
    "lift_with_lower",  # log2 of common changes over those by chance, / 8
    "with_second_lower",
    "opposite_to_second_lower",
    "level_with_lower",  # correlation of the two bits' levels
    "level_with_upper",
    "level_with_most",  # greatest correlation with any other bit
    "alone",  # of its changes, the share in which no other bit changes
    "others",  # mean number of other bits in its changes, / 8
    "carry_run",  # of the lower live bits down to the next dead one, the share that changes along
    "opposite_run",  # mean direction of these
    "continuity",  # asinh of the nats for a number across the cut below the bit, / 4
    "rule_begins",  # the rules begin a field here
    "rule_flag",  # the rules take it for a flag
    "byte_edge",  # 1 at bits 0 and 8
)
"""Names of the last axis of `bit_figures`."""

MAX_PATTERNS = 4096
"""More patterns than this are thinned out, evenly over their values: a word so busy is alike everywhere."""

_BITS = np.arange(NUM_BITS)


def bit_figures(words: np.ndarray, found: Layout, valid: np.ndarray | None = None) -> np.ndarray:
    """Figures per bit; every one finite and of order 1, also for constant, very short and empty channels.

    Args:
        words: [T] uint16.
        found: how the rules divide the word.
        valid: [T] bool, or None when every word is there.

    Shapes: returns [16, K] float32, named by `BIT_FIGURES`.

    Example:
        >>> import numpy as np
        >>> from sensorgraph.words.fields import layout
        >>> words = np.arange(4096, dtype=np.uint16)
        >>> figures = bit_figures(words, layout(words))
        >>> figures[11, BIT_FIGURES.index("opposite_to_lower")], figures[3, BIT_FIGURES.index("carry_run")]
        (np.float32(-1.0), np.float32(1.0))
    """
    before, after = words[:-1], words[1:]
    good = words
    if valid is not None:
        both = valid[1:] & valid[:-1]
        before, after, good = before[both], after[both], words[valid]
    direction, times = _patterns(before, after)
    moves = np.abs(direction)
    weighted = moves * times[:, None]
    together = moves.T @ weighted
    signed = direction.T @ (direction * times[:, None])
    count = np.diagonal(together).copy()
    changes = np.maximum(count, 1.0)
    num, num_changed = max(len(after), 1), max(float(times.sum()), 1.0)
    toggle = count / num
    level = _levels(good)
    ones = np.diagonal(level) if len(good) else np.zeros(NUM_BITS)
    correlation = _correlation(level, ones)
    spread = 2.0 * ones * (1.0 - ones)
    width = moves.sum(axis=1)
    run, run_direction = _carry_runs(direction, times, count)
    made = {
        "live": count > 0,
        "toggle": np.log10(np.maximum(toggle, 1e-4)) / 4.0 + 1.0,
        "toggle_of_changes": count / num_changed,
        "num_changes": np.log10(1.0 + count) / 4.0,
        "few_changes": 1.0 / (1.0 + count),
        "ones": ones,
        "autocorrelation": np.clip(np.where(spread > 0, 1.0 - toggle / np.where(spread > 0, spread, 1.0), 1.0), -1, 1),
        "ratio_to_lower": _below(np.log2((count[1:] + 0.5) / (count[:-1] + 0.5)) / 8.0, 1),
        "ratio_to_upper": _above(np.log2((count[:-1] + 0.5) / (count[1:] + 0.5)) / 8.0, 1),
        "with_lower": _below(np.diagonal(together, 1) / changes[1:], 1),
        "lower_with": _below(np.diagonal(together, 1) / changes[:-1], 1),
        "with_upper": _above(np.diagonal(together, 1) / changes[:-1], 1),
        "opposite_to_lower": _below(_share(np.diagonal(signed, 1), np.diagonal(together, 1)), 1),
        "opposite_to_upper": _above(_share(np.diagonal(signed, 1), np.diagonal(together, 1)), 1),
        "lift_with_lower": _below(_lift(np.diagonal(together, 1), count[1:], count[:-1], num), 1),
        "with_second_lower": _below(np.diagonal(together, 2) / changes[2:], 2),
        "opposite_to_second_lower": _below(_share(np.diagonal(signed, 2), np.diagonal(together, 2)), 2),
        "level_with_lower": _below(np.diagonal(correlation, 1), 1),
        "level_with_upper": _above(np.diagonal(correlation, 1), 1),
        "level_with_most": np.abs(correlation).max(axis=1),
        "alone": weighted[width == 1].sum(axis=0) / changes,
        "others": (together.sum(axis=1) - count) / changes / 8.0,
        "carry_run": run,
        "opposite_run": run_direction,
        "continuity": np.arcsinh(found.continuity) / 4.0,
        "rule_begins": np.isin(_BITS, [first for first, _ in found.fields] + [last + 1 for _, last in found.fields]),
        "rule_flag": (found.flags >> _BITS) & 1,
        "byte_edge": _BITS % 8 == 0,
    }
    return np.stack([np.asarray(made[name], np.float32) for name in BIT_FIGURES], axis=1)


def _patterns(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions of the bits in every kind of change, [P, 16] float64, and how often each is seen, [P]."""
    flips = before ^ after
    moved = flips != 0
    key = (flips[moved].astype(np.int64) << NUM_BITS) | (after[moved] & flips[moved])
    pattern, times = np.unique(key, return_counts=True)
    weight = times.astype(np.float64)
    if len(pattern) > MAX_PATTERNS:
        some = np.linspace(0, len(pattern) - 1, MAX_PATTERNS).astype(np.int64)
        total = weight.sum()
        pattern, weight = pattern[some], weight[some]
        weight *= total / weight.sum()
    flip = (pattern[:, None] >> (NUM_BITS + _BITS)) & 1
    rise = (pattern[:, None] >> _BITS) & 1
    return (flip * (2 * rise - 1)).astype(np.float64), weight


def _levels(good: np.ndarray) -> np.ndarray:
    """Share of samples in which two bits are both 1, [16, 16]."""
    times = np.bincount(good, minlength=1)
    value = np.flatnonzero(times)
    if len(value) > MAX_PATTERNS:
        value = value[np.linspace(0, len(value) - 1, MAX_PATTERNS).astype(np.int64)]
    bits = ((value[:, None] >> _BITS) & 1).astype(np.float64)
    weight = times[value] / max(times[value].sum(), 1)
    return np.asarray(bits.T @ (bits * weight[:, None]))


def _correlation(level: np.ndarray, ones: np.ndarray) -> np.ndarray:
    size = np.sqrt(np.maximum(ones * (1.0 - ones), 0.0))
    product = np.outer(size, size)
    covariance = level - np.outer(ones, ones)
    out = np.where(product > 1e-9, covariance / np.where(product > 1e-9, product, 1.0), 0.0)
    np.fill_diagonal(out, 0.0)
    return np.clip(out, -1.0, 1.0)


def _carry_runs(direction: np.ndarray, times: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the live bits right below each bit, the share that changes along, and their mean direction; both [16]."""
    share, mean = np.zeros(NUM_BITS), np.zeros(NUM_BITS)
    first = 0
    for bit in range(NUM_BITS):
        if not count[bit]:
            first = bit + 1
            continue
        if first == bit:
            continue
        rows = np.flatnonzero(direction[:, bit])
        along = direction[rows, first:bit] * direction[rows, bit, None]
        weight = times[rows, None]
        moved = (np.abs(along) * weight).sum()
        share[bit] = moved / (weight.sum() * (bit - first))
        mean[bit] = (along * weight).sum() / max(moved, 1.0)
    return share, mean


def _lift(together: np.ndarray, upper: np.ndarray, lower: np.ndarray, num: int) -> np.ndarray:
    return np.clip(np.log2((together + 0.5) / (upper * lower / num + 0.5)) / 8.0, -2.0, 2.0)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part / np.maximum(whole, 1.0)


def _below(value: np.ndarray, distance: int) -> np.ndarray:
    return np.concatenate([np.zeros(distance), value])


def _above(value: np.ndarray, distance: int) -> np.ndarray:
    return np.concatenate([value, np.zeros(distance)])
