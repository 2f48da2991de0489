"""How much to smooth, decided by the recording itself: every row takes the width that makes it most surprising."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDTHS = (5, 15, 50)
"""Rows of the training clock that are averaged; short for spikes and steps, long for faint and lasting faults."""


_USUAL = 0.9
"""Share of the normal rows that a smoothed kind of evidence is compared with."""

_LEAST_HEIGHT = 0.1
"""Of the mean: where nearly all rows are quite still (flags that are seldom up), they do not make the rest enormous."""

_NOTHING = 1e-6
"""Evidence this small is none: channels that never moved."""


@dataclass(frozen=True)
class Blend:
    """Scores of rows, and how they came about.

    Attributes:
        scores: [T] mean over the kinds of evidence of the largest moving mean; 0 where nothing was measured.
        measured: [T] bool, False where nothing was measured within the widest window.
        chosen: [3, T] number of the width that was largest for each kind.
    """

    scores: np.ndarray
    measured: np.ndarray
    chosen: np.ndarray


def usual_heights(rows: np.ndarray, widths: tuple[int, ...], causal: bool) -> np.ndarray:
    """What one normal row in ten exceeds, per width and kind of evidence.

    This is how the recording says how much to smooth: where noise is quick, wide means hardly move and a small rise of
    theirs counts for much; where normal operation wanders slowly, wide means wander too and are trusted less.

    Shapes: ``rows`` [3, T] of training; returns [W, 3].

    Example:
        >>> rows = np.random.default_rng(0).random((1, 1000))
        >>> quick, slow = usual_heights(rows, (1, 50), causal=True)[:, 0]
        >>> bool(quick > 0.85 and slow < 0.65)
        True
    """
    out = np.ones((len(widths), len(rows)))
    for number, width in enumerate(widths):
        for kind, smooth in enumerate(moving_mean(rows, width, causal)):
            known = smooth[~np.isnan(smooth)]
            if len(known):
                height = max(float(np.quantile(known, _USUAL)), _LEAST_HEIGHT * float(known.mean()))
                out[number, kind] = height if height > _NOTHING else 1.0
    return out


def blend(rows: np.ndarray, usual: np.ndarray, widths: tuple[int, ...], causal: bool) -> Blend:
    """Scores from the evidence of rows.

    A kind of evidence is smoothed with every width, and counts with the width that makes it stand out most from what is
    usual. Kinds are then averaged, so that none of them alarms alone unless it is very sure.

    Args:
        rows: the evidence.
        usual: of normal rows, from `usual_heights`.
        widths: of the moving means, in rows.
        causal: means of past rows, else of rows on both sides.

    Shapes: ``rows`` [3, T], NaN where there is nothing; ``usual`` [W, 3].

    Example:
        >>> blend(np.array([[1.0, 1.0, 7.0, 1.0]]), np.ones((2, 1)), (1, 3), causal=True).scores.tolist()
        [1.0, 1.0, 7.0, 3.0]
    """
    smooth = np.stack([moving_mean(rows, width, causal) for width in widths]) / usual[:, :, None]
    empty = np.isnan(smooth)
    filled = np.where(empty, -np.inf, smooth)
    chosen = filled.argmax(axis=0)
    largest = filled.max(axis=0)
    known = np.isfinite(largest)
    scores = np.where(known, largest, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return Blend(scores, known.any(axis=0), chosen)


def moving_mean(series: np.ndarray, width: int, causal: bool) -> np.ndarray:
    """Mean over a window of what is there; shorter windows at the ends.

    Shapes: ``series`` [..., T], NaN where missing; returns the same, NaN for windows without any.

    Example:
        >>> moving_mean(np.array([1.0, 3.0, np.nan, 5.0]), 3, causal=False).tolist()
        [2.0, 2.0, 4.0, 5.0]
    """
    num = series.shape[-1]
    missing = np.isnan(series)
    after = 0 if causal else (width - 1) // 2
    place = np.arange(num)
    first, last = np.maximum(place - (width - 1 - after), 0), np.minimum(place + after + 1, num)
    total = _sum_between(np.where(missing, 0.0, series), first, last)
    if not missing.any():
        return total / (last - first)
    count = _sum_between(~missing, first, last)
    return np.where(count > 0.5, total / np.maximum(count, 1.0), np.nan)


def _sum_between(series: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    running = np.zeros((*series.shape[:-1], series.shape[-1] + 1))
    np.cumsum(series, axis=-1, dtype=np.float64, out=running[..., 1:])
    return running[..., last] - running[..., first]
