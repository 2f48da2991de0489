r"""Where the fields of a word begin and end: the carry test of a pair, made inside one word.

Between bit :math:`c - 1` and bit :math:`c` the word is cut into a low part and a high part. If a number runs across the
cut, the high part steps when the low part rolls over, as between the halves of a 32-bit value; the same log likelihood
ratio decides. It is positive inside a number, negative between two fields, and near 0 where nothing can be told:
there, the share of changes decides, which within a number falls from bit to bit.

Reference: Marchetti and Stabili, READ: reverse engineering of automotive data frames, 2019 (the falling share).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.bits import NUM_BITS, BitStatistics, bit_statistics
from sensorgraph.words.channel import require_words
from sensorgraph.words.likelihood import Reference, log_likelihood_ratio

MAX_CHANGES = 768
"""Changes of a word that are looked at, evenly over time."""

SURE = 3.0
"""Nats from which the carry test decides alone."""

SATURATED = 0.25
"""Bits that change in this share of the word's changes, or more, carry no order among themselves."""

SLOW = 0.1
"""The top bit of a number changes in less than this share of the word's changes, if a slower field sits above it."""

MIN_COUNTED = 16
"""Values that a counter must have taken, and changes it must have made, to be known for one."""

COUNTED_SHARE = 0.25
"""Greatest share of a counter's changes that are not its stride: its new beginnings, and losses."""

_CUTS = np.arange(1, NUM_BITS)


@dataclass(frozen=True)
class Layout:
    """How one word is divided.

    Attributes:
        fields: ``(first_bit, last_bit)`` of each run of live bits that belong together, lowest first.
        flags: mask of the fields of one bit.
        live: mask of the bits that ever change.
        continuity: [16] nats for a number that runs across the cut below each bit (entry 0 is 0).
        num_values: how many different words there are.
    """

    fields: tuple[tuple[int, int], ...]
    flags: int
    live: int
    continuity: np.ndarray
    num_values: int


def layout(values: np.ndarray, valid: np.ndarray | None = None, bits: BitStatistics | None = None) -> Layout:
    """Divide one word into fields.

    Args:
        values: [T] uint16.
        valid: [T] bool, or None when every word is there.
        bits: its bit statistics, if they are at hand.

    Raises:
        DataError: not words, or ``valid`` does not fit.

    Example:
        >>> import numpy as np
        >>> time = np.arange(3000)
        >>> flag, level = (time // 70) % 2, (127 + 120 * np.sin(time / 40)).astype(np.int64)
        >>> found = layout((flag << 8 | level).astype(np.uint16))
        >>> found.fields, bin(found.flags)
        (((0, 7), (8, 8)), '0b100000000')
    """
    require_words(values, "layout")
    bits = bit_statistics(values, valid) if bits is None else bits
    continuity = np.zeros(NUM_BITS)
    before, after, known = values[:-1], values[1:], None
    if valid is not None:
        known = valid[1:] & valid[:-1]
        before, after = before[known], after[known]
    place = np.flatnonzero(before != after)
    if len(place):
        continuity[1:] = _continuity(before, after, place)
    good = values if valid is None else values[valid]
    num_values = int(np.count_nonzero(np.bincount(good)))
    if num_values >= MIN_COUNTED and counts(good):
        lowest, highest = (bits.live & -bits.live).bit_length() - 1, bits.live.bit_length() - 1
        return Layout(((lowest, highest),), 0, bits.live, continuity, num_values)
    return _divide(bits, continuity, num_values)


def counts(words: np.ndarray) -> bool:
    """Whether a word is one counter: always the same stride, modulo an end that need not be a power of 2.

    A counter of messages that begins anew at 252 leaves its lowest bit alone for long when every second message is
    seen; by their changes alone its bits look like two fields.

    Args:
        words: [T] uint16.

    Example:
        >>> import numpy as np
        >>> counts((2 * np.arange(2000) % 251).astype(np.uint16)), counts((np.arange(2000) % 300 * 7).astype(np.uint16))
        (True, True)
        >>> counts((np.arange(2000) % 251 + 256 * (np.arange(2000) > 700)).astype(np.uint16))
        False
    """
    change = np.diff(words.astype(np.int64))
    change = change[change != 0]
    if len(change) < MIN_COUNTED:
        return False
    stride = _most_common(change)
    others = change[change != stride]
    if len(others) > COUNTED_SHARE * len(change):
        return False
    if not len(others):
        return True
    end = stride - _most_common(others)
    begun_anew = float((others == stride - end).mean()) > 0.5
    return begun_anew and end * stride > 0 and int(np.ptp(words)) < abs(end)


def _most_common(values: np.ndarray) -> int:
    found, times = np.unique(values, return_counts=True)
    return int(found[times.argmax()])


