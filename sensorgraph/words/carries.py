"""Wraps of a low word and steps of a high word, and how exactly the two meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.channel import require_words

HALF = 32768
"""Half of a word's range: a change by more than this is read as a roll-over."""


@dataclass(frozen=True)
class Events:
    """Moments at which a channel does something.

    Attributes:
        sample: [n] int64, number of the first sample after the event.
        amount: [n] int32, by how much and in which direction.
    """

    sample: np.ndarray
    amount: np.ndarray


def signed_change(values: np.ndarray) -> np.ndarray:
    r"""Change from sample to sample, modulo :math:`2^{16}`, nearest to zero.

    .. math:: w_t = ((l_t - l_{t-1} + 2^{15}) \bmod 2^{16}) - 2^{15}

    Shapes: ``values`` [..., T] uint16; returns [..., T - 1] int16.

    Example:
        >>> import numpy as np
        >>> signed_change(np.array([65530, 4, 3], np.uint16)).tolist()
        [10, -1]
    """
    return (values[..., 1:] - values[..., :-1]).view(np.int16)


def carry_of(values: np.ndarray) -> np.ndarray:
    r"""Carry that every change sends to the next higher word, if changes are the nearest ones.

    .. math:: c_t = (w_t - (l_t - l_{t-1})) / 2^{16} \in \{-1, 0, 1\}

    Shapes: ``values`` [..., T] uint16; returns [..., T - 1] int8.
    """
    before, after = values[..., :-1], values[..., 1:]
    change = (after - before).view(np.int16)
    # A change that reads as upwards (w > 0) but ends lower has passed 65535; the reverse has passed 0.
    up = (change > 0) & (after < before)
    down = (change < 0) & (after > before)
    return up.view(np.int8) - down.view(np.int8)


def wraps(values: np.ndarray) -> Events:
    """Where a low word rolls over, and in which direction (+1 passes 65535, -1 passes 0).

    Args:
        values: [T] uint16.

    Raises:
        DataError: not words.

    Example:
        >>> import numpy as np
        >>> found = wraps(np.array([65000, 65500, 400, 65200], np.uint16))
        >>> found.sample.tolist(), found.amount.tolist()
        ([2, 3], [1, -1])
    """
    require_words(values, "wraps")
    carry = carry_of(values)
    sample = np.flatnonzero(carry)
    return Events(sample + 1, carry[sample].astype(np.int32))


def steps(values: np.ndarray, max_step: int = HALF) -> Events:
    """Where a high word changes, and by how much (modulo 2^16, signed).

    Args:
        values: [T] uint16.
        max_step: changes larger than this are left out.

    Raises:
        DataError: not words.

    Example:
        >>> import numpy as np
        >>> found = steps(np.array([0, 0, 1, 65535], np.uint16))
        >>> found.sample.tolist(), found.amount.tolist()
        ([2, 3], [1, -2])
    """
    require_words(values, "steps")
    change = signed_change(values).astype(np.int32)
    sample = np.flatnonzero((change != 0) & (np.abs(change) <= max_step))
    return Events(sample + 1, change[sample])
