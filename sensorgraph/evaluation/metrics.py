"""Point-wise measures of scores and alarms against labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from sensorgraph.errors import DataError
from sensorgraph.evaluation.inputs import checked, checked_labels


@dataclass(frozen=True)
class BestF1:
    """The best F1 that any threshold reaches. It looks at the labels, so it is an upper bound and not a result."""

    f1: float
    precision: float
    recall: float
    threshold: float
    """Alarms are the scores strictly above it."""


@dataclass(frozen=True)
class AlarmFigures:
    """What a set of alarms is worth, point by point.

    Attributes:
        precision: share of alarms that are right (0 if there are none).
        recall: share of anomalous points with an alarm.
        f1: harmonic mean of both.
        false_alarm_rate: alarms among the normal points (FAR; NaN without normal points).
        missed_alarm_rate: anomalous points without an alarm (MAR; NaN without anomalous points).
    """

    precision: float
    recall: float
    f1: float
    false_alarm_rate: float
    missed_alarm_rate: float


def auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    r"""Area under the ROC curve.

    Maths: :math:`P(s_+ > s_-) + P(s_+ = s_-)/2`, from the ranks of the positives (Mann and Whitney, 1947).

    Args:
        labels: [T] 0 or 1, both present.
        scores: [T] finite, higher means more unexpected.

    Raises:
        DataError: see `sensorgraph.evaluation.inputs.checked`.

    Example:
        >>> auroc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75
    """
    judged = checked(labels, scores, "auroc")
    num_positive = int(judged.labels.sum())
    num_negative = judged.labels.size - num_positive
    rank_sum = rankdata(judged.scores)[judged.labels].sum()
    return float((rank_sum - num_positive * (num_positive + 1) / 2) / (num_positive * num_negative))


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    r"""Area under the precision-recall curve as average precision (AUC-PR).

    Maths: :math:`\sum_k (R_k - R_{k-1}) P_k` over the distinct scores from high to low; no interpolation, which would
    flatter (Davis and Goadrich, 2006).

    Args:
        labels: [T] 0 or 1, both present.
        scores: [T] finite.

    Raises:
        DataError: see `sensorgraph.evaluation.inputs.checked`.

    Example:
        >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
        0.8333
    """
    judged = checked(labels, scores, "average_precision")
    curve = _curve(judged.labels, judged.scores)
    return float(np.sum(np.diff(curve.recall, prepend=0.0) * curve.precision))


def best_f1(labels: ArrayLike, scores: ArrayLike) -> BestF1:
    """The best F1 over all thresholds, with the threshold that reaches it.

    Why: it bounds what a threshold rule can reach with these scores. Chosen on test labels, it is never a headline.

    Args:
        labels: [T] 0 or 1, both present.
        scores: [T] finite.

    Raises:
        DataError: see `sensorgraph.evaluation.inputs.checked`.

    Example:
        >>> best_f1([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).f1
        0.8
    """
    judged = checked(labels, scores, "best_f1")
    curve = _curve(judged.labels, judged.scores)
    f1 = 2 * curve.precision * curve.recall / np.maximum(curve.precision + curve.recall, np.finfo(float).tiny)
    best = int(np.argmax(f1))
    threshold = np.nextafter(curve.threshold[best], -np.inf)  # alarms are strictly above the threshold
    return BestF1(float(f1[best]), float(curve.precision[best]), float(curve.recall[best]), float(threshold))


def alarm_figures(labels: ArrayLike, alarms: ArrayLike) -> AlarmFigures:
    """Precision, recall, F1, false-alarm rate and missed-alarm rate of given alarms.

    Args:
        labels: [T] 0 or 1.
        alarms: [T] 0 or 1.

    Raises:
        DataError: shapes differ or a value is neither 0 nor 1.

    Example:
        >>> alarm_figures([0, 0, 1, 1], [0, 1, 1, 1]).false_alarm_rate
        0.5
    """
    truth = checked_labels(labels, "alarm_figures")
    raised = checked_labels(alarms, "alarm_figures, alarms")
    if truth.shape != raised.shape:
        raise DataError(f"alarm_figures: alarms must have the shape of labels {truth.shape} (got {raised.shape})")
    true_alarms, false_alarms = int((truth & raised).sum()), int((~truth & raised).sum())
    missed, normal = int((truth & ~raised).sum()), int((~truth).sum())
    return AlarmFigures(
        precision=true_alarms / max(true_alarms + false_alarms, 1),
        recall=true_alarms / max(true_alarms + missed, 1),
        f1=2 * true_alarms / max(2 * true_alarms + false_alarms + missed, 1),
        false_alarm_rate=false_alarms / normal if normal else float("nan"),
        missed_alarm_rate=missed / (true_alarms + missed) if true_alarms + missed else float("nan"),
    )


def figures_at(labels: ArrayLike, scores: ArrayLike, threshold: float) -> AlarmFigures:
    """`alarm_figures` of the scores strictly above a threshold.

    Raises:
        DataError: see `sensorgraph.evaluation.inputs.checked`; also if the threshold is NaN.

    Example:
        >>> figures_at([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.3).recall
        1.0
    """
    judged = checked(labels, scores, "figures_at", both_classes=False)
    if np.isnan(threshold):
        raise DataError("figures_at: threshold must be a number (got nan)")
    return alarm_figures(judged.labels, judged.scores > threshold)


@dataclass(frozen=True)
class _Curve:
    precision: np.ndarray
    recall: np.ndarray
    threshold: np.ndarray


def _curve(labels: np.ndarray, scores: np.ndarray) -> _Curve:
    """Precision and recall of ``scores >= threshold`` for each distinct score, from high to low."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), ranked.size - 1)
    hits = np.cumsum(labels[order])[last_of_tie]
    return _Curve(hits / (last_of_tie + 1), hits / hits[-1], ranked[last_of_tie])
