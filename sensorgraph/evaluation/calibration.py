"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError
from sensorgraph.evaluation.inputs import checked


@dataclass(frozen=True)
class Calibration:
    """Stated against observed probability.

    Attributes:
        error: expected calibration error (ECE), the mean gap weighted by how often each bin occurs.
        largest_error: the gap of the worst bin.
        brier: mean squared error of the probabilities.
        stated, observed: mean probability and share of truths per bin that holds anything.
        counts: how many probabilities fell into those bins.
    """

    error: float
    largest_error: float
    brier: float
    stated: np.ndarray
    observed: np.ndarray
    counts: np.ndarray


def calibration(outcomes: ArrayLike, probabilities: ArrayLike, num_bins: int = 15) -> Calibration:
    r"""Expected calibration error with bins of equal width.

    For classes, pass whether the chosen class was right as ``outcomes`` and its probability as ``probabilities``.

    Maths: :math:`\sum_b \frac{n_b}{n} \, |\mathrm{mean}(p)_b - \mathrm{mean}(y)_b|`.

    Args:
        outcomes: [T] 0 or 1.
        probabilities: [T] within 0..1.
        num_bins: of equal width over 0..1.

    Raises:
        DataError: shapes differ, a probability outside 0..1, or no bin.

    Example:
        >>> calibration([0, 1, 1, 1], [0.75, 0.75, 0.75, 0.75]).error
        0.0

    Reference:
        Guo et al.: On Calibration of Modern Neural Networks, ICML 2017.
    """
    judged = checked(outcomes, probabilities, "calibration", both_classes=False)
    stated = judged.scores
    if stated.min() < 0 or stated.max() > 1:
        raise DataError(f"calibration: probabilities must lie in 0..1 (got {stated.min()} to {stated.max()})")
    if num_bins < 1:
        raise DataError(f"calibration: num_bins must be 1 or more (got {num_bins})")
    place = np.minimum((stated * num_bins).astype(int), num_bins - 1)
    counts = np.bincount(place, minlength=num_bins)
    held = counts > 0
    mean_stated = np.bincount(place, weights=stated, minlength=num_bins)[held] / counts[held]
    mean_observed = np.bincount(place, weights=judged.labels, minlength=num_bins)[held] / counts[held]
    gaps = np.abs(mean_stated - mean_observed)
    return Calibration(
        error=float((gaps * counts[held]).sum() / stated.size),
        largest_error=float(gaps.max()),
        brier=float(((stated - judged.labels) ** 2).mean()),
        stated=mean_stated,
        observed=mean_observed,
        counts=counts[held],
    )
