"""What every measure asks of its labels and scores, checked in one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError


@dataclass(frozen=True)
class Judged:
    """Labels and scores that passed the checks.

    Attributes:
        labels: [T] bool, True where something is wrong.
        scores: [T] float64, finite, higher means more unexpected.
    """

    labels: np.ndarray
    scores: np.ndarray


def checked_labels(labels: ArrayLike, place: str) -> np.ndarray:
    """Labels as [T] bool.

    Raises:
        DataError: labels are not one-dimensional, are empty, or hold anything but 0 and 1.
    """
    array = np.asarray(labels)
    if array.ndim != 1 or array.size == 0:
        raise DataError(f"{place}: labels must be a non-empty vector (got shape {array.shape})")
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise DataError(
            f"{place}: labels must be 0 or 1; turn classes into 'wrong or not' (got {np.unique(array)[:5]})"
        )
    return array.astype(bool)


def checked(labels: ArrayLike, scores: ArrayLike, place: str, *, both_classes: bool = True) -> Judged:
    """Labels and scores that a measure can work with.

    Args:
        labels: [T] 0 or 1.
        scores: [T] finite numbers.
        place: name of the measure, for the message.
        both_classes: whether at least one 0 and one 1 must be there.

    Raises:
        DataError: shapes differ, a score is not finite, or a class is missing where both are needed.
    """
    truth = checked_labels(labels, place)
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != truth.shape:
        raise DataError(f"{place}: scores must have the shape of labels {truth.shape} (got {values.shape})")
    num_bad = int((~np.isfinite(values)).sum())
    if num_bad:
        raise DataError(
            f"{place}: scores must be finite; fill or leave out unscored bins first (got {num_bad} that are not)"
        )
    if both_classes and (truth.all() or not truth.any()):
        raise DataError(f"{place}: labels must hold both classes (got only {int(truth[0])})")
    return Judged(truth, values)
