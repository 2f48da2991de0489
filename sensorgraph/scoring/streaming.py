"""A threshold that follows a stream of scores: neither ratcheting itself down nor talked up by anomalies."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from sensorgraph.errors import ConfigError
from sensorgraph.scoring.gpd import fit_tail
from sensorgraph.scoring.peaks import peaks_per_event, window_maxima
from sensorgraph.scoring.rate_curve import RateInterval, tail_curve
from sensorgraph.scoring.threshold import Threshold

_IMPLAUSIBLE = 0.9999
"""More alarms in a block than this quantile of their Poisson distribution are an anomaly, not chance."""


@dataclass(frozen=True)
class _Block:
    """What one block of scores says of the tail: excesses that are trusted, and lower bounds of those that are not."""

    num_scores: int
    excesses: np.ndarray
    bounds: np.ndarray


class StreamingThreshold:
    r"""Threshold that is fitted again every ``refit_every`` scores, to the calibration data and what came since.

    A refit that leaves alarmed scores out sees a lighter tail each time and lowers its threshold without end; one that
    takes them in is blinded by the first anomaly. Here an alarmed score is *censored*: it counts as one score above the
    threshold of that moment, and its size is ignored. More alarms in a block than chance explains are an anomaly:
    the surplus is not counted at all (``num_surplus``). Where events are counted, a refit counts peaks, and takes as
    many for one event as there were in the calibration data.

    Args:
        threshold: fitted by ``fit_threshold`` with ``kind="evt"``; its base level, rate and merging gap stay.
        calibration_scores: the scores it was fitted on.
        refit_every: scores between refits.
        memory: newest scores (in whole blocks) that a refit looks at, the calibration scores being the oldest.

    Shapes: ``calibration_scores`` [T].

    Raises:
        ConfigError: for a threshold without a tail.

    Example:
        >>> from sensorgraph.scoring.threshold import fit_threshold
        >>> scores = np.random.default_rng(0).exponential(size=20_000)
        >>> stream = StreamingThreshold(fit_threshold(scores, rate_per_sample=1e-3), scores)
        >>> stream.step(2.0), stream.step(30.0)
        (False, True)
    """

    def __init__(
        self,
        threshold: Threshold,
        calibration_scores: np.ndarray,
        *,
        refit_every: int = 50_000,
        memory: int = 2_000_000,
    ) -> None:
        if threshold.shape is None:
            raise ConfigError(f"streaming: needs a threshold with a tail, of kind 'evt' (got kind {threshold.kind!r})")
        if refit_every < 1 or memory < refit_every:
            raise ConfigError(
                f"streaming: memory must hold at least one block of refit_every scores (got {memory}, {refit_every})"
            )
        self.value = threshold.value
        self.achieved = threshold.achieved
        self.num_alarms = 0
        self.num_surplus = 0
        self.num_missing = 0
        scores = np.asarray(calibration_scores, dtype=np.float64)
        self._gap = threshold.merge_gap if threshold.per == "event" else 0
        self._per_event = 1.0
        if threshold.per == "event":
            places, at = window_maxima(scores, self._gap), np.array([threshold.value])
            self._per_event = float(peaks_per_event(scores, places, self._gap, at)[0])
        self._rate = threshold.asked_rate * self._per_event
        self._level = threshold.base_level
        self._refit_every = refit_every
        self._memory = memory
        self._pending: list[float] = []
        # Trimmed calibration scores are anomalies that are known: they are no evidence, not even as bounds.
        peaks = np.sort(self._values_of(scores))
        trusted = _without_trimmed(peaks, threshold, self._per_event)
        self._blocks = deque([_Block(threshold.num_scores, trusted[trusted > self._level] - self._level, np.empty(0))])

    def step(self, score: float) -> bool:
        """Whether one more score is an alarm. NaN is none, and is counted in ``num_missing``."""
        pending = self._pending
        pending.append(score)
        alarm = score > self.value
        if len(pending) >= self._refit_every:
            self._absorb()
        return alarm

    def update(self, scores: np.ndarray) -> np.ndarray:
        """Alarms of many scores; the same as ``step`` for each. Shapes: ``scores`` [T]; returns [T] bool."""
        scores = np.asarray(scores, dtype=np.float64)
        alarms = np.empty(len(scores), dtype=bool)
        done = 0
        while done < len(scores):
            block = scores[done : done + self._refit_every - len(self._pending)]
            alarms[done : done + len(block)] = block > self.value
            self._pending.extend(block.tolist())
            done += len(block)
            if len(self._pending) >= self._refit_every:
                self._absorb()
        return alarms

    def _values_of(self, scores: np.ndarray) -> np.ndarray:
        """Scores, or peaks of them where events are counted."""
        values = scores[window_maxima(scores, self._gap)] if self._gap else scores
        return values[~np.isnan(values)]

    def _absorb(self) -> None:
        """Take the pending scores in as a block, forget the oldest, and fit again."""
        scores = np.array(self._pending)
        self._pending.clear()
        num_missing = int(np.isnan(scores).sum())
        self.num_missing += num_missing
        values = self._values_of(scores)
        alarmed = values > self.value
        num_alarmed = int(alarmed.sum())
        self.num_alarms += num_alarmed
        num_seen = len(scores) - num_missing
        most = int(poisson.ppf(_IMPLAUSIBLE, max(self.achieved.high * self._per_event, self._rate) * max(num_seen, 1)))
        surplus = max(num_alarmed - most, 0)
        self.num_surplus += surplus
        trusted = values[~alarmed & (values > self._level)] - self._level
        bounds = np.full(num_alarmed - surplus, self.value - self._level)
        self._blocks.append(_Block(num_seen - surplus, trusted, bounds))
        while len(self._blocks) > 1 and sum(block.num_scores for block in self._blocks) > self._memory:
            self._blocks.popleft()
        self._refit()

    def _refit(self) -> None:
        excesses = np.concatenate([block.excesses for block in self._blocks])
        bounds = np.concatenate([block.bounds for block in self._blocks])
        num_scores = sum(block.num_scores for block in self._blocks)
        num_above = len(excesses) + len(bounds)
        # Without evidence there is nothing to learn from: the threshold stays as it is.
        if num_above < 40 or not len(excesses):
            return
        base_rate = num_above / num_scores
        posterior = fit_tail(excesses, base_rate, censored_above=bounds)
        curve = tail_curve(
            np.empty(0),
            num_scores,
            self._level,
            base_rate,
            posterior,
            num_above=num_above,
            information=1.0,
        )
        self.value = curve.level_of(self._rate)
        found = curve.interval_at(self.value)
        self.achieved = RateInterval(found.low / self._per_event, found.high / self._per_event)


def _without_trimmed(peaks: np.ndarray, threshold: Threshold, per_event: float) -> np.ndarray:
    """Without as many peaks as were trimmed: from the largest down, those that are more than the curve expects.

    Shapes: ``peaks`` [T] ascending; returns [T - num_trimmed], or more where there are too few such peaks.
    """
    expected = threshold.num_scores * per_event * threshold.p_value(peaks[::-1]) + 0.5
    keep = np.ones(len(peaks), dtype=bool)
    num_kept, num_dropped = 0, 0
    for place, bound in enumerate(expected.tolist()):
        if num_dropped == threshold.num_trimmed:
            break
        keep[place] = num_kept + 1 <= bound
        num_kept += int(keep[place])
        num_dropped += int(not keep[place])
    return peaks[keep[::-1]]
