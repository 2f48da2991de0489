"""Tail of a distribution above a level: a generalised Pareto posterior instead of one fitted point.

A maximum-likelihood shape from some hundred excesses swings by +-0.1, and a far quantile by a factor of ten
with it. Here a weak prior steadies the shape, and what the data leave open stays open: the fit is a grid of
(shape, scale) pairs with weights, and every probability is an average over that grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

_ANCHOR_DEPTH = 2.0
"""The scale is measured at the quantile exp(-2) of the excesses: there it is nearly independent of the shape."""

_NUM_SINGLE = 64
"""This many of the largest excesses enter the likelihood one by one; smaller ones in growing groups."""

_TOL_SHAPE = 1e-6


def gpd_depth(excess: np.ndarray, shape: np.ndarray | float, scale: np.ndarray | float) -> np.ndarray:
    r"""Minus the logarithm of the generalised Pareto survival function.

    $$-\log S(x) = \frac{1}{\xi}\log(1 + \xi x / \sigma)$$, ``x / sigma`` for shape 0, infinite beyond the end point.

    Args:
        excess: how far above the level, at least 0; broadcasts with the parameters.
        shape: xi; negative for a bounded tail, positive for a heavy one.
        scale: sigma, greater than 0.

    Example:
        >>> gpd_depth(np.array([0.0, 2.0]), 0.0, 2.0).tolist()
        [0.0, 1.0]
    """
    ratio = np.asarray(excess, dtype=np.float64) / scale
    shape = np.asarray(shape, dtype=np.float64)
    flat = np.abs(shape) < _TOL_SHAPE
    safe = np.where(flat, 1.0, shape)
    inside = safe * ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        curved = np.where(inside > -1.0, np.log1p(np.maximum(inside, -1.0)) / safe, np.inf)
    return np.where(flat, ratio, curved)


def gpd_quantile(depth: np.ndarray | float, shape: np.ndarray | float) -> np.ndarray:
    """Excess, in units of the scale, that is exceeded with probability ``exp(-depth)``."""
    depth = np.asarray(depth, dtype=np.float64)
    shape = np.asarray(shape, dtype=np.float64)
    flat = np.abs(shape) < _TOL_SHAPE
    safe = np.where(flat, 1.0, shape)
    return np.where(flat, depth, np.expm1(safe * depth) / safe)


@dataclass(frozen=True)
class ShapePrior:
    """What is believed of the shape before any data: a Student t, so that strong data can overrule it.

    Args:
        centre: most likely shape; 0 is an exponential tail.
        spread: scale of the Student t.
        degrees: its degrees of freedom.
    """

    centre: float = 0.05
    spread: float = 0.2
    degrees: float = 4.0

    def log_density(self, shape: np.ndarray) -> np.ndarray:
        """Log density up to a constant."""
        z = (shape - self.centre) / self.spread
        return -0.5 * (self.degrees + 1.0) * np.log1p(z * z / self.degrees)


@dataclass(frozen=True)
class TailPosterior:
    """Weighted generalised Pareto tails above one level.

    Args:
        shapes: xi of each tail.
        scales: sigma of each tail, in the unit of the scores.
        weights: posterior weights, which sum to 1.

    Shapes: all [K].
    """

    shapes: np.ndarray
    scales: np.ndarray
    weights: np.ndarray

    @property
    def shape(self) -> float:
        """Posterior mean of the shape."""
        return float(self.weights @ self.shapes)

    @property
    def scale(self) -> float:
        """Posterior mean of the scale."""
        return float(self.weights @ self.scales)

    def to_dict(self) -> dict[str, list[float]]:
        """Plain lists, for JSON."""
        return {"shapes": self.shapes.tolist(), "scales": self.scales.tolist(), "weights": self.weights.tolist()}

    @staticmethod
    def from_dict(content: dict[str, list[float]]) -> TailPosterior:
        """Read back what ``to_dict`` gave."""
        return TailPosterior(*(np.array(content[name]) for name in ("shapes", "scales", "weights")))

    def depths(self, excess: np.ndarray) -> np.ndarray:
        """Minus log survival under every tail. Shapes: ``excess`` [T]; returns [K, T]."""
        return gpd_depth(np.atleast_1d(excess)[None, :], self.shapes[:, None], self.scales[:, None])

    def survival(self, excess: np.ndarray) -> np.ndarray:
        """Predictive probability that an excess is larger. Shapes: ``excess`` [T]; returns [T]."""
        return self.weights @ np.exp(-self.depths(excess))


def group_excesses(excesses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ascending excesses as few weighted points, so that a likelihood costs the same for 1e2 and 1e6 of them.

    The largest stay single, as they carry the shape; below, neighbours are averaged in groups that grow with
    their rank. Within a group the log density is all but linear.

    Shapes: ``excesses`` [T] ascending; returns values [J] and counts [J], J about 64 + 20 log(T).
    """
    num = len(excesses)
    if num <= 2 * _NUM_SINGLE:
        return excesses, np.ones(num)
    ranks = np.unique(np.geomspace(_NUM_SINGLE, num, 120).astype(np.int64))
    edges = np.concatenate([num - ranks[::-1], np.arange(num - _NUM_SINGLE + 1, num)])
    counts = np.diff(np.append(edges, num))
    return np.add.reduceat(excesses, edges) / counts, counts.astype(np.float64)


