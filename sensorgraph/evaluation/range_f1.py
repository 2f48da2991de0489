"""Range-based precision and recall: how much of each event is covered, and in how many pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError
from sensorgraph.evaluation.events import runs
from sensorgraph.evaluation.inputs import checked, checked_labels

_EXISTENCE_WEIGHT = 0.2  # of recall; the rest is overlap


@dataclass(frozen=True)
class RangeFigures:
    """Range-based figures of given alarms."""

    precision: float
    recall: float
    f1: float


def range_figures(labels: ArrayLike, alarms: ArrayLike) -> RangeFigures:
    r"""Range-based precision, recall and F1.

    Why: one long event must not outweigh ten short ones, and an event that is covered in many pieces is worth less than
    one that is covered in one.

    Maths: an event :math:`e` is worth :math:`c(e) = |e \cap A| / |e|` divided by the number of alarm runs that touch
    it. Recall is the mean over events of :math:`0.2\,[c > 0] + 0.8\,c`, precision the mean of :math:`c` with events and
    alarm runs in exchanged roles. A kind without runs gives 0.

    Args:
        labels: [T] 0 or 1.
        alarms: [T] 0 or 1.

    Raises:
        DataError: shapes differ, or a value is neither 0 nor 1.

    Example:
        >>> range_figures([0, 1, 1, 0], [0, 1, 0, 0]).precision
        1.0

    Reference:
        Tatbul et al.: Precision and Recall for Time Series, NeurIPS 2018 (flat bias, reciprocal cardinality).
    """
    truth = checked_labels(labels, "range_figures")
    raised = checked_labels(alarms, "range_figures, alarms")
    if truth.shape != raised.shape:
        raise DataError(f"range_figures: alarms must have the shape of labels {truth.shape} (got {raised.shape})")
    covered, hit = _covered(truth, raised), _covered(raised, truth)
    recall = (
        float((_EXISTENCE_WEIGHT * (covered > 0) + (1 - _EXISTENCE_WEIGHT) * covered).mean()) if covered.size else 0.0
    )
    precision = float(hit.mean()) if hit.size else 0.0
    both = precision + recall
    return RangeFigures(precision, recall, 2 * precision * recall / both if both > 0 else 0.0)


def best_range_f1(labels: ArrayLike, scores: ArrayLike, num_thresholds: int = 100) -> float:
    """The best range-based F1 over thresholds evenly spaced between the lowest and the highest score.

    It looks at the labels, so it is an upper bound and not a result.

    Args:
        labels: [T] 0 or 1, both present.
        scores: [T] finite.
        num_thresholds: how many thresholds are tried.

    Raises:
        DataError: see `sensorgraph.evaluation.inputs.checked`.
    """
    judged = checked(labels, scores, "best_range_f1")
    thresholds = np.linspace(judged.scores.min(), judged.scores.max(), num_thresholds)
    return max(range_figures(judged.labels, judged.scores > threshold).f1 for threshold in thresholds)


def _covered(whole: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Per run of ``whole``, the share that ``parts`` covers, divided by the number of pieces."""
    events, pieces = runs(whole), runs(parts)
    total = np.append(0, np.cumsum(parts))
    share = (total[events[:, 1]] - total[events[:, 0]]) / (events[:, 1] - events[:, 0])
    num_begun = np.searchsorted(pieces[:, 0], events[:, 1])
    num_over = np.searchsorted(pieces[:, 1], events[:, 0], side="right")
    return share / np.maximum(num_begun - num_over, 1)
