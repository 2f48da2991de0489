"""Tail of a distribution above a level: a posterior over generalised Pareto tails instead of one fitted point.

A maximum-likelihood shape from some hundred excesses swings by +-0.1, and a far quantile by a factor of ten with
it. Two things steady it here. First a weak prior. Second a bend: the normal, lognormal or Weibull distribution is
generalised Pareto only in the limit, and its shape still drifts where the data lie; a tail that may drift can be
fitted to ten per cent of the data instead of one. What the data leave open stays open: the fit is a grid of tails
with weights, and every probability is an average over that grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

ANCHOR_DEPTH = 2.0
"""The scale is measured at the quantile exp(-2) of the excesses: there it is nearly independent of the shape."""

DEPTHS = np.concatenate([np.linspace(0.0, 8.0, 161), np.linspace(8.2, 20.0, 60), np.linspace(21.0, 80.0, 60)])
"""Depths (minus log survival) at which a tail's quantiles are tabulated."""

_HALVES = np.insert(DEPTHS, np.arange(1, len(DEPTHS)), 0.5 * (DEPTHS[1:] + DEPTHS[:-1]))

_NUM_SINGLE = 48
"""This many of the largest excesses enter the likelihood one by one; smaller ones in growing groups."""

_MEAN_DEPTH = 1.5
"""Depth at which shapes of tails with different bends agree best; grids are laid there."""

_WIDTH = 5.0
"""A grid that is laid anew reaches this many standard deviations to each side."""

_WIDEST = 0.5
"""A standard deviation of a shape, or of the log of a scale, that no grid goes beyond."""

_HEAVIEST = 5.0
"""The largest shape on such a grid: quantiles stay finite."""

_FOLLOW = 0.4
"""And this share of how far the mass has moved, so that mass at the end of a grid is in the middle of the next."""


@dataclass(frozen=True)
class TailPrior:
    """What is believed of a tail before any data.

    Args:
        shape: most likely final shape. For the normal, gamma, lognormal, Weibull and Gumbel distributions, and for
            sums, squares and maxima of them, it is 0 exactly: how they differ is their bend.
        shape_spread: scale of a Cauchy distribution around it: narrow, yet soon overruled by a tail that is a power law
            or has an end.
        bends: bends that are weighed against each other; 0 is the plain generalised Pareto.
        bend_spread: standard deviation of a normal prior on them.
    """

    shape: float = 0.0
    shape_spread: float = 0.03
    bends: tuple[float, ...] = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5)
    bend_spread: float = 0.4

    def log_density(self, shapes: np.ndarray, bends: np.ndarray, cell: float) -> np.ndarray:
        """Log density up to a constant, of shapes that stand for ``cell`` around them each; broadcasting.

        A cell may be wider than the prior, so its mean density counts, not that of its middle.
        """
        z, half = (shapes - self.shape) / self.shape_spread, 0.5 * cell / self.shape_spread
        mass = np.arctan(z + half) - np.arctan(z - half)
        return np.log(mass / (2.0 * half)) - 0.5 * (bends / self.bend_spread) ** 2


@dataclass(frozen=True)
class GridSize:
    """How finely a posterior is laid out: number of shapes and of scales."""

    num_shapes: int = 21
    num_scales: int = 17
    num_groups: int = 90


FINE = GridSize()
COARSE = GridSize(13, 11, 50)