def _log_likelihood(
    shapes: np.ndarray, anchors: np.ndarray, values: np.ndarray, counts: np.ndarray, censored: np.ndarray
) -> np.ndarray:
    """Shapes: ``shapes`` [G], ``anchors`` [H], ``values``, ``counts`` [J], ``censored`` [J] counts; returns [G, H]."""
    scales = anchors[None, :] / gpd_quantile(_ANCHOR_DEPTH, shapes)[:, None]
    depth = gpd_depth(values[None, None, :], shapes[:, None, None], scales[:, :, None])
    # A grid point with an excess beyond its end point is impossible, whatever the factor in front.
    depth = np.where(np.isfinite(depth), depth, 1e300)
    total = (depth @ counts) * (1.0 + shapes)[:, None] + np.log(scales) * counts.sum()
    if censored.any():
        total = total + depth @ censored
    return np.where(depth.max(-1) < 1e300, -total, -np.inf)


def fit_gpd(
    excesses: np.ndarray,
    *,
    censored_above: np.ndarray | None = None,
    prior: ShapePrior | None = None,
    information: float = 1.0,
) -> TailPosterior:
    r"""Posterior of a generalised Pareto tail from excesses over a level.

    $$p(\xi, \sigma \mid x) \propto p(\xi)\, \sigma^{-1} \Big[\prod_i f(x_i) \prod_j S(c_j)\Big]^{\kappa}$$ on a grid
    centred on the data; ``c_j`` are excesses of which only a lower bound is known (alarmed points, saturated
    ones) and ``kappa`` the share of independent observations.

    Args:
        excesses: positive distances above the level, any order.
        censored_above: lower bounds of further excesses whose size is not trusted.
        prior: of the shape; the weak default when None.
        information: kappa, in (0, 1]; below 1 for serially dependent scores.

    Shapes: ``excesses`` [T], ``censored_above`` [C].
    """
    prior = prior or ShapePrior()
    ordered = np.sort(np.asarray(excesses, dtype=np.float64))
    unit = float(ordered.mean())
    values, counts = group_excesses(ordered / unit)
    censored = np.zeros_like(counts)
    if censored_above is not None and len(censored_above):
        bounds = np.sort(np.asarray(censored_above, dtype=np.float64)) / unit
        more, more_counts = group_excesses(bounds)
        values = np.concatenate([values, more])
        counts = np.concatenate([counts, np.zeros_like(more)])
        censored = np.concatenate([censored, more_counts])
    num_effective = max(information * float(counts.sum()), 1.0)

    # Scale: rough grid first, to find where the mass is; then a fine one over +-5 standard deviations there.
    shapes = np.linspace(-1.2, 1.6, 57)
    start = np.log(max(float(np.quantile(ordered, 1.0 - np.exp(-_ANCHOR_DEPTH))) / unit, 1e-3))
    log_anchors = start + np.linspace(-1.0, 1.0, 41) * min(2.5, 0.1 + 8.0 / np.sqrt(num_effective))
    for _ in range(2):
        log_post = information * _log_likelihood(shapes, np.exp(log_anchors), values, counts, censored)
        log_post += prior.log_density(shapes)[:, None]
        weights = np.exp(log_post - logsumexp(log_post))
        margin_shape, margin_anchor = weights.sum(1), weights.sum(0)
        if _ == 1:
            break
        shapes, log_anchors = (
            _refine(shapes, margin_shape, 41),
            _refine(log_anchors, margin_anchor, 31),
        )
    all_shapes, all_anchors = np.meshgrid(shapes, np.exp(log_anchors), indexing="ij")
    keep = weights > 1e-4 * weights.max()
    kept_shapes = all_shapes[keep]
    scales = all_anchors[keep] / gpd_quantile(_ANCHOR_DEPTH, kept_shapes) * unit
    return TailPosterior(kept_shapes, scales, weights[keep] / weights[keep].sum())


def _refine(grid: np.ndarray, mass: np.ndarray, num: int) -> np.ndarray:
    """A finer grid over where the mass of the old one lies."""
    step = grid[1] - grid[0]
    mean = float(mass @ grid)
    spread = np.sqrt(max(float(mass @ (grid - mean) ** 2), (0.3 * step) ** 2))
    return mean + np.linspace(-4.5, 4.5, num) * spread
