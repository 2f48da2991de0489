"""Roll-overs of a value that fits one word: counters and angles that run over their end and begin anew."""

from __future__ import annotations

import numpy as np

MIN_RANGE = 15
"""Words that take fewer values than this have no ends that could be told from steps."""

NEAR_END = 0.125
"""A roll-over leads from this share of the range at one end to the same share at the other."""


def rolling(words: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    r"""Samples at which a word's own value rolls over.

    A jump counts when it spans more than half of the range, leads from one end to the other, and is far larger than
    what the word usually does. The modulus need not be :math:`2^{16}`: an angle may turn at 36000. Words are read as
    signed where that makes their range smaller, so that a signed value that crosses 0 does not roll over.

    Args:
        words: [T] uint16.
        valid: [T] bool, or None when every word is there.

    Shapes: returns [n] int64, first samples after each roll-over.

    Example:
        >>> import numpy as np
        >>> rolling(((np.arange(1000) * 70) % 36000).astype(np.uint16)).tolist()
        [515]
    """
    nothing = np.zeros(0, np.int64)
    good = words if valid is None else words[valid]
    if len(good) < 4:
        return nothing
    readings = good.astype(np.int64), good.view(np.int16).astype(np.int64)
    value = min(readings, key=np.ptp)
    low, high = int(value.min()), int(value.max())
    spread = high - low
    change = np.diff(value)
    size = np.abs(change[change != 0])
    if spread < MIN_RANGE or not len(size):
        return nothing
    wide = np.abs(change) > spread / 2
    # What rolls over goes the whole way between two roll-overs in many steps.
    if np.median(size) > spread / 8 or wide.sum() > len(size) / 4:
        return nothing
    edge = NEAR_END * spread
    before, after = value[:-1], value[1:]
    falls = (before > high - edge) & (after < low + edge)
    rises = (before < low + edge) & (after > high - edge)
    at = np.flatnonzero(wide & (falls | rises)) + 1
    if not len(at):
        return nothing
    # A flag on top of a number jumps back and forth; a value that turns comes back the way it went, or from the end.
    if _returns_at_once(at, change):
        return nothing
    return at if valid is None else np.flatnonzero(valid)[at]


def _returns_at_once(at: np.ndarray, change: np.ndarray) -> bool:
    """Whether most jumps are taken back by the very next one a few samples later: an excursion, not a turn."""
    if len(at) < 2:
        return False
    sign = np.sign(change[at - 1])
    back = (sign[1:] != sign[:-1]) & (np.diff(at) <= 2)
    return bool(back.mean() > 0.5)
