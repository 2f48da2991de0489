"""Alarms that belong together become one event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sensorgraph.errors import DataError
from sensorgraph.scoring.edges import Edges
from sensorgraph.scoring.threshold import Threshold


@dataclass(frozen=True)
class Event:
    """One stretch of alarms.

    Args:
        start: position of its first sample.
        stop: position after its last sample.
        start_s: time of its first sample (s).
        end_s: time of its last sample (s).
        peak: position of the largest score.
        peak_s: time of the largest score (s).
        peak_score: the largest score.
        p_value: rate per sample at which normal data score this high.
        num_alarms: samples above the threshold.
    """

    start: int
    stop: int
    start_s: float
    end_s: float
    peak: int
    peak_s: float
    peak_score: float
    p_value: float
    num_alarms: int


def find_events(
    scores: np.ndarray,
    threshold: Threshold,
    *,
    times_s: np.ndarray | None = None,
    merge_gap_s: float | None = None,
    extent: float | None = None,
    edges: Edges | None = None,
    causal: bool = False,
) -> list[Event]:
    """Events in a series of scores, in order of time.

    Whether there is an event is decided by the threshold alone. How far it reaches may be asked of a lower level, the
    extent, since what alarms at its height has mostly begun before and ends later: the event then spans all scores
    above the extent around its alarms. Two levels keep the rate of events as asked, and miss fewer samples of them.
    Scores that were smoothed reach too far on either side; edges, if given, take that back and leave events as many:
    what was merged stays merged.

    Args:
        scores: in order of time; NaN is no alarm.
        threshold: alarms lie strictly above its value.
        times_s: of each score, ascending; from the threshold's sample period when None, else positions.
        merge_gap_s: alarms at most this far apart are one event; the gap that the threshold was declustered with
            when None, and no less than one step of the times.
        extent: level above which an event goes on; the threshold when None, or when that is lower.
        edges: where events really begin and end; as the scores say when None.
        causal: an event begins with its first alarm; what came before it was no alarm yet.

    Shapes: ``scores``, ``times_s`` [T].

    Raises:
        DataError: when the times or edges do not fit the scores, or times go backwards.

    Example:
        >>> from sensorgraph.scoring.threshold import fit_threshold
        >>> threshold = fit_threshold(np.random.default_rng(0).exponential(size=20_000), rate_per_sample=1e-3)
        >>> scores = np.array([0.5, 9.0, 11.0, 0.2, 0.1, 0.3, 0.2, 8.5])
        >>> [(event.start, event.stop, event.peak) for event in find_events(scores, threshold, merge_gap_s=1.0)]
        [(1, 3, 2), (7, 8, 7)]
        >>> wide = find_events(scores, threshold, merge_gap_s=1.0, extent=0.25)
        >>> [(event.start, event.stop, event.peak) for event in wide]
        [(0, 3, 2), (7, 8, 7)]
    """
    scores = np.asarray(scores, dtype=np.float64)
    period_s = threshold.sample_period_s or 1.0
    times_s = np.arange(len(scores)) * period_s if times_s is None else np.asarray(times_s, dtype=np.float64)
    if times_s.shape != scores.shape:
        raise DataError(f"events: one time per score, please (got {times_s.shape} times, {scores.shape} scores)")
    if (np.diff(times_s) < 0).any():
        raise DataError(f"events: times must ascend; sort them (first step back at {np.argmax(np.diff(times_s) < 0)})")
    if edges is not None and edges.quick.shape != scores.shape:
        raise DataError(f"events: edges are of other scores (got {edges.quick.shape} and {scores.shape})")
    steps_s = np.diff(times_s)
    if merge_gap_s is None:
        # A gap counted in samples survives jitter when half a period of slack is added to it.
        step_s = float(np.median(steps_s)) if len(steps_s) else period_s
        merge_gap_s = max((max(threshold.merge_gap, 1) + 0.5) * period_s, 1.5 * step_s)
    begins = np.append(False, steps_s > merge_gap_s)[: len(scores)]
    rows = alarm_rows(scores, threshold.value, extent, causal, begins)
    kept = rows if edges is None else edges.sharpened(rows, scores, begins)
    alarms = np.flatnonzero(rows)
    if not len(alarms):
        return []
    breaks = np.flatnonzero(np.diff(times_s[alarms]) > merge_gap_s) + 1
    events = []
    for group in np.split(alarms, breaks):
        peak = int(group[np.argmax(scores[group])])
        first, last = group[kept[group]][[0, -1]].tolist()
        events.append(
            Event(
                start=first,
                stop=last + 1,
                start_s=float(times_s[first]),
                end_s=float(times_s[last]),
                peak=peak,
                peak_s=float(times_s[peak]),
                peak_score=float(scores[peak]),
                p_value=float(threshold.p_value(scores[peak : peak + 1])[0]),
                num_alarms=int((scores[first : last + 1] > threshold.value).sum()),
            )
        )
    return events


def alarm_rows(
    scores: np.ndarray,
    level: float,
    extent: float | None = None,
    causal: bool = False,
    begins: np.ndarray | None = None,
) -> np.ndarray:
    """Whether each score belongs to an event, as `find_events` says; none goes on where ``begins`` says that time has a
    gap before a row.

    Shapes: ``scores`` [T], ``begins`` [T] bool; returns [T] bool.

    Example:
        >>> alarm_rows(np.array([1.0, 2.0, 5.0, 2.0, 1.0, 2.0]), level=4.0, extent=1.5).tolist()
        [False, True, True, True, False, False]
    """
    alarms = scores > level
    if extent is None or extent >= level or not alarms.any():
        return alarms
    going_on = scores > extent
    # Runs are numbered by where they begin; an alarm carries its run from there on, or from itself on.
    run = np.cumsum(going_on & (np.diff(going_on, prepend=False) | (False if begins is None else begins)))
    if causal:
        first = np.full(run[-1] + 1, len(scores))
        np.minimum.at(first, run[alarms], np.flatnonzero(alarms))
        return going_on & (np.arange(len(scores)) >= first[run])
    return going_on & np.isin(run, run[alarms])


def events_table(events: list[Event]) -> pd.DataFrame:
    """One row per event, with the columns of ``Event`` also when there is none.

    Example:
        >>> table = events_table([])
        >>> len(table), list(table.columns)[:3]
        (0, ['start', 'stop', 'start_s'])
    """
    return pd.DataFrame([vars(event) for event in events], columns=list(Event.__dataclass_fields__))