def tail_tables(shapes: np.ndarray, bends: np.ndarray, base_depth: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Quantiles of tails, in units of their anchor.

    With ``d`` the depth below the base level, the excess that is exceeded with probability ``exp(-d)`` is
    $$x(d) \propto \int_0^d (1 + t / y_u)^\rho e^{\xi t} dt$$: for ``rho = 0`` the generalised Pareto distribution, for
    ``xi = 0`` a generalised Weibull tail (normal: rho = -1/2, exponential: 0).

    Args:
        shapes: xi.
        bends: rho.
        base_depth: ``y_u``, minus the log of the probability above the base level.

    Shapes: ``shapes``, ``bends`` [P]; returns quantiles [P, G] at ``DEPTHS``, equal to 1 at ``ANCHOR_DEPTH``, and the
    logarithm of what they were divided by [P].
    """
    # Simpson's rule within each step of the grid: every second point is the middle of a step.
    slopes = np.exp(bends[:, None] * np.log1p(_HALVES / base_depth) + shapes[:, None] * _HALVES)
    areas = (slopes[:, :-2:2] + 4.0 * slopes[:, 1::2] + slopes[:, 2::2]) * (np.diff(DEPTHS) / 6.0)
    tables = np.zeros((len(shapes), len(DEPTHS)))
    np.cumsum(areas, axis=-1, out=tables[:, 1:])
    anchors = tables[:, int(np.searchsorted(DEPTHS, ANCHOR_DEPTH))]
    return tables / anchors[:, None], np.log(anchors)


@dataclass(frozen=True)
class TailPosterior:
    """Weighted tails above one level.

    Args:
        shapes: xi of each (shape, bend) pair.
        bends: rho of each pair.
        anchors: excesses that are exceeded with probability exp(-2), in the unit of the scores.
        weights: posterior weights of pair and anchor; they sum to 1.
        base_depth: minus the log of the probability above the level.

    Shapes: ``shapes``, ``bends`` [P], ``anchors`` [H], ``weights`` [P, H].
    """

    shapes: np.ndarray
    bends: np.ndarray
    anchors: np.ndarray
    weights: np.ndarray
    base_depth: float

    @property
    def shape(self) -> float:
        """Posterior mean of the shape at the base level: what a plain generalised Pareto fit there would find."""
        local = self.shapes + self.bends / (self.base_depth + _MEAN_DEPTH)
        return float(self.weights.sum(1) @ local)

    @property
    def scale(self) -> float:
        """Posterior mean of the scale (sigma) at the base level."""
        _, log_divisors = tail_tables(self.shapes, self.bends, self.base_depth)
        return float(np.exp(-log_divisors) @ self.weights @ self.anchors)

    def depths(self, excess: np.ndarray) -> np.ndarray:
        """Minus log survival under every tail, infinite past an end point.

        Shapes: ``excess`` [T]; returns [P, H, T].
        """
        tables, _ = tail_tables(self.shapes, self.bends, self.base_depth)
        relative = excess[None, :] / self.anchors[:, None]
        return np.stack([np.interp(relative, table, DEPTHS, right=np.inf) for table in tables])

    def densities(self, excess: np.ndarray) -> np.ndarray:
        """Probability density under every tail, per unit of the scores, 0 past an end point.

        Shapes: ``excess`` [T]; returns [P, H, T].
        """
        _, log_divisors = tail_tables(self.shapes, self.bends, self.base_depth)
        depths = self.depths(excess)
        inside = np.isfinite(depths)
        depths[~inside] = 0.0
        shapes, bends = self.shapes[:, None, None], self.bends[:, None, None]
        log_slopes = shapes * depths + bends * np.log1p(depths / self.base_depth)
        log_slopes += np.log(self.anchors)[:, None] - log_divisors[:, None, None]
        return np.where(inside, np.exp(-depths - log_slopes), 0.0)

    def survival(self, excess: np.ndarray) -> np.ndarray:
        """Predictive probability that an excess is larger. Shapes: ``excess`` [T]; returns [T]."""
        return np.einsum("ph,pht->t", self.weights, np.exp(-self.depths(excess)))

    def best_depths(self, excess: np.ndarray) -> np.ndarray:
        """Depths under the single most probable tail. Shapes: ``excess`` [T]; returns [T]."""
        pair, anchor = np.unravel_index(np.argmax(self.weights), self.weights.shape)
        table, _ = tail_tables(self.shapes[pair : pair + 1], self.bends[pair : pair + 1], self.base_depth)
        return np.interp(excess / self.anchors[anchor], table[0], DEPTHS)


def tails_around(posterior: TailPosterior, prior: TailPrior, size: GridSize) -> tuple[TailPosterior, np.ndarray]:
    """A new grid, with every bend, where the mass of a posterior lies, and the log prior mass of each tail on it.

    Shapes: returns tails with equal weights [P, H], and [P].
    """
    reference = posterior.base_depth + _MEAN_DEPTH
    shapes = _spread_grid(posterior.shapes + posterior.bends / reference, posterior.weights.sum(1), size.num_shapes)
    shapes -= max(float(shapes[-1]) - _HEAVIEST, 0.0)
    log_anchors = _spread_grid(np.log(posterior.anchors), posterior.weights.sum(0), size.num_scales)
    step = shapes[1] - shapes[0]
    bends = np.repeat(prior.bends, len(shapes))
    shapes = np.tile(shapes, len(prior.bends)) - bends / reference
    log_cell = np.log(step * (log_anchors[1] - log_anchors[0]))
    weights = np.full((len(shapes), len(log_anchors)), 1.0 / (len(shapes) * len(log_anchors)))
    grid = TailPosterior(shapes, bends, np.exp(log_anchors), weights, posterior.base_depth)
    return grid, prior.log_density(shapes, bends, step) + log_cell


def _spread_grid(values: np.ndarray, mass: np.ndarray, num: int) -> np.ndarray:
    """Even steps over where the mass of unevenly laid values lies, and further where it lies near their end."""
    mean = float(mass @ values)
    step = float(np.diff(np.unique(np.round(values, 9))).min(initial=1.0))
    off_middle = abs(mean - 0.5 * float(values.min() + values.max()))
    spread = max(np.sqrt(float(mass @ (values - mean) ** 2)), 0.4 * step, off_middle * _FOLLOW)
    return mean + np.linspace(-_WIDTH, _WIDTH, num) * min(spread, _WIDEST)


def group_excesses(excesses: np.ndarray, num_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Ascending excesses as few weighted points, so that a likelihood costs the same for 1e2 and 1e6 of them.

    The largest stay single, as they carry the shape; below, neighbours are averaged in groups that grow with
    their rank. Within a group the log density is all but linear.

    Shapes: ``excesses`` [T] ascending; returns values [J] and counts [J].
    """
    num = len(excesses)
    if num <= _NUM_SINGLE + num_groups:
        return excesses, np.ones(num)
    ranks = np.unique(np.geomspace(_NUM_SINGLE, num, num_groups).astype(np.int64))
    edges = np.concatenate([num - ranks[::-1], np.arange(num - _NUM_SINGLE + 1, num)])
    counts = np.diff(np.append(edges, num))
    return np.add.reduceat(excesses, edges) / counts, counts.astype(np.float64)


@dataclass(frozen=True)
class _Evidence:
    """Grouped excesses in units of their mean: seen ones, lower bounds, and where the sample was cut off."""

    values: np.ndarray
    counts: np.ndarray
    bounds: np.ndarray
    bound_counts: np.ndarray
    cut: float | None

    def log_likelihood(
        self, shapes: np.ndarray, bends: np.ndarray, anchors: np.ndarray, base_depth: float
    ) -> np.ndarray:
        """Shapes: ``shapes``, ``bends`` [P], ``anchors`` [H]; returns [P, H]."""
        tables, log_divisors = tail_tables(shapes, bends, base_depth)
        points = np.concatenate([self.values, self.bounds, [] if self.cut is None else [self.cut]])
        relative = points[None, :] / anchors[:, None]
        num_seen, num_bounds, total = len(self.values), len(self.bounds), self.counts.sum()
        result = np.empty((len(shapes), len(anchors)))
        for row, (shape, bend, table) in enumerate(zip(shapes, bends, tables, strict=True)):
            depth = np.interp(relative, table, DEPTHS, right=np.inf)
            last = max(num_seen - 1, num_seen + num_bounds - 1)
            impossible = ~np.isfinite(depth[:, num_seen - 1] + depth[:, last])
            depth[impossible] = 0.0
            seen = depth[:, :num_seen]
            minus = (1.0 + shape) * seen + bend * np.log1p(seen / base_depth) if bend else (1.0 + shape) * seen
            row_value = -(minus @ self.counts) - total * (np.log(anchors) - log_divisors[row])
            if num_bounds:
                row_value -= depth[:, num_seen : num_seen + num_bounds] @ self.bound_counts
            if self.cut is not None:
                with np.errstate(divide="ignore"):
                    inside = np.log(-np.expm1(-depth[:, -1]))
                row_value -= total * np.where(np.isfinite(inside), inside, 0.0)
            result[row] = np.where(impossible, -np.inf, row_value)
        return result


def fit_tail(
    excesses: np.ndarray,
    base_rate: float,
    *,
    censored_above: np.ndarray | None = None,
    cut_at: float | None = None,
    prior: TailPrior | None = None,
    information: float = 1.0,
    size: GridSize = FINE,
) -> TailPosterior:
    r"""Posterior of the tail from excesses over a level.

    $$p(\xi, \rho, \sigma \mid x) \propto p(\xi, \rho)\, \sigma^{-1} \Big[\prod_i \frac{f(x_i)}{1 - S(c)}
    \prod_j S(b_j)\Big]^{\kappa}$$ on a grid that is moved to where the data put the mass.

    Args:
        excesses: positive distances above the level, any order.
        base_rate: probability of lying above the level.
        censored_above: ``b_j``, lower bounds of further excesses whose size is not trusted (alarmed points).
        cut_at: ``c``, where larger excesses were taken away (trimming); None when all are there.
        prior: the weak default when None.
        information: kappa, in (0, 1]: the share of independent observations, below 1 for dependent scores.
        size: of the grid.

    Shapes: ``excesses`` [T], ``censored_above`` [C].

    Example:
        >>> sample = np.random.default_rng(0).exponential(size=5_000)
        >>> posterior = fit_tail(sample, 0.05)
        >>> bool(abs(posterior.survival(np.array([5.0]))[0] / np.exp(-5.0) - 1.0) < 0.3)
        True

    Reference: Davison and Smith, Models for exceedances over high thresholds, 1990; de Valk, Approximation of high
    quantiles from intermediate quantiles, 2016.
    """
    prior = prior or TailPrior()
    ordered = np.sort(np.asarray(excesses, dtype=np.float64))
    unit = float(ordered.mean())
    values, counts = group_excesses(ordered / unit, size.num_groups)
    bounds, bound_counts = np.empty(0), np.empty(0)
    if censored_above is not None and len(censored_above):
        bounds, bound_counts = group_excesses(np.sort(censored_above) / unit, size.num_groups)
    evidence = _Evidence(values, counts, bounds, bound_counts, None if cut_at is None else cut_at / unit)
    base_depth = max(-float(np.log(base_rate)), 1.0)
    reference = base_depth + _MEAN_DEPTH
    num = max(information * float(counts.sum()), 4.0)

    # First the plain family on a wide grid, then all bends where its mass lies, twice, as the first look is rough.
    all_bends = np.array(prior.bends)
    bends = np.zeros(1)
    shapes = np.linspace(-1.1, 1.5, 40)
    start = np.log(max(float(np.quantile(ordered, 1.0 - np.exp(-ANCHOR_DEPTH))) / unit, 1e-3))
    log_anchors = start + np.linspace(-1.0, 1.0, 21) * min(2.0, 0.1 + 6.0 / np.sqrt(num))
    for step in range(3):
        pair_bends = np.repeat(bends, len(shapes))
        pair_shapes = np.tile(shapes, len(bends)) - pair_bends / reference
        log_post = information * evidence.log_likelihood(pair_shapes, pair_bends, np.exp(log_anchors), base_depth)
        log_post = log_post + prior.log_density(pair_shapes, pair_bends, shapes[1] - shapes[0])[:, None]
        weights = np.exp(log_post - logsumexp(log_post))
        if step == 2:
            break
        bends = all_bends
        shape_mass = weights.reshape(-1, len(shapes), len(log_anchors)).sum((0, 2))
        wide, fine = (6.0, COARSE) if step == 0 else (4.5, size)
        shapes = _refine(shapes, shape_mass, fine.num_shapes, wide)
        log_anchors = _refine(log_anchors, weights.sum(0), fine.num_scales, wide)
    keep = weights.sum(1) > 1e-5
    kept = weights[keep]
    return TailPosterior(pair_shapes[keep], pair_bends[keep], np.exp(log_anchors) * unit, kept / kept.sum(), base_depth)


def _refine(grid: np.ndarray, mass: np.ndarray, num: int, width: float) -> np.ndarray:
    """A finer grid over where the mass of the old one lies."""
    step = grid[1] - grid[0]
    mean = float(mass @ grid)
    spread = np.sqrt(max(float(mass @ (grid - mean) ** 2), (0.4 * step) ** 2))
    return mean + np.linspace(-width, width, num) * spread
