"""Event-wise measures: is an event found at all, how late, and are alarms about something?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError
from sensorgraph.evaluation.inputs import checked_labels


@dataclass(frozen=True)
class EventFigures:
    """What alarms are worth, event by event.

    Attributes:
        num_events: true events.
        num_alarm_events: runs of alarms (after joining over short gaps).
        recall: share of true events that hold an alarm (NaN without events).
        precision: share of alarm runs that touch a true event (NaN without alarms).
        f1: harmonic mean of both (0 if either is missing).
        mean_delay_bins: from the start of an event to its first alarm, over found events (NaN if none is found).
        median_delay_bins: the same, median.
    """

    num_events: int
    num_alarm_events: int
    recall: float
    precision: float
    f1: float
    mean_delay_bins: float
    median_delay_bins: float


def runs(flags: ArrayLike) -> np.ndarray:
    """Runs of True as rows ``[start, end)``.

    Args:
        flags: [T] bool.

    Returns:
        [E, 2] int64, in order.

    Example:
        >>> runs([0, 1, 1, 0, 1]).tolist()
        [[1, 3], [4, 5]]
    """
    edges = np.flatnonzero(np.diff(np.asarray(flags, dtype=bool).astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2)


def event_figures(labels: ArrayLike, alarms: ArrayLike, join_gap_bins: int = 0) -> EventFigures:
    """Event precision, recall and delay of given alarms.

    Why: an operator acts on events; a long event must not outweigh ten short ones, and chatter is one alarm.

    Args:
        labels: [T] 0 or 1.
        alarms: [T] 0 or 1.
        join_gap_bins: alarm runs with a gap of at most this many bins count as one.

    Raises:
        DataError: shapes differ or a value is neither 0 nor 1.

    Example:
        >>> figures = event_figures([0, 1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0, 1])
        >>> figures.recall, figures.precision, figures.mean_delay_bins
        (1.0, 0.5, 1.0)
    """
    truth = checked_labels(labels, "event_figures")
    raised = checked_labels(alarms, "event_figures, alarms")
    if truth.shape != raised.shape:
        raise DataError(f"event_figures: alarms must have the shape of labels {truth.shape} (got {raised.shape})")
    if join_gap_bins < 0:
        raise DataError(f"event_figures: join_gap_bins must be 0 or more (got {join_gap_bins})")
    true_events, alarm_events = runs(truth), joined(runs(raised), join_gap_bins)

    places = np.flatnonzero(raised)
    next_alarm = np.searchsorted(places, true_events[:, 0])
    first = np.append(places, truth.size)[next_alarm]
    found = first < true_events[:, 1]
    delays = (first - true_events[:, 0])[found]

    anomalous = np.append(0, np.cumsum(truth))
    touching = anomalous[alarm_events[:, 1]] > anomalous[alarm_events[:, 0]]
    recall = float(found.mean()) if len(true_events) else float("nan")
    precision = float(touching.mean()) if len(alarm_events) else float("nan")
    both = recall + precision
    return EventFigures(
        num_events=len(true_events),
        num_alarm_events=len(alarm_events),
        recall=recall,
        precision=precision,
        f1=2 * recall * precision / both if both > 0 else 0.0,
        mean_delay_bins=float(delays.mean()) if delays.size else float("nan"),
        median_delay_bins=float(np.median(delays)) if delays.size else float("nan"),
    )


def joined(events: np.ndarray, gap: int) -> np.ndarray:
    """Events ``[start, end)`` with gaps of at most ``gap`` bins closed.

    Example:
        >>> joined(np.array([[0, 2], [3, 4], [9, 10]]), 1).tolist()
        [[0, 4], [9, 10]]
    """
    if len(events) == 0:
        return events
    opens = np.flatnonzero(np.append(True, events[1:, 0] - events[:-1, 1] > gap))
    return np.stack([events[opens, 0], events[np.append(opens[1:], len(events)) - 1, 1]], axis=1)
