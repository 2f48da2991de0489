"""Time stamps of a log as seconds of a recording, and the rate that they amount to."""

from __future__ import annotations

import numpy as np


def rising_s(time_ns: np.ndarray, start_ns: int) -> np.ndarray:
    """Seconds since the start; samples of one instant are put a nanosecond apart, in the order of the log.

    A stream has one sample at a time, but a logger may stamp several with the same microsecond.

    Args:
        time_ns: [T] int64, not falling (ns).
        start_ns: where the recording's clock begins.

    Returns:
        [T] float64, rising (s).

    Example:
        >>> rising_s(np.array([5, 5, 2_000_000_000]), 0).tolist()
        [5e-09, 6e-09, 2.0]
    """
    order = np.arange(len(time_ns))
    return (np.maximum.accumulate(time_ns - start_ns - order) + order) / 1e9


def rate_hz_of(time_s: np.ndarray, duration_s: float) -> float:
    """One over the median step; one sample per recording where there is only one.

    Example:
        >>> rate_hz_of(np.array([0.0, 0.5, 1.0, 9.0]), 10.0), rate_hz_of(np.array([3.0]), 10.0)
        (2.0, 0.1)
    """
    return 1 / float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1 / duration_s
