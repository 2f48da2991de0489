"""How sure a figure is: bootstrap over recordings, spread over seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError


@dataclass(frozen=True)
class Interval:
    """A mean and its interval.

    Attributes:
        mean: over recordings (or seeds).
        low, high: ends of the interval.
        num_samples: recordings (or seeds) behind it.
    """

    mean: float
    low: float
    high: float
    num_samples: int

    @property
    def excludes_zero(self) -> bool:
        """For a difference: only then may 'better' (or 'worse') be said."""
        return self.low > 0 or self.high < 0


def bootstrap_mean(values: ArrayLike, confidence: float = 0.95, num_resamples: int = 10_000, seed: int = 0) -> Interval:
    """Mean over recordings with a percentile bootstrap interval.

    Why by recording: bins of one recording resemble each other, so resampling bins would claim far too much.

    Args:
        values: [R], one figure per recording.
        confidence: coverage of the interval.
        num_resamples: draws of R recordings with replacement.
        seed: of the draws.

    Raises:
        DataError: fewer than 2 recordings, a value that is not finite, or a confidence outside (0, 1).

    Example:
        >>> interval = bootstrap_mean([0.2, 0.4, 0.3, 0.5])
        >>> round(interval.mean, 3), 0.2 <= interval.low < interval.mean < interval.high <= 0.5
        (0.35, True)

    Reference:
        Efron: Bootstrap Methods, 1979.
    """
    figures = np.asarray(values, dtype=np.float64)
    if figures.ndim != 1 or figures.size < 2 or not np.isfinite(figures).all():
        raise DataError(f"bootstrap_mean: needs 2 or more finite figures, one per recording (got {figures})")
    if not 0 < confidence < 1:
        raise DataError(f"bootstrap_mean: confidence must be in (0, 1) (got {confidence})")
    draws = np.random.default_rng(seed).integers(figures.size, size=(num_resamples, figures.size))
    tail = (1 - confidence) / 2
    low, high = np.quantile(figures[draws].mean(axis=1), [tail, 1 - tail])
    return Interval(float(figures.mean()), float(low), float(high), figures.size)


def paired_difference(
    ours: ArrayLike, theirs: ArrayLike, confidence: float = 0.95, num_resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Mean of ``ours - theirs`` over the same recordings, with a bootstrap interval.

    Why paired: recordings differ in difficulty far more than methods do.

    Args:
        ours: [R], or [K, R] for K seeds (averaged over seeds first: seeds are no new recordings).
        theirs: the same, for the other method.
        confidence, num_resamples, seed: see `bootstrap_mean`.

    Raises:
        DataError: the numbers of recordings differ, or see `bootstrap_mean`.

    Example:
        >>> paired_difference([0.5, 0.7, 0.6], [0.4, 0.5, 0.5]).excludes_zero
        True
    """
    mine, other = (np.atleast_2d(np.asarray(values, dtype=np.float64)).mean(axis=0) for values in (ours, theirs))
    if mine.shape != other.shape:
        raise DataError(f"paired_difference: both need the same recordings (got {mine.size} and {other.size})")
    return bootstrap_mean(mine - other, confidence, num_resamples, seed)


@dataclass(frozen=True)
class Spread:
    """One figure over several seeds."""

    mean: float
    std: float
    lowest: float
    highest: float
    num_seeds: int


def spread_over_seeds(values: ArrayLike) -> Spread:
    """Mean, sample standard deviation and range over seeds.

    Args:
        values: [K], one figure per seed.

    Raises:
        DataError: no seed, or a value that is not finite.

    Example:
        >>> spread_over_seeds([0.7, 0.8, 0.9]).std.__round__(3)
        0.1
    """
    figures = np.asarray(values, dtype=np.float64)
    if figures.ndim != 1 or figures.size == 0 or not np.isfinite(figures).all():
        raise DataError(f"spread_over_seeds: needs one finite figure per seed (got {figures})")
    std = float(figures.std(ddof=1)) if figures.size > 1 else float("nan")
    return Spread(float(figures.mean()), std, float(figures.min()), float(figures.max()), figures.size)
