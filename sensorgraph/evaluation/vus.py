"""Volume under the range-based ROC and precision-recall surface: the headline measure for anomalies in series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import argrelmax

from sensorgraph.errors import DataError
from sensorgraph.evaluation.events import runs
from sensorgraph.evaluation.inputs import checked


@dataclass(frozen=True)
class Vus:
    """Both volumes and the window that they hold for.

    Attributes:
        pr: VUS-PR.
        roc: VUS-ROC.
        window: shoulder widths ``0..window`` (bins) were averaged.
    """

    pr: float
    roc: float
    window: int


def vus(labels: ArrayLike, scores: ArrayLike, window: int, num_thresholds: int = 250) -> Vus:
    r"""VUS-PR and VUS-ROC.

    Why: labels of events are rarely exact to the bin, and one anomaly may be seen a little early or late. So each event
    gets soft shoulders, and the areas are averaged over all widths of the shoulders instead of trusting one.

    Maths: for a width :math:`w`, a bin at distance :math:`d \le \lfloor w/2 \rfloor` outside an event has the soft
    label :math:`\ell_w = \sqrt{1 - d/w}`; shoulders of several events add up, to 1 at most. With alarms
    :math:`a_\theta = [s \ge \theta]`, :math:`P` anomalous bins, :math:`B = \sum_\text{shoulders} \ell_w a_\theta`, and
    :math:`E` the share of events (joined where shoulders touch) that hold an alarm,

    .. math::
        TP = \sum_\text{events} a_\theta + B, \quad P_w = P + B/2, \quad
        TPR = E \min(TP / P_w, 1), \quad FPR = \frac{\sum a_\theta - TP}{T - P_w}, \quad
        \mathrm{precision} = \frac{TP}{\sum a_\theta}.

    Thresholds are ``num_thresholds`` evenly spaced ranks of the scores. The PR area is summed by steps, the ROC area by
    trapezoids (closed at (1, 1)); both are averaged over :math:`w = 0, 1, \dots, \mathrm{window}`.

    Two facts make this fast. A shoulder is never below :math:`\sqrt{1/2}`, so two that meet are 1: only the nearest and
    second nearest event of a bin matter. And a bin's alarm begins at one threshold, so sums for all thresholds are one
    weighted histogram and its running sum. Time is :math:`O(T \log T + w_\text{max} (T + \text{thresholds}))`.

    Args:
        labels: [T] 0 or 1, both present.
        scores: [T] finite, higher means more unexpected.
        window: widest shoulder pair, in bins: half of it on each side of an event (see `estimate_window`).
        num_thresholds: points of each curve.

    Raises:
        DataError: window or num_thresholds too small, or see `sensorgraph.evaluation.inputs.checked`.

    Example:
        >>> import numpy as np
        >>> labels = np.zeros(200, dtype=int)
        >>> labels[100:120] = 1
        >>> vus(labels, labels.astype(float), window=0).pr
        1.0

    Reference:
        Paparrizos, Boniol, Palpanas, Tsay, Elmore, Franklin: Volume Under the Surface, VLDB 2022; and Boniol et al.,
        VLDB Journal 2025. The averaging range is that of the TSB-AD benchmark (Liu and Paparrizos, NeurIPS 2024).
    """
    judged = checked(labels, scores, "vus")
    if window < 0:
        raise DataError(f"vus: window must be 0 or more (got {window})")
    if num_thresholds < 2:
        raise DataError(f"vus: num_thresholds must be 2 or more (got {num_thresholds})")
    truth, num_bins = judged.labels, judged.labels.size
    num_positive = int(truth.sum())

    descending = -np.sort(-judged.scores)
    thresholds = descending[np.linspace(0, num_bins - 1, num_thresholds).astype(int)]
    first_alarm = np.searchsorted(-thresholds, -judged.scores)  # [T] number of the first threshold that alarms a bin
    num_alarms = np.bincount(first_alarm, minlength=num_thresholds).cumsum()
    hits = np.bincount(first_alarm[truth], minlength=num_thresholds).cumsum()

    events = runs(truth)
    near = _shoulders(truth, events, window // 2)
    near_alarm = first_alarm[near.bins]
    reach = _Reach(events, first_alarm)

    area_pr, area_roc = np.zeros(window + 1), np.zeros(window + 1)
    for width in range(window + 1):
        half = width // 2
        num_near = int(np.searchsorted(near.nearest, half, side="right"))
        soft = np.sqrt(1 - near.nearest[:num_near] / max(width, 1))
        soft[near.second[:num_near] <= half] = 1.0
        shoulder_hits = np.bincount(near_alarm[:num_near], weights=soft, minlength=num_thresholds).cumsum()
        true_alarms = hits + shoulder_hits
        positives = num_positive + shoulder_hits / 2
        tpr = reach.share_found(half, num_thresholds) * np.minimum(true_alarms / positives, 1.0)
        fpr = (num_alarms - true_alarms) / (num_bins - positives)
        precision = true_alarms / num_alarms
        area_pr[width] = np.sum(np.diff(tpr, prepend=0.0) * precision)
        area_roc[width] = np.trapezoid(np.r_[0.0, tpr, 1.0], np.r_[0.0, fpr, 1.0])
    return Vus(float(area_pr.mean()), float(area_roc.mean()), window)


def estimate_window(series: ArrayLike, max_points: int = 20_000) -> int:
    """Length of the pattern that a series repeats: the lag of the highest peak of its autocorrelation.

    Why: VUS needs a window, and results compare only if it is chosen by a rule that everybody can repeat. This is the
    TSB-AD rule: the highest peak at lags above 3 wins if its lag lies in 6..303; otherwise the answer is 125.

    Args:
        series: [T], or [T, C] of which the first channel is used (the benchmark's custom). NaN counts as the mean.
        max_points: how much of the beginning is looked at.

    Returns:
        The window in samples.

    Raises:
        DataError: the series is empty or has more than two axes.

    Example:
        >>> import numpy as np
        >>> estimate_window(np.sin(2 * np.pi * np.arange(2000) / 50))
        50

    Reference:
        Liu and Paparrizos: The Elephant in the Room, NeurIPS 2024 (TSB-AD).
    """
    values = np.asarray(series, dtype=np.float64)
    if values.ndim not in (1, 2) or values.size == 0:
        raise DataError(f"estimate_window: series must be [T] or [T, C] and not empty (got shape {values.shape})")
    values = values[:max_points] if values.ndim == 1 else values[:max_points, 0]
    finite = np.isfinite(values)
    centred = np.where(finite, values - values[finite].mean(), 0.0) if finite.any() else np.zeros_like(values)
    energy = centred @ centred
    if energy <= 0:
        return _DEFAULT_WINDOW
    spectrum = np.fft.rfft(centred, 2 * centred.size)
    correlation = np.fft.irfft(spectrum * spectrum.conj(), 2 * centred.size)[: min(_MAX_LAG + 1, centred.size)] / energy
    correlation = correlation[_FIRST_LAG:]
    peaks = argrelmax(correlation)[0]
    if peaks.size == 0:
        return _DEFAULT_WINDOW
    best = int(peaks[np.argmax(correlation[peaks])])
    return best + _FIRST_LAG if _MIN_PEAK <= best <= _MAX_PEAK else _DEFAULT_WINDOW


_DEFAULT_WINDOW = 125
_FIRST_LAG = 3  # lags below are noise around the peak at 0
_MAX_LAG = 400
_MIN_PEAK, _MAX_PEAK = 3, 300  # counted from _FIRST_LAG


@dataclass(frozen=True)
class _Shoulders:
    """Normal bins within reach of an event, nearest first."""

    bins: np.ndarray
    nearest: np.ndarray
    second: np.ndarray


def _shoulders(truth: np.ndarray, events: np.ndarray, reach: int) -> _Shoulders:
    normal = np.flatnonzero(~truth)
    far = truth.size + reach + 1  # stands for "no such event"
    starts, ends = events[:, 0], events[:, 1] - 1
    num_before = np.searchsorted(ends, normal)  # events that lie before each bin
    padded_ends = np.r_[-far, -far, ends]
    padded_starts = np.r_[starts, truth.size + far, truth.size + far]
    distance = np.stack(
        [
            normal - padded_ends[num_before + 1],
            normal - padded_ends[num_before],
            padded_starts[num_before] - normal,
            padded_starts[num_before + 1] - normal,
        ]
    )
    distance.sort(axis=0)
    order = np.argsort(distance[0], kind="stable")
    order = order[distance[0][order] <= reach]
    return _Shoulders(normal[order], distance[0][order], distance[1][order])


class _Reach:
    """First threshold that finds each event, while its shoulders grow."""

    def __init__(self, events: np.ndarray, first_alarm: np.ndarray) -> None:
        self.events = events
        self.first_alarm = first_alarm
        bounds = np.c_[events[:, 0], np.minimum(events[:, 1], first_alarm.size - 1)].ravel()
        self.found_at = np.minimum.reduceat(first_alarm, bounds)[::2]
        if events[-1, 1] == first_alarm.size:  # the bound above cut off the last bin of the series
            self.found_at[-1] = min(self.found_at[-1], first_alarm[-1])
        self.half = 0

    def share_found(self, half: int, num_thresholds: int) -> np.ndarray:
        """[thresholds] share of joined events with an alarm; ``half`` must not fall from call to call."""
        starts, ends = self.events[:, 0], self.events[:, 1] - 1
        while self.half < half:
            self.half += 1
            left = self.first_alarm[np.maximum(starts - self.half, 0)]
            right = self.first_alarm[np.minimum(ends + self.half, self.first_alarm.size - 1)]
            self.found_at = np.minimum(self.found_at, np.minimum(left, right))
        opens = np.r_[True, ends[:-1] + half >= starts[1:] - half]
        opens[1:] = ~opens[1:]
        joined = np.minimum.reduceat(self.found_at, np.flatnonzero(opens))
        return np.bincount(joined, minlength=num_thresholds).cumsum() / joined.size
