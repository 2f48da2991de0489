"""Calibration data that hold some anomalies: find where they begin, and take them away."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, logsumexp

from sensorgraph.scoring.base_level import LevelFit, Sample, first_good_level, fit_above, level_counts
from sensorgraph.scoring.gpd import COARSE

_SUSPECT = np.log(1e-4)
"""A cheap look must find this p-value before the search begins."""

_SURE = -60.0
"""Only with this log p-value is anything taken away. Clean mixtures of two regimes, which bend where a tail does not,
were seen to reach -45; a separate group of ten anomalies reaches -60."""

_SURE_PER_VALUE = -0.25
"""And with this much more for each value: a body that fits a little badly is wrong about all of them alike."""

_EXCESS = 3.0
"""And only when there are this many times more large values than the tail below them predicts."""


def without_anomalies(sample: Sample, max_share: float) -> Sample:
    """The sample without its largest values where these are anomalies, the same where they are not.

    The tail *below* a suspected value predicts how many lie above it. Where many more do, and the rest fits well
    without them, they are taken away; the sample then knows that it was seen only up to there.

    Args:
        sample: nothing trimmed yet.
        max_share: largest share of the values that may be taken away; 0 trusts all of them.
    """
    max_num = int(max_share * len(sample.ordered))
    if max_num < 1 or not _suspicious(sample, max_num):
        return sample
    for num_above in level_counts(sample):
        # With less than three quarters of the tail in sight, its end is not predicted but guessed.
        places = [num for num in _places(sample.ordered, max_num) if 4 * num <= num_above]
        if not places:
            break
        tests = [_test(sample, num, num_above) for num in places]
        before = fit_above(sample, num_above, COARSE).misfit
        sure = [
            num
            for log_p, num, misfit in tests
            if log_p < _SURE + _SURE_PER_VALUE * num and misfit <= max(1.0, 0.5 * before)
        ]
        if sure:
            # The deepest cut: the fit knows where it was cut, so taking too many costs little; leaving some, much.
            return sample.trimmed(max(sure))
    return sample


def _suspicious(sample: Sample, max_num: int) -> bool:
    """A first look: does the tail below all suspects predict how many lie among them?"""
    rest = sample.trimmed(max_num)
    below = first_good_level(rest, COARSE)
    tests = [_log_p(sample, rest, below, num) for num in _places(sample.ordered, max_num)]
    return min(tests) < _SUSPECT


def _test(sample: Sample, num: int, num_above: int) -> tuple[float, int, float]:
    """Log p-value of there being ``num`` values above the place where they begin, and the misfit below it."""
    rest = sample.trimmed(num)
    fit = fit_above(rest, num_above, COARSE)
    return _log_p(sample, rest, fit, num), num, fit.misfit


def _log_p(sample: Sample, rest: Sample, fit: LevelFit, num: int) -> float:
    """Log probability of at least ``num`` values above the ``num``-th largest, by the tail of the rest."""
    assert rest.cut is not None
    place = np.array([sample.ordered[-num] - fit.level, rest.cut - fit.level])
    survival = np.exp(-fit.posterior.depths(place))
    expected = fit.num_above * survival[..., 0] / np.maximum(1.0 - survival[..., 1], 1e-3) * sample.information
    if num < _EXCESS * float((fit.posterior.weights * expected).sum()) / sample.information:
        return 0.0
    # Leading term of the Poisson tail: exact enough where many more were seen than expected, and never underflowing.
    expected = np.maximum(expected, 1e-300)
    terms = num * sample.information * np.log(expected) - expected - gammaln(num * sample.information + 1.0)
    return float(logsumexp(terms, b=fit.posterior.weights))


def _places(ordered: np.ndarray, max_num: int) -> list[int]:
    """Where anomalies may begin: the widest gap, by rank, in each range of ranks that doubles."""
    gaps = ordered[-1 : -max_num - 1 : -1] - ordered[-2 : -max_num - 2 : -1]
    weighted = gaps * np.arange(1, max_num + 1)
    places = []
    start = 1
    while start <= max_num:
        stop = min(2 * start, max_num + 1)
        places.append(start + int(np.argmax(weighted[start - 1 : stop - 1])))
        start = stop
    return places
