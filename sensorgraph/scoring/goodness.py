"""Does a fitted tail look like the data? Ties and dependence included."""

from __future__ import annotations

import numpy as np

_SMALLEST = 1e-300

_TOPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Numbers of largest values that are looked at."""


def anderson_darling(depths: np.ndarray, cut_depth: float | None = None) -> float:
    r"""Anderson-Darling distance between excesses and the tail that was fitted to them.

    $$A^2 = -n - \frac1n \sum_i (2i - 1)\,[\log F_i + \log(1 - F_{n+1-i})]$$ with ``F`` the probability of being
    smaller; it weighs misfit at both ends, where a threshold is decided.

    Args:
        depths: minus log survival of each excess under the fit, ascending.
        cut_depth: depth at which larger excesses were taken away.

    Shapes: ``depths`` [T].

    Reference: Choulakian and Stephens, Goodness-of-fit tests for the generalized Pareto distribution, 2001.
    """
    num = len(depths)
    below = -np.expm1(-depths)
    above = np.exp(-depths)
    if cut_depth is not None:
        whole = -np.expm1(-cut_depth)
        below, above = below / whole, (above - np.exp(-cut_depth)) / whole
    log_below = np.log(np.maximum(below, _SMALLEST))
    log_above = np.log(np.maximum(above, 1e-3 / num)) if cut_depth is not None else -depths
    odd = 2.0 * np.arange(1, num + 1) - 1.0
    return float(-num - np.mean(odd * (log_below + log_above[::-1])))


def upper_deviation(depths: np.ndarray) -> float:
    r"""Largest standardised misfit of the far tail, negative where the data are lighter than the fit.

    Under a true tail the depths of the ``j`` largest, counted from the next one, are standard exponential, so
    $$z_j = \sqrt{j}\,(\tfrac1j \sum_{i \le j} d_{(i)} - d_{(j+1)} - 1)$$ is about standard normal. The Anderson-Darling
    distance averages over all excesses and can miss a bend among the largest hundred; this looks only there.

    Args:
        depths: minus log survival of each excess under the fit, ascending.

    Shapes: ``depths`` [T].
    """
    num = len(depths)
    worst = 0.0
    for top in _TOPS:
        if 4 * top > num:
            break
        z = np.sqrt(top) * (float(np.mean(depths[-top:])) - float(depths[-top - 1]) - 1.0)
        worst = z if abs(z) > abs(worst) else worst
    return worst


def spread_ties(ordered: np.ndarray) -> np.ndarray:
    """Equal values spread evenly over half the gaps to their neighbours, as if rounding had joined them.

    A continuous tail cannot be fitted to, or judged on, values that were rounded to a grid; undone in this way the
    rounding costs nothing. Values without ties are returned as they are.

    Shapes: ``ordered`` [T] ascending; returns [T] ascending.

    Example:
        >>> spread_ties(np.array([0.0, 1.0, 1.0, 2.0])).tolist()
        [0.0, 0.75, 1.25, 2.0]
    """
    values, first, counts = np.unique(ordered, return_index=True, return_counts=True)
    if len(values) == len(ordered) or len(values) == 1:
        return ordered
    middles = 0.5 * (values[1:] + values[:-1])
    lower = np.concatenate([[values[0]], middles])
    upper = np.concatenate([middles, [values[-1] + (values[-1] - middles[-1])]])
    share = (np.arange(len(ordered)) - np.repeat(first, counts) + 0.5) / np.repeat(counts, counts)
    spread = np.repeat(lower, counts) + share * np.repeat(upper - lower, counts)
    return np.where(np.repeat(counts, counts) == 1, ordered, spread)
