"""Where the tail begins: as low as the fit allows, for every score above it steadies the far end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.scoring.goodness import anderson_darling, upper_deviation
from sensorgraph.scoring.gpd import FINE, GridSize, TailPosterior, TailPrior, fit_tail

FRACTIONS = (0.1, 0.07, 0.05, 0.035, 0.025)
FAR_FRACTIONS = (0.0175, 0.0125, 0.009, 0.006, 0.004, 0.0025, 0.0015, 0.001)
"""Shares of the values that are tried as the tail, largest first."""

_MIN_ABOVE = 40
"""A tail of fewer values is not fitted."""

_DISTANCE_LIMIT = 0.9
"""Anderson-Darling distance of a good fit: 19 of 20 stay below."""

_DEVIATION_LIMIT = 2.4
"""Deviation of the far tail of a good fit."""

_LATER_LIMIT = 0.75
"""The stricter limit once a lower level was rejected: what was plain there is still hidden in the next one."""


@dataclass(frozen=True)
class LevelFit:
    """A tail above one level.

    Args:
        level: the base level.
        base_rate: rate per sample above it, trimmed values put back as far as the tail predicts them.
        posterior: tails above it.
        num_above: values it was fitted on.
        misfit: Anderson-Darling distance or deviation of the far tail, whichever is worse, over its limit; a good fit
            stays below 1.
    """

    level: float
    base_rate: float
    posterior: TailPosterior
    num_above: int
    misfit: float

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
    distance = sample.information * anderson_darling(depths, cut_depth)
    deviation = np.sqrt(sample.information) * upper_deviation(depths) if cut is None else 0.0
    return LevelFit(
        level=float(level),
        base_rate=rough_rate / (1.0 - min(missing, 0.9)),
        posterior=posterior,
        num_above=num_seen,
        misfit=max(distance / _DISTANCE_LIMIT, abs(deviation) / _DEVIATION_LIMIT),
    )


def level_counts(sample: Sample, fractions: tuple[float, ...] = FRACTIONS) -> list[int]:
    """Numbers of values above the levels to try, largest first."""
    total = len(sample.ordered) + sample.num_trimmed
    counts = [int(fraction * total) for fraction in fractions]
    enough = [count for count in counts if count - sample.num_trimmed >= _MIN_ABOVE]
    return enough or [min(_MIN_ABOVE + sample.num_trimmed, total // 2)]


def choose_level(sample: Sample, size: GridSize = FINE, *, far: bool = False) -> LevelFit:
    r"""The lowest base level whose fit is good; the best fit of all when none is.

    Levels are tried from low to high. The first is judged mildly; after a rejection the limit is stricter, as
    neighbouring levels share most of their values and a misfit fades gradually.

    Args:
        sample: the values.
        size: of the posterior's grid.
        far: go on to levels that leave very few values.

    Reference: Bader, Yan and Zhang, Automated threshold selection for extreme value analysis via ordered
    goodness-of-fit tests, 2018.
    """
    best: LevelFit | None = None
    limit = 1.0
    counts = level_counts(sample, FRACTIONS + FAR_FRACTIONS if far else FRACTIONS)
    for count in counts:
        fit = fit_above(sample, count, size)
        if fit.misfit <= limit:
            return fit
        if best is None or fit.misfit < best.misfit:
            best = fit
        limit = _LATER_LIMIT
    assert best is not None
    return best
