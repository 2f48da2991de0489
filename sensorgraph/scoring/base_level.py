"""Where the tail begins: every level has a say, by how many values lie above it and how well its tail fits them.

Low levels keep many values, which steadies the far end; high ones keep the bends of the body out of it. A single level
that is chosen by a test jumps when a sample that is odd by chance crosses the limit of the test, and throws most
of its values away; weights that fade with the p-value do not jump.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr

from sensorgraph.scoring.goodness import anderson_darling, upper_deviation
from sensorgraph.scoring.gpd import FINE, GridSize, TailPosterior, TailPrior, fit_tail

FRACTIONS = (0.2, 0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125, 0.0015625)
"""Shares of the values that are tried as the tail, largest first. Closer levels than halves say nearly the same."""

_MIN_ABOVE = 40
"""A tail of fewer values is not fitted."""

_DISTANCE_LIMIT = 0.9
"""Anderson-Darling distance of a good fit: 19 of 20 stay below."""

_LOG_P_OF_DISTANCE = -4.0
"""And the p-value falls by exp(-4) with each 1 of the distance beyond (measured on samples that do have the tail)."""

_DEVIATION_LIMIT = 2.4
"""Deviation of the far tail of a good fit."""

_NUM_LOOKS = 1.5
"""The deviation is the worst of several looks at the far tail, which overlap so much that they count as this many."""

_LATER_LIMIT = 0.75
"""The stricter limit once a lower level was rejected: what was plain there is still hidden in the next one."""

_NEGLIGIBLE = 0.1
"""Levels that together could not get this share of the weight are not fitted."""


@dataclass(frozen=True)
class LevelFit:
    """A tail above one level.

    Args:
        level: the base level.
        base_rate: rate per sample above it, trimmed values put back as far as the tail predicts them.
        posterior: tails above it.
        num_above: values it was fitted on.
        distance: Anderson-Darling distance between the values and the most probable tail.
        deviation: standardised misfit of the far tail alone.
    """

    level: float
    base_rate: float
    posterior: TailPosterior
    num_above: int
    distance: float
    deviation: float

    @property
    def misfit(self) -> float:
        """Distance or deviation, whichever is worse, over its limit; a good fit stays below 1."""
        return max(self.distance / _DISTANCE_LIMIT, abs(self.deviation) / _DEVIATION_LIMIT)

    @property
    def log_p(self) -> float:
        """Log p-value of the worse of both."""
        of_distance = np.log(0.05) + _LOG_P_OF_DISTANCE * (self.distance - _DISTANCE_LIMIT)
        of_deviation = np.log(2.0 * _NUM_LOOKS) + log_ndtr(-abs(self.deviation))
        return float(min(of_distance, of_deviation, 0.0))

    @property
    def log_weight(self) -> float:
        r"""$$\log(n p)$$: what the level counts beside others, before all are made to sum to 1."""
        return float(np.log(self.num_above)) + self.log_p

    def scaled(self, unit: float) -> LevelFit:
        """The same for scores in another unit."""
        posterior = replace(self.posterior, anchors=self.posterior.anchors * unit)
        return replace(self, level=self.level * unit, posterior=posterior)


@dataclass(frozen=True)
class Sample:
    """Ordered values whose upper tail is wanted.

    Args:
        ordered: ascending and finite, ties spread.
        num_scores: samples of the series that they come from; more than the values when these are peaks.
        num_trimmed: largest values that were taken away from the end.
        cut: the smallest value that was taken away, None when none was.
        information: share of independent values.
        prior: of the tail.
    """

    ordered: np.ndarray
    num_scores: int
    num_trimmed: int
    cut: float | None
    information: float
    prior: TailPrior

    def trimmed(self, num: int) -> Sample:
        """The same without its ``num`` largest values."""
        if num == 0:
            return self
        return Sample(
            self.ordered[:-num],
            self.num_scores,
            self.num_trimmed + num,
            float(self.ordered[-num]),
            self.information,
            self.prior,
        )


def fit_above(sample: Sample, num_above: int, size: GridSize = FINE) -> LevelFit:
    """Fit the tail to the ``num_above`` largest values; trimmed ones are among them, but not seen."""
    ordered = sample.ordered
    num_seen = num_above - sample.num_trimmed
    level = 0.5 * (ordered[-num_seen - 1] + ordered[-num_seen])
    excesses = ordered[-num_seen:] - level
    cut = None if sample.cut is None else sample.cut - level
    rough_rate = num_seen / max(sample.num_scores - sample.num_trimmed, 1)
    posterior = fit_tail(
        excesses, rough_rate, cut_at=cut, prior=sample.prior, information=sample.information, size=size
    )
    missing = 0.0 if cut is None else float(posterior.survival(np.array([cut]))[0])
    cut_depth = None if cut is None else float(posterior.best_depths(np.array([cut]))[0])
    depths = posterior.best_depths(excesses)
    return LevelFit(
        level=float(level),
        base_rate=rough_rate / (1.0 - min(missing, 0.9)),
        posterior=posterior,
        num_above=num_seen,
        distance=sample.information * anderson_darling(depths, cut_depth),
        deviation=float(np.sqrt(sample.information)) * upper_deviation(depths) if cut is None else 0.0,
    )


def level_counts(sample: Sample, fractions: tuple[float, ...] = FRACTIONS) -> list[int]:
    """Numbers of values above the levels to try, largest first."""
    total = len(sample.ordered) + sample.num_trimmed
    counts = [int(fraction * total) for fraction in fractions]
    enough = [count for count in counts if count - sample.num_trimmed >= _MIN_ABOVE]
    return enough or [min(_MIN_ABOVE + sample.num_trimmed, total // 2)]


def fit_levels(sample: Sample) -> list[tuple[LevelFit, float]]:
    r"""Tails above several levels, with weights that sum to 1, the heaviest first.

    A level counts $$w \propto n p$$ with ``n`` the values above it and ``p`` the p-value of its tail: by what it knows
    and whether it may be right. Levels are tried from low to high, until those that are left could not matter.

    Args:
        sample: the values.

    Reference: Northrop, Attalides and Jonathan, Cross-validatory extreme value threshold selection and uncertainty with
    application to ocean storm severity, 2017, who average over levels as well, with weights from prediction.
    """
    counts = level_counts(sample)
    fits: list[LevelFit] = []
    for place, count in enumerate(counts):
        fits.append(fit_above(sample, count))
        rest = sum(counts[place + 1 :]) - sample.num_trimmed * (len(counts) - place - 1)
        if rest < _NEGLIGIBLE * sum(np.exp(fit.log_weight) for fit in fits):
            break
    log_weights = np.array([fit.log_weight for fit in fits])
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return [(fits[place], float(weights[place])) for place in np.argsort(-weights, kind="stable")]


def first_good_level(sample: Sample, size: GridSize) -> LevelFit:
    r"""The lowest base level whose fit is good; the best fit of all when none is.

    Levels are tried from low to high. The first is judged mildly; after a rejection the limit is stricter, as
    neighbouring levels share most of their values and a misfit fades gradually.

    Args:
        sample: the values.
        size: of the posterior's grid.

    Reference: Bader, Yan and Zhang, Automated threshold selection for extreme value analysis via ordered
    goodness-of-fit tests, 2018.
    """
    best: LevelFit | None = None
    limit = 1.0
    for count in level_counts(sample):
        fit = fit_above(sample, count, size)
        if fit.misfit <= limit:
            return fit
        if best is None or fit.misfit < best.misfit:
            best = fit
        limit = _LATER_LIMIT
    assert best is not None
    return best
