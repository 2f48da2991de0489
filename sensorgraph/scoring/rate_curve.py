"""How often normal data score above any level: counted in the body, predicted in the tail, one curve."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr
from scipy.stats import beta

from sensorgraph.scoring.gpd import DEPTHS, TailPosterior, tail_tables

_QUANTILES = np.array([0.05, 0.95])
"""The interval of a rate is the central 90 %."""

_HALF_WIDTH_90 = 1.6449
"""Standard normal quantile of the same interval."""

_NUM_HALVINGS = 20
"""Bisections of an interval end: a millionth of what the parts differ by."""

_LOWEST = -200.0
"""Logarithm of the lowest rate that is told from 0."""


@dataclass(frozen=True)
class RateInterval:
    """Central 90 % interval of a rate per sample."""

    low: float
    high: float


@dataclass(frozen=True)
class RateCurve:
    """Rate per sample above each of many levels, with its 90 % interval.

    Args:
        levels: scores, ascending.
        log_rates: log of the rate above each level, descending.
        log_low: lower end of its interval.
        log_high: upper end.
        stepwise: the levels are the only values that the scores take, so there is nothing between them.
        log_most: log of the rate below the first level.

    Shapes: all [B].
    """

    levels: np.ndarray
    log_rates: np.ndarray
    log_low: np.ndarray
    log_high: np.ndarray
    stepwise: bool
    log_most: float = 0.0

    def scaled(self, unit: float) -> RateCurve:
        """The same for scores in another unit."""
        return replace(self, levels=self.levels * unit)

    def divided(self, by: np.ndarray) -> RateCurve:
        """Rates that are so many times smaller, from the level on where they are largest.

        Below it events run together and become fewer, so that no lower level gives more of them.

        Shapes: ``by`` [B], 1 or more.
        """
        rates = self.log_rates - np.log(by)
        first = len(rates) - 1 - int(rates[::-1].argmax())
        kept = slice(first, None)
        falling = np.maximum.accumulate(rates[kept][::-1])[::-1]
        # Ends go where their rates go: far out they are too wide to fall, and one would reach all lower levels.
        change = falling - self.log_rates[kept]
        low, high = self.log_low[kept] + change, self.log_high[kept] + change
        return RateCurve(self.levels[kept], falling, low, high, self.stepwise, float(falling[0]))

    def rate_above(self, scores: np.ndarray) -> np.ndarray:
        """Rate per sample above each score; NaN stays NaN. Shapes: ``scores`` [T]; returns [T]."""
        scores = np.atleast_1d(np.asarray(scores, dtype=np.float64))
        if self.stepwise:
            place = np.searchsorted(self.levels, scores, side="right") - 1
            rates = np.where(place < 0, np.exp(self.log_most), np.exp(self.log_rates[np.maximum(place, 0)]))
        else:
            rates = np.exp(np.interp(scores, self.levels, self.log_rates, left=self.log_most, right=_LOWEST))
        rates = np.where(rates <= np.exp(_LOWEST), 0.0, rates)
        return np.where(np.isnan(scores), np.nan, rates)

    def level_of(self, rate: float) -> float:
        """Lowest level that is exceeded at no more than a rate per sample; the last level where none is."""
        log_rate = float(np.log(rate))
        if self.stepwise:
            enough = np.flatnonzero(self.log_rates <= log_rate + 1e-12)
            return float(self.levels[enough[0] if len(enough) else -1])
        return float(np.interp(-log_rate, -self.log_rates, self.levels))

    def interval_at(self, level: float) -> RateInterval:
        """90 % interval of the rate above one level."""
        if self.stepwise:
            place = max(int(np.searchsorted(self.levels, level, side="right")) - 1, 0)
            low, high = self.log_low[place], self.log_high[place]
        else:
            low, high = (np.interp(level, self.levels, ends) for ends in (self.log_low, self.log_high))
        return RateInterval(0.0 if low <= _LOWEST else float(np.exp(low)), float(min(np.exp(high), 1.0)))


def averaged_curve(curves: list[RateCurve], weights: list[float]) -> RateCurve:
    """The weighted mean of several predictions, and the interval of their mixture, which widens where they disagree."""
    if len(curves) == 1:
        return curves[0]
    shares = np.array(weights) / sum(weights)
    levels = np.unique(np.concatenate([curve.levels for curve in curves]))

    def at_levels(name: str) -> np.ndarray:
        # Beyond its last level a curve says nothing is left, below its first that everything is above.
        return np.stack(
            [np.interp(levels, curve.levels, getattr(curve, name), left=0.0, right=_LOWEST) for curve in curves]
        )

    log_rates = np.minimum.accumulate(np.log(shares @ np.exp(at_levels("log_rates"))))
    log_low, log_high = _mixed_intervals(at_levels("log_low"), at_levels("log_high"), shares)
    return RateCurve(levels, log_rates, log_low, np.maximum(log_high, log_rates), stepwise=False)


def _mixed_intervals(low: np.ndarray, high: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a mixture whose parts are normal between their own ends, by bisection.

    Shapes: ``low``, ``high`` [K, B], ``shares`` [K]; returns two of [B].
    """
    middle = 0.5 * (low + high)
    spread = np.maximum(0.5 * (high - low) / _HALF_WIDTH_90, 1e-9)
    ends = []
    for quantile, own in zip(_QUANTILES, (low, high), strict=True):
        below, above = own.min(0), own.max(0)
        for _ in range(_NUM_HALVINGS):
            tried = 0.5 * (below + above)
            enough = shares @ ndtr((tried - middle) / spread) >= quantile
            below, above = np.where(enough, below, tried), np.where(enough, tried, above)
        ends.append(above)
    return ends[0], ends[1]


