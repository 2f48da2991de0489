"""Peaks of a dependent series: what is one event must be counted once."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d


def extremal_index(scores: np.ndarray, level: float) -> float:
    r"""Share of exceedances that begin a new cluster, from the times between them.

    $$\hat\theta = \frac{2 (\sum_i (T_i - 1))^2}{N \sum_i (T_i - 1)(T_i - 2)}$$, capped at 1: exponential gaps
    mean independence, many gaps of 1 mean clusters.

    Args:
        scores: in order of time; NaN counts as not above the level.
        level: a high quantile.

    Shapes: ``scores`` [T].

    Example:
        >>> extremal_index(np.random.default_rng(0).random(20_000), 0.95) > 0.9
        True

    Reference: Ferro and Segers, Inference for clusters of extreme values, 2003.
    """
    gaps = np.diff(np.flatnonzero(scores > level)).astype(np.float64)
    if len(gaps) < 2:
        return 1.0
    if gaps.max() <= 2:
        return float(min(1.0, 2.0 * gaps.sum() ** 2 / (len(gaps) * (gaps**2).sum())))
    below = (len(gaps)) * ((gaps - 1.0) * (gaps - 2.0)).sum()
    return float(min(1.0, 2.0 * (gaps - 1.0).sum() ** 2 / below))


def run_length(scores: np.ndarray, level: float) -> int:
    """Samples below the level that end a cluster: gaps longer than this lie between clusters, by Ferro and Segers.

    Returns 0 for independent scores, where every exceedance is an event of its own.
    """
    gaps = np.sort(np.diff(np.flatnonzero(scores > level)))
    index = extremal_index(scores, level)
    # An index this close to 1 is what independent scores give by chance.
    if len(gaps) < 10 or index > 1.0 - 2.0 / np.sqrt(len(gaps)):
        return 0
    num_clusters = max(int(index * len(gaps)), 1)
    return int(gaps[-num_clusters])


def window_maxima(scores: np.ndarray, gap: int) -> np.ndarray:
    """Positions that are the largest within ``gap`` samples on both sides, the first of equal ones.

    Unlike cluster maxima they do not depend on a level, so a tail can be fitted above any of them.

    Shapes: ``scores`` [T], NaN is never a peak; returns [P] int64.

    Example:
        >>> window_maxima(np.array([0.0, 3.0, 1.0, 3.0, 0.0, 0.0, 2.0]), 2).tolist()
        [1, 6]
    """
    if gap < 1:
        return np.flatnonzero(~np.isnan(scores))
    filled = np.where(np.isnan(scores), -np.inf, scores)
    highest = maximum_filter1d(filled, size=2 * gap + 1, mode="constant", cval=-np.inf)
    positions = np.flatnonzero((filled == highest) & (filled > -np.inf))
    if len(positions) < 2:
        return positions
    # Equal neighbours within one window are one plateau: only its first sample stays.
    return positions[np.append(True, np.diff(positions) > gap)]


def peaks_per_event(scores: np.ndarray, peaks: np.ndarray, gap: int, levels: np.ndarray) -> np.ndarray:
    """How many peaks belong to one event, above each of some levels.

    An event is all that lies above a level and is no more than ``gap`` samples apart, as `find_events` counts; one that
    lasts long holds several peaks that are farther apart than the gap. Far above the highest score it is one.

    Args:
        scores: in order of time.
        peaks: positions, of `window_maxima`.
        gap: as there; neighbours are one event whatever it is.
        levels: of any order.

    Shapes: ``scores`` [T], ``levels`` [B]; returns [B], 1 or more.

    Example:
        >>> scores = np.array([0.0, 3.0, 2.0, 2.0, 3.5, 0.0, 0.0, 0.0])
        >>> peaks_per_event(scores, window_maxima(scores, 1), 1, np.array([1.0, 2.5])).tolist()
        [1.5, 1.0]
    """
    gap = max(gap, 1)
    filled = np.where(np.isnan(scores), -np.inf, scores)
    padded = np.concatenate([np.full(gap, -np.inf), filled])
    before = maximum_filter1d(padded, size=gap, mode="constant", cval=-np.inf)[gap // 2 :][: len(scores)]
    # A sample begins an event of every level between the highest of those before it and itself.
    begins = filled > before
    num_events = _num_above(filled[begins], levels) - _num_above(before[begins], levels)
    # One of each more: the last few events say little about how long those above them last.
    return np.maximum((_num_above(filled[peaks], levels) + 1) / (num_events + 1), 1.0)


def _num_above(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return len(values) - np.searchsorted(np.sort(values), levels, side="right")
