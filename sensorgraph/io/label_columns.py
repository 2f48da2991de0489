"""Columns of zeros and ones that say where something was wrong, as labels."""

from __future__ import annotations

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes import Anomaly


def flags_of(numbers: np.ndarray, place: str) -> np.ndarray:
    """A label column as bool.

    Raises:
        DataError: a cell is neither 0 nor 1; the first such row is named.
    """
    wrong = (numbers != 0) & (numbers != 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(f"{place}: row {row + 1} must be 0 or 1 in a label column (got {numbers[row]:g})")
    return numbers == 1


def anomalies_of(flags: np.ndarray, time_s: np.ndarray, period_s: float, kind: str) -> tuple[Anomaly, ...]:
    """One anomaly per run of true rows, from its first row to one period after its last, or to the next row.

    Nobody says which stream is to blame, so the category is ``system`` and root cause and affected stay empty.

    Shapes: ``flags`` [T] bool, ``time_s`` [T] (s).

    Example:
        >>> found = anomalies_of(np.array([0, 1, 1, 0], bool), np.array([0.0, 1.0, 2.1, 3.0]), 1.0, "anomaly")
        >>> [(one.start_s, one.end_s) for one in found]
        [(1.0, 3.0)]
    """
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    ends_s = np.minimum(np.append(time_s[1:], np.inf), time_s + period_s)
    return tuple(
        Anomaly(kind, "system", start_s=float(time_s[first]), end_s=float(ends_s[last - 1]))
        for first, last in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    )