def _continuity(before: np.ndarray, after: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Log likelihood ratio at each of the 15 cuts, [15]."""
    chosen = place[np.unique(np.linspace(0, len(place) - 1, MAX_CHANGES).astype(np.int64))]
    step, change, joined = _at_cuts(before[chosen], after[chosen])
    moved = change != 0
    usual = np.array([np.median(row[used]) if used.any() else 0.0 for row, used in zip(joined, moved, strict=True)])
    # One more column stands for all transitions in which nothing changes.
    weight = np.full(joined.shape, len(place) / len(chosen))
    weight = np.concatenate([weight, np.full((len(_CUTS), 1), float(len(before) - len(place)))], axis=1)
    references = (
        Reference(_and_still(np.zeros_like(joined))),
        Reference(_and_still(np.where(moved, usual[:, None], 0).astype(np.int64))),
    )
    return log_likelihood_ratio(_and_still(step), _and_still(joined), references, weight, rough_scales=())


def _and_still(value: np.ndarray) -> np.ndarray:
    return np.concatenate([value, np.zeros((len(value), 1), np.int64)], axis=1)


def _at_cuts(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Step of the high part, change of the low part, change of both, at every cut; each [15, W] int64.

    Only the bit above the cut is looked at, so that a busy field further up does not hide a carry. Changes are
    scaled so that one step of the high part is 2^16, as between words.
    """
    cut = _CUTS[:, None]
    first, last = before.astype(np.int64)[None, :], after.astype(np.int64)[None, :]
    step = _nearest((last >> cut) - (first >> cut), np.ones_like(cut))
    raw = (last & ((1 << cut) - 1)) - (first & ((1 << cut) - 1))
    change = _nearest(raw, cut)
    scale = 1 << (NUM_BITS - cut)
    return step, change * scale, _nearest((step << cut) + raw, cut + 1) * scale


def _nearest(difference: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The difference modulo 2^width that is nearest to 0."""
    half = (1 << width) >> 1
    return ((difference + half) & ((1 << width) - 1)) - half


def _divide(bits: BitStatistics, continuity: np.ndarray, num_values: int) -> Layout:
    live = ((bits.live >> np.arange(NUM_BITS)) & 1).astype(bool)
    fields: list[tuple[int, int]] = []
    for bit in np.flatnonzero(live).tolist():
        if fields and fields[-1][1] == bit - 1 and not _is_boundary(bits, continuity, fields[-1][0], bit):
            fields[-1] = (fields[-1][0], bit)
        else:
            fields.append((bit, bit))
    fields = _without_twins(_with_sign(fields, bits), bits)
    flags = sum(1 << first for first, last in fields if first == last)
    return Layout(tuple(fields), flags, bits.live, continuity, num_values)


def _is_boundary(bits: BitStatistics, continuity: np.ndarray, first: int, bit: int) -> bool:
    """Whether a new field begins at this bit, above a field that began at ``first``."""
    toggle, lower = bits.toggle[bit], bits.toggle[bit - 1]
    # Chance alone makes counts differ by their square root.
    rises = bool(toggle > 1.2 * lower + 2.0 * np.sqrt(max(toggle, lower) / max(bits.num_transitions, 1)))
    if abs(continuity[bit]) < SURE:
        return rises
    if continuity[bit] > 0:
        return False
    if not rises:
        return bool(lower < SLOW * bits.change_rate)
    # The low bits of a rough number are as good as independent; nothing can tell them from fields of their own.
    return not bool((bits.toggle[first:bit] > SATURATED * bits.change_rate).all())


def _with_sign(fields: list[tuple[int, int]], bits: BitStatistics) -> list[tuple[int, int]]:
    """Join a lone bit 15 to the number below it if that looks like a float's exponent.

    Signs of floats carry nothing; but the upper bits of an exponent near 1 all change together, as a flag's neighbours
    would not.
    """
    if len(fields) < 2 or fields[-1] != (15, 15) or fields[-2][1] != 14 or fields[-2][0] > 10:
        return fields
    exponent = bits.toggle[11:15]
    if exponent.max() > 1.05 * exponent.min():
        return fields
    return [*fields[:-2], (fields[-2][0], 15)]


def _without_twins(fields: list[tuple[int, int]], bits: BitStatistics) -> list[tuple[int, int]]:
    """Split runs of two bits that only ever change together: 0 and 3 are two flags more often than a number."""
    out: list[tuple[int, int]] = []
    for first, last in fields:
        together = last == first + 1 and bits.toggle_with_lower[last] == 1.0
        if together and bits.toggle[first] == bits.toggle[last] and bits.carry[last] == 0.0:
            out += [(first, first), (last, last)]
        else:
            out.append((first, last))
    return out
