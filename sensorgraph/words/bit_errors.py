"""Bit errors of the wire: a sample that differs from its neighbours in one bit, and comes straight back."""

from __future__ import annotations

import numpy as np

from sensorgraph.words.carries import signed_change

MIN_BIT = 4
"""An excursion by a lower bit may be a value that dithers; it counts only in a word that has higher ones, too."""

MIN_BITS = 4
"""Excursions by so many of the higher bits show that a word suffers from errors."""


def without_bit_errors(words: np.ndarray) -> np.ndarray:
    r"""The words with one-sample excursions by :math:`\pm 2^b` taken back.

    A sample is taken for an error when it leaves the line between its neighbours by a power of two, within the
    distance of these neighbours, and that distance is less than an eighth of it. Words in which such excursions by 16
    or more show in fewer than four bits are left alone: a flag or a value may jump for a sample, but not everywhere.

    Args:
        words: [n, T] uint16.

    Shapes: returns [n, T] uint16, ``words`` itself where nothing is wrong.

    Example:
        >>> import numpy as np
        >>> clean = np.arange(100, 150, dtype=np.uint16)[None, :]
        >>> dirty = clean.copy()
        >>> dirty[0, [5, 20, 30, 40]] ^= np.array([1 << 14, 1 << 8, 1 << 11, 1 << 15], np.uint16)
        >>> bool((without_bit_errors(dirty) == clean).all())
        True
    """
    if words.shape[1] < 3:
        return words
    change = signed_change(words)
    there, back = change[:, :-1], change[:, 1:]
    # In int16 a jump by bit 15 comes back with the same sign; the sum is small all the same, modulo 2^16.
    apart = np.abs(there + back)
    row, before = np.nonzero((apart >= 0) & (apart < 4096) & ((there > 1) | (there < -1)))
    jump = np.abs(there[row, before].astype(np.int32))
    gap = (there[row, before] + back[row, before]).astype(np.int32)
    keep = np.abs(gap) * 8 < jump
    row, before, jump, gap = row[keep], before[keep], jump[keep], gap[keep]
    away = np.abs(there[row, before].astype(np.int32) - gap / 2.0)
    bit = np.round(np.log2(np.maximum(away, 1.0)))
    exact = (np.abs(away - 2.0**bit) <= np.abs(gap) / 2.0 + 0.5) & (bit >= 1)
    row, before, bit, gap = row[exact], before[exact], bit[exact], gap[exact]
    seen = np.zeros((len(words), 17), bool)
    seen[row, bit.astype(np.int64)] = True
    wrong = seen[:, MIN_BIT:].sum(axis=1)[row] >= MIN_BITS
    if not wrong.any():
        return words
    row, before, gap = row[wrong], before[wrong], gap[wrong]
    out = words.copy()
    out[row, before + 1] = (words[row, before].astype(np.int64) + (gap + 1) // 2) & 0xFFFF
    return out
