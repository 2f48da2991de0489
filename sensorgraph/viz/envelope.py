"""A long series as few points that look the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Envelope:
    """A line to draw: ``time_s`` and ``value`` [M]; NaN breaks it where samples are missing."""

    time_s: np.ndarray
    value: np.ndarray


def envelope(time_s: np.ndarray, value: np.ndarray, num_columns: int = 1500) -> Envelope:
    """Smallest and largest value per column of the picture, in place of thousands of samples that share it.

    Taking every tenth sample would hide spikes and invent slow waves (aliasing); the extremes hide nothing that the
    picture could show. Series with up to two samples per column are returned as they are.

    Args:
        time_s: of each sample, ascending (s).
        value: NaN where a sample is missing.
        num_columns: columns over the time that the series spans.

    Shapes: ``time_s``, ``value`` [T].

    Example:
        >>> spiky = np.zeros(100_000)
        >>> spiky[777] = 5.0
        >>> line = envelope(np.arange(100_000) / 2000, spiky, num_columns=100)
        >>> len(line.value), line.value.max().item()
        (200, 5.0)
    """
    value = np.asarray(value, dtype=np.float64)
    if len(value) <= 2 * num_columns:
        return Envelope(np.asarray(time_s, dtype=np.float64), value)
    column = (time_s - time_s[0]) / max(time_s[-1] - time_s[0], 1e-12) * num_columns
    column = np.minimum(column.astype(np.int64), num_columns - 1)
    first = np.flatnonzero(np.diff(column, prepend=-1))
    # A column that holds nothing but missing samples stays NaN; a partly missing one shows what there is.
    missing = np.isnan(value)
    low = np.minimum.reduceat(np.where(missing, np.inf, value), first)
    high = np.maximum.reduceat(np.where(missing, -np.inf, value), first)
    empty = low > high
    low[empty] = high[empty] = np.nan
    last = np.append(first[1:], len(value)) - 1
    rising = value[last] >= value[first]
    pair = np.where(rising[:, None], np.stack([low, high], 1), np.stack([high, low], 1))
    return Envelope(np.stack([time_s[first], time_s[last]], 1).reshape(-1), pair.reshape(-1))
