"""Anomalies of every size among the calibration scores: a tail and a few uniform pieces, fitted together.

Anomalies that stand apart can be cut off; those that are spread out, from among the normal scores to far beyond them,
cannot: there is no gap, and their thin carpet looks like a heavier tail. Yet it bends as no tail does, since the normal
scores end within it. So both are fitted at once. Each tail is judged by how well it explains the scores *beside* the
anomalies, and a score is normal with some probability, never all or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from sensorgraph.scoring.base_level import Sample
from sensorgraph.scoring.gpd import (
    ANCHOR_DEPTH,
    COARSE,
    TailPosterior,
    TailPrior,
    fit_tail,
    group_excesses,
    tails_around,
)

_FRACTIONS = (0.0125, 0.025, 0.05)
"""Shares of the values above the base levels; the last has the final say. Every one must find anomalies: a regime of
normal data that holds a tenth of them bends the lower levels, and a tail above the highest one explains it. One that
holds no more than anomalies may, and lies far out, cannot be told from them by shape."""

_LEAST_LEVELS = 2

_MIN_ABOVE = 40
"""Fewer values than this above a level say too little."""

_DECISIVE = 20.0
"""Log Bayes factor from which anomalies are believed in."""

_RANK_STEP = 3.0
"""From one place where anomalies may begin to the next there are this many times as many values above."""

_NUM_ROUNDS = 12
_NUM_STEPS = 10
"""Rounds of fitting tails, and steps of the shares in each."""

_SETTLED = 0.1
"""Change of the log evidence at which rounds end."""

_NEVER = 1e-300


@dataclass(frozen=True)
class AnomalyMixture:
    """Tail and anomalies above one level.

    Args:
        log_bayes: log of the evidence for anomalies over that for a tail alone.
        num_anomalies: expected number of them.
        excesses: grouped excesses above the level.
        normal: probability of each of being normal.

    Shapes: ``excesses``, ``normal`` [J].
    """

    log_bayes: float
    num_anomalies: float
    excesses: np.ndarray
    normal: np.ndarray


def without_spread_anomalies(sample: Sample, max_share: float) -> Sample:
    """The sample thinned to its normal values where anomalies are spread among them, the same where none are.

    Of values that are normal with probability ``p`` each, evenly a share ``p`` is kept: what remains is distributed as
    the normal ones are, and can be used like any sample.

    Args:
        sample: nothing trimmed yet.
        max_share: largest expected share of anomalies among the values; above 1 in 40, or with fewer than 1,600 values,
            no two levels are left to agree, and none are found.
    """
    total = len(sample.ordered)
    max_num = int(max_share * total)
    counts = [int(fraction * total) for fraction in _FRACTIONS]
    counts = [count for count in counts if count > max_num and count >= _MIN_ABOVE]
    if max_num < 1 or len(counts) < _LEAST_LEVELS:
        return sample
    for count in counts:
        found = fit_mixture(sample, count, max_num)
        if found.log_bayes < _DECISIVE:
            return sample
    level = _level(sample.ordered, count)
    normal = np.interp(sample.ordered[-count:] - level, found.excesses, found.normal)
    # Counted from the largest down, so that a value far out is kept only where the many there add up to one.
    kept = np.floor(0.5 + np.cumsum(normal[::-1]))
    keep = np.diff(kept, prepend=0.0)[::-1] > 0.0
    ordered = np.concatenate([sample.ordered[:-count], sample.ordered[-count:][keep]])
    return replace(sample, ordered=ordered, num_scores=sample.num_scores - int((~keep).sum()))


def fit_mixture(sample: Sample, num_above: int, max_num: int) -> AnomalyMixture:
    r"""Fit a tail and anomalies to the ``num_above`` largest values, of which at most ``max_num`` are anomalies.

    The density is $$(1 - \sum_k w_k) f_\theta(x) + \sum_k w_k\, u_k(x)$$ with ``u`` uniform between any two of some
    places. Shares are those of greatest likelihood, averaged over all tails; tails keep their whole posterior.

    Args:
        sample: nothing trimmed yet.
        num_above: values above the base level.
        max_num: largest number of anomalies.

    Reference: Dempster, Laird and Rubin, Maximum likelihood from incomplete data via the EM algorithm, 1977; Box and
    Tiao, A Bayesian approach to some outlier problems, 1968.
    """
    excesses = sample.ordered[-num_above:] - _level(sample.ordered, num_above)
    unit = float(np.quantile(excesses, 1.0 - np.exp(-ANCHOR_DEPTH)))
    excesses = excesses / unit
    gap = _widest_gap(excesses, max_num)
    groups = [group_excesses(part, COARSE.num_groups) for part in (excesses[:-gap], excesses[-gap:])]
    values, counts = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    pieces = _pieces(values, counts, gap)

    half = num_above // 2
    cut = 0.5 * float(excesses[-half - 1] + excesses[-half])
    rate = num_above / sample.num_scores
    start = fit_tail(
        excesses[:-half], rate, cut_at=cut, prior=sample.prior, information=sample.information, size=COARSE
    )
    most = max_num / num_above
    fit = _Expectation(values, counts, sample.information, sample.prior)
    evidence, normal = fit.settle(start, pieces, most)
    plain = fit_tail(excesses, rate, prior=sample.prior, information=sample.information, size=COARSE)
    return AnomalyMixture(
        log_bayes=evidence - fit.settle(plain, pieces[:0], 0.0)[0],
        num_anomalies=float(counts @ (1.0 - normal)),
        excesses=values * unit,
        normal=normal,
    )


@dataclass(frozen=True)
class _Expectation:
    """Grouped excesses that tails and pieces are fitted to, in turns.

    Shapes: ``values``, ``counts`` [J].
    """

    values: np.ndarray
    counts: np.ndarray
    information: float
    prior: TailPrior

    def settle(self, tails: TailPosterior, pieces: np.ndarray, most: float) -> tuple[float, np.ndarray]:
        """Log evidence, and the probability of each value of being normal.

        Args:
            tails: where the search begins.
            pieces: densities of the anomalies.
            most: largest share of them all together.

        Shapes: ``pieces`` [K, J]; returns also [J].
        """
        # At first as many as may be, spread evenly: a carpet that starts too thin is swallowed by a heavier tail.
        widths = 1.0 / pieces.max(1, initial=_NEVER)
        shares = most * widths / max(float(widths.sum()), _NEVER)
        evidence = -np.inf
        for _ in range(_NUM_ROUNDS):
            before = evidence
            tails, evidence, densities = self._fit_tails(tails, shares @ pieces, float(shares.sum()))
            for _ in range(_NUM_STEPS if len(pieces) else 0):
                shares *= pieces @ (self.counts * self._inverse(tails, densities, shares, pieces)) / self.counts.sum()
                shares *= min(1.0, most / max(float(shares.sum()), _NEVER))
            if abs(evidence - before) < _SETTLED:
                break
        odd = (shares @ pieces) * self._inverse(tails, densities, shares, pieces)
        return evidence, np.clip(1.0 - odd, 0.0, 1.0)

    def _fit_tails(
        self, tails: TailPosterior, others: np.ndarray, share: float
    ) -> tuple[TailPosterior, float, np.ndarray]:
        """Tails beside anomalies of a given density, their log evidence, and the density of each tail [P * H, J]."""
        grid, log_prior = tails_around(tails, self.prior, COARSE)
        densities = grid.densities(self.values).reshape(-1, len(self.values))
        log_post = np.log(np.maximum((1.0 - share) * densities + others, _NEVER)) @ (self.counts * self.information)
        log_post = log_post.reshape(grid.weights.shape) + log_prior[:, None]
        evidence = float(logsumexp(log_post))
        return replace(grid, weights=np.exp(log_post - evidence)), evidence, densities

    @staticmethod
    def _inverse(tails: TailPosterior, densities: np.ndarray, shares: np.ndarray, pieces: np.ndarray) -> np.ndarray:
        """One over the density of all together, averaged over the tails. Shapes: returns [J]."""
        together = np.maximum((1.0 - shares.sum()) * densities + shares @ pieces, _NEVER)
        return tails.weights.ravel() @ (1.0 / together)


def _level(ordered: np.ndarray, num_above: int) -> float:
    return float(0.5 * (ordered[-num_above - 1] + ordered[-num_above]))


def _widest_gap(excesses: np.ndarray, max_num: int) -> int:
    """Rank below which the gap is widest, by rank: spacings of any tail grow about as one over it."""
    gaps = excesses[-1 : -max_num - 1 : -1] - excesses[-2 : -max_num - 2 : -1]
    return 1 + int(np.argmax(gaps * np.arange(1, max_num + 1)))


def _pieces(values: np.ndarray, counts: np.ndarray, gap: int) -> np.ndarray:
    """Densities of all uniform pieces, whose ends lie between groups.

    Args:
        values: ascending excesses.
        counts: how many each of them stands for.
        gap: rank below which there is a wide gap, which may be where a group begins.

    Shapes: ``values``, ``counts`` [J]; returns [K, J].
    """
    ranks = np.cumsum(counts[::-1])[::-1]
    wanted = np.append(_RANK_STEP ** np.arange(np.log(ranks[0]) / np.log(_RANK_STEP)), gap)
    starts = np.unique(np.searchsorted(-ranks, -wanted))
    starts = starts[(starts > 0) & (starts < len(values))]
    edges = np.unique(np.concatenate([[0.0], 0.5 * (values[starts - 1] + values[starts]), values[-1:]]))
    low, high = (edges[places] for places in np.triu_indices(len(edges), 1))
    inside = (values >= low[:, None]) & (values <= high[:, None])
    return inside / (high - low)[:, None]
