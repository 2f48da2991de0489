"""From raw scores to a curve of rates: what is dropped, declustered, trimmed, fitted, and why to be careful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensorgraph.scoring.anomaly_mixture import without_spread_anomalies
from sensorgraph.scoring.base_level import LevelFit, Sample, fit_levels
from sensorgraph.scoring.contamination import without_anomalies
from sensorgraph.scoring.goodness import spread_ties
from sensorgraph.scoring.gpd import TailPrior
from sensorgraph.scoring.peaks import extremal_index, peaks_per_event, run_length, window_maxima
from sensorgraph.scoring.rate_curve import RateCurve, averaged_curve, counted_curve, tail_curve

Per = Literal["sample", "event"]

_MIN_VALUES = 100
"""With fewer values no tail is fitted."""

_MIN_DISTINCT = 30
"""Nor with fewer different ones among the highest tenth: such scores have no tail to continue."""

_MOST_MERGED = 0.25
"""Of the samples per event that are asked for: alarms farther apart are events of their own."""

_NEARLY_ALL = 0.95
"""Where a cut takes this share of the anomalies that a mixture finds, they stand apart, and the cut is more exact."""

_POOR_MISFIT = 1.5
"""A misfit that is worth a warning."""


@dataclass(frozen=True)
class Calibration:
    """What a fit found.

    Args:
        curve: rate above any level.
        fit: the tail above the level that counts most, or None where rates are only counted.
        base_level: where the tail begins; the median where there is none.
        merge_gap: samples within which alarms are one event.
        num_trimmed: high values that were taken for anomalies, infinite ones included.
        reasons: to be careful.
    """

    curve: RateCurve
    fit: LevelFit | None
    base_level: float
    merge_gap: int
    num_trimmed: int
    reasons: tuple[str, ...]


def calibrate(
    scores: np.ndarray, rate: float, *, per: Per, counted: bool, merge_gap: int | None, max_contamination: float
) -> Calibration:
    """Curve of rates for scores in order of time, at least ten of them finite. Shapes: ``scores`` [T]."""
    reasons: list[str] = []
    finite = scores[np.isfinite(scores)]
    num_scores = len(scores) - int(np.isnan(scores).sum())
    high = float(np.quantile(finite, 0.98))
    gap = run_length(scores, high) if merge_gap is None else merge_gap
    if merge_gap is None and per == "event":
        # What is asked for often must not be merged over so long that it cannot be that many.
        gap = min(gap, max(int(_MOST_MERGED / rate), 1))
    peaks = window_maxima(scores, gap if per == "event" else 0)
    values = scores[peaks]
    information = 1.0 if per == "event" or gap == 0 else extremal_index(scores, high)
    ordered = np.sort(values)
    num_infinite = int(np.isposinf(ordered).sum())
    ordered = ordered[np.isfinite(ordered)]
    if num_infinite:
        reasons.append(f"{num_infinite} infinite scores in the calibration data were taken for anomalies")
    median = float(np.median(ordered))
    if not counted and num_scores * rate < 0.01:
        reasons.append(
            f"{num_scores} scores expect fewer than 0.01 alarms at {rate:.3g} per sample; calibrate on more "
            "data, or read the interval: the threshold is far extrapolated"
        )
    trouble = None if counted else _no_tail(ordered, num_scores, rate)
    if counted or trouble:
        if trouble:
            reasons.append(f"{trouble}; the threshold is a percentile")
        curve = counted_curve(ordered, num_scores, information)
        if per == "event":
            curve = curve.divided(peaks_per_event(scores, peaks, gap, curve.levels))
        return Calibration(curve, None, median, gap, num_infinite, tuple(reasons))

    # A power of two brings any unit into range without rounding, so that 1e-300 and 1e300 fit alike.
    unit = 2.0 ** np.floor(np.log2(np.abs(ordered[[0, -1]]).max()))
    sample = Sample(spread_ties(ordered / unit), num_scores, 0, None, information, TailPrior())
    normal, used = without_spread_anomalies(sample, max_contamination), without_anomalies(sample, max_contamination)
    num_spread = len(sample.ordered) - len(normal.ordered)
    if used.num_trimmed >= _NEARLY_ALL * num_spread:
        normal, num_spread = sample, 0
    else:
        used = normal
    levels = fit_levels(used)
    fit = levels[0][0]
    if num_spread:
        reasons.append(
            f"{num_spread} high values lie among or beyond the tail of the others as no tail does and were taken for "
            "anomalies; pass max_contamination=0 if they are normal"
        )
    if used.num_trimmed:
        reasons.append(
            f"the {used.num_trimmed} highest values stand apart from the tail below them and were taken for anomalies; "
            "pass max_contamination=0 if they are normal"
        )
    if fit.misfit > _POOR_MISFIT:
        reasons.append(
            f"no tail fits the highest scores well (misfit {fit.misfit:.1f}, good is below 1); prefer more data, or "
            "kind='percentile'"
        )
    curves = [
        tail_curve(
            normal.ordered,
            normal.num_scores,
            at.level,
            at.base_rate,
            at.posterior,
            num_above=at.num_above,
            information=information,
        ).scaled(unit)
        for at, _ in levels
    ]
    curve = averaged_curve(curves, [weight for _, weight in levels])
    if per == "event":
        # Where scores stay high for long, one event holds several peaks.
        curve = curve.divided(peaks_per_event(scores, peaks, gap, curve.levels))
    num_odd = num_spread + used.num_trimmed + num_infinite
    return Calibration(curve, fit.scaled(unit), fit.level * unit, gap, num_odd, tuple(reasons))


def _no_tail(ordered: np.ndarray, num_scores: int, rate: float) -> str | None:
    """Why no tail can be fitted, or None."""
    if len(ordered) < _MIN_VALUES:
        return f"{len(ordered)} values are too few for a tail (at least {_MIN_VALUES})"
    if ordered[0] == ordered[-1]:
        return f"all values are equal ({ordered[0]:.6g})"
    top = ordered[-max(len(ordered) // 10, _MIN_DISTINCT) :]
    num_distinct = len(np.unique(top))
    if num_distinct < min(_MIN_DISTINCT, len(top)):
        return f"only {num_distinct} different values among the highest {len(top)}"
    num_highest = int((ordered == ordered[-1]).sum())
    # A clipped signal is crowded up to its limit: as many values again as sit there fill the stretch below it evenly.
    # A group of equal values that stuck above the tail has but a few stragglers near it.
    stretch = ordered[max(len(ordered) - 2 * num_highest, 0) : -num_highest]
    near = int((stretch >= stretch[0] + 0.9 * (ordered[-1] - stretch[0])).sum())
    clipped = near >= max(1.0, 0.03 * len(stretch))
    if clipped and num_highest > max(5, 0.02 * len(top)) and num_highest > rate * num_scores:
        return f"{num_highest} scores are saturated at the highest value ({ordered[-1]:.6g})"
    return None