def counted_curve(ordered: np.ndarray, num_scores: int, information: float, num_levels: int = 4000) -> RateCurve:
    """Curve of plain counts, with Beta intervals: for percentile thresholds and for discrete scores.

    Args:
        ordered: ascending values; ``inf`` at the end count as above every level.
        num_scores: samples that they come from.
        information: share of independent samples.
        num_levels: highest values that are kept one by one; lower ones are thinned.
    """
    levels = np.unique(ordered[np.isfinite(ordered)])
    if len(levels) > num_levels:
        thinned = np.linspace(0, len(levels) - num_levels, 129).astype(np.int64)
        levels = np.concatenate([levels[thinned[:-1]], levels[-num_levels:]])
    counts = len(ordered) - np.searchsorted(ordered, levels, side="right")
    low, high = _beta_interval(counts * information, num_scores * information)
    return RateCurve(levels, _log(counts / num_scores), _log(low), _log(high), stepwise=True)


def tail_curve(
    ordered: np.ndarray,
    num_scores: int,
    base_level: float,
    base_rate: float,
    posterior: TailPosterior,
    *,
    num_above: float,
    information: float,
) -> RateCurve:
    """Counts up to the base level, the predictive tail above it.

    Args:
        ordered: ascending values.
        num_scores: samples that they come from.
        base_level: where the tail begins.
        base_rate: rate per sample above it.
        posterior: tails above it.
        num_above: observations above it, which say how well its rate is known.
        information: share of independent samples.
    """
    body = ordered[(ordered < base_level) & np.isfinite(ordered)]
    body_levels = np.unique(body[np.linspace(0, len(body) - 1, 129).astype(np.int64)]) if len(body) else body
    counts = len(ordered) - np.searchsorted(ordered, body_levels, side="right")
    # The tail's rate at the base level may differ a little from the count (trimming): the body must not dip below it.
    body_rates = np.maximum(counts / num_scores, base_rate * (1.0 + 1e-12))
    body_low, body_high = _beta_interval(counts * information, num_scores * information)

    excess = _excess_grid(posterior)
    log_survival = np.log(np.maximum(posterior.survival(excess), np.exp(_LOWEST)))
    some = np.unique(np.linspace(0, len(excess) - 1, 60).astype(np.int64))
    ends = _log_survival_interval(posterior, excess[some])
    ends = np.stack([np.interp(excess, excess[some], end) for end in ends])
    base_noise = _HALF_WIDTH_90 / np.sqrt(max(num_above * information, 1.0))
    widths = np.hypot(ends - log_survival, base_noise) * np.array([[-1.0], [1.0]])
    log_base = np.log(base_rate)
    tail_rates = np.minimum.accumulate(log_base + log_survival)
    return RateCurve(
        levels=np.concatenate([body_levels, base_level + excess]),
        log_rates=np.concatenate([_log(body_rates), tail_rates]),
        log_low=np.concatenate([_log(body_low), np.maximum(tail_rates + widths[0], _LOWEST)]),
        log_high=np.concatenate([_log(body_high), tail_rates + widths[1]]),
        stepwise=False,
    )


def _excess_grid(posterior: TailPosterior) -> np.ndarray:
    """Excesses at which a tail is tabulated: its mean quantiles, and on to the farthest end of any tail in it."""
    tables, _ = tail_tables(posterior.shapes, posterior.bends, posterior.base_depth)
    picks = np.unique(np.concatenate([np.arange(0, 161, 2), np.arange(161, len(DEPTHS))]))
    means = (posterior.weights @ posterior.anchors) @ tables[:, picks]
    likely = posterior.weights > 1e-6
    farthest = float((tables[:, -1:] * np.where(likely, posterior.anchors[None, :], 0.0)).max())
    beyond = means[-1] + max(farthest - means[-1], 0.0) * np.linspace(0.0, 1.0, 61)[1:] ** 2
    return np.unique(np.concatenate([means, beyond]))


def _log_survival_interval(posterior: TailPosterior, excess: np.ndarray) -> np.ndarray:
    """Weighted 5 % and 95 % quantiles of the log survival. Shapes: ``excess`` [T]; returns [2, T]."""
    weights = posterior.weights.ravel()
    keep = weights > 1e-5 * weights.max()
    log_survival = np.maximum(-posterior.depths(excess).reshape(len(weights), -1)[keep], _LOWEST)
    order = np.argsort(log_survival, axis=0)
    mass = np.cumsum(weights[keep][order], axis=0)
    mass = (mass - 0.5 * weights[keep][order]) / mass[-1]
    sorted_log = np.take_along_axis(log_survival, order, axis=0)
    return np.stack([np.interp(_QUANTILES, mass[:, i], sorted_log[:, i]) for i in range(len(excess))], axis=1)


def _beta_interval(counts: np.ndarray, num: float) -> tuple[np.ndarray, np.ndarray]:
    rest = np.maximum(num - counts, 0.0)
    low = np.where(counts > 0.0, beta.ppf(_QUANTILES[0], np.maximum(counts, 1e-9), rest + 1.0), 0.0)
    high = np.where(rest > 0.0, beta.ppf(_QUANTILES[1], counts + 1.0, np.maximum(rest, 1e-9)), 1.0)
    return low, high


def _log(rates: np.ndarray) -> np.ndarray:
    """Logarithm with a floor, so that a rate of 0 can be stored and interpolated."""
    return np.log(np.maximum(rates, np.exp(_LOWEST)))
