"""A row is as surprising as its most surprising channels are on average."""

from __future__ import annotations

import numpy as np

_MOST_CHANNELS = 20
"""So many channels of a row are averaged, lest hundreds of quiet ones hide a fault."""


def mean_of_largest(scaled: np.ndarray, usual: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Weighted mean of the largest values in each row, corrected for the channels that are missing.

    Args:
        scaled: what each channel says.
        usual: what it usually says.
        weight: how much it counts; 1 when None.

    Shapes: ``scaled`` [T, C], NaN where there is nothing; ``usual``, ``weight`` [C]; returns [T] float64, NaN for rows
    without any.

    Example:
        >>> rows = np.array([[1.0, 5.0], [1.0, np.nan]])
        >>> mean_of_largest(rows, usual=np.ones(2), weight=np.array([1.0, 0.25])).tolist()
        [1.8, 1.0]
    """
    num_channels = scaled.shape[1]
    missing = np.isnan(scaled)
    if weight is None or (weight == weight[0]).all():
        whole = ~missing.any(axis=1)
        if whole.all():
            return _largest(scaled).mean(axis=1, dtype=np.float64)
        weight = np.ones(num_channels)
        if whole.any():
            # Sorting is dear, and a gap somewhere is no reason to sort rows that have none.
            out = np.empty(len(scaled))
            out[whole] = _largest(scaled[whole]).mean(axis=1, dtype=np.float64)
            out[~whole] = mean_of_largest(scaled[~whole], usual, weight)
            return out
    heavy = np.where(missing, 0.0, scaled * weight)
    there = ~missing @ weight
    total, share = heavy.sum(axis=1), there
    if num_channels > _MOST_CHANNELS:
        # What is missing goes last, behind a 0 that was measured.
        order = np.argsort(np.where(missing, 1.0, -scaled), axis=1, kind="stable")
        running, told = (
            np.cumsum(np.take_along_axis(part, order, axis=1), axis=1)
            for part in (heavy, np.where(missing, 0.0, weight))
        )
        enough = told >= (there * (_MOST_CHANNELS / num_channels))[:, None] * (1.0 - 1e-9)
        last = enough.argmax(axis=1)[:, None]
        total, share = (np.take_along_axis(part, last, axis=1)[:, 0] for part in (running, told))
    mean = total / np.maximum(share, np.finfo(float).tiny)
    # What the channels that are there usually say, against what all of them do.
    expected = (~missing @ (usual * weight)) / np.maximum(there, np.finfo(float).tiny)
    mean *= float(np.average(usual, weights=weight)) / np.maximum(expected, 1e-6)
    return np.where(there > 0, mean, np.nan)


def _largest(scaled: np.ndarray) -> np.ndarray:
    num_channels = scaled.shape[1]
    if num_channels <= _MOST_CHANNELS:
        return scaled
    return np.partition(scaled, num_channels - _MOST_CHANNELS, axis=1)[:, -_MOST_CHANNELS:]
