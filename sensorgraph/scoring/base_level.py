"""Where the tail begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.scoring.gpd import fit_gpd
from sensorgraph.scoring.tail import TailModel

_NUM_LEVELS = 129
_MIN_EXCEEDANCES = 30


@dataclass(frozen=True)
class FittedTail:
    """A tail model and how it was found."""

    tail: TailModel
    num_exceedances: int
    num_trimmed: int
    reasons: tuple[str, ...]


def fit_tail(values: np.ndarray, *, num_scores: int, rate: float, counted_only: bool) -> FittedTail:
    """Tail of values (scores or peaks) of which ``num_scores`` samples gave ``len(values)``."""
    ordered = np.sort(values)
    finite = ordered[np.isfinite(ordered)]
    num = len(ordered)
    num_above = max(int(0.02 * num), min(_MIN_EXCEEDANCES + 70, num // 5))
    level = 0.5 * (finite[-num_above - 1] + finite[-num_above]) if num_above < len(finite) else finite[-1]
    excesses = finite[finite > level] - level
    if counted_only or len(excesses) < _MIN_EXCEEDANCES or len(np.unique(excesses)) < 10:
        return FittedTail(_counted(ordered, num_scores), 0, 0, ())
    levels, rates = _body(ordered, num_scores, level)
    tail = TailModel(levels, rates, float(len(excesses)), float(num_scores), fit_gpd(excesses))
    return FittedTail(tail, len(excesses), 0, ())


def _counted(ordered: np.ndarray, num_scores: int) -> TailModel:
    """Every level's rate is a count: all values, thinned in the body."""
    finite = ordered[np.isfinite(ordered)]
    num = len(finite)
    ranks = np.unique(np.concatenate([np.linspace(0, num - 1, 129), np.arange(max(num - 2000, 0), num)]).astype(int))
    levels = np.unique(finite[ranks])
    above = len(ordered) - np.searchsorted(ordered, levels, side="right")
    return TailModel(levels, above / num_scores, 0.0, float(num_scores), None)


def _body(ordered: np.ndarray, num_scores: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    below = ordered[(ordered < level) & np.isfinite(ordered)]
    picks = np.unique(below[np.linspace(0, len(below) - 1, _NUM_LEVELS).astype(int)]) if len(below) else below
    levels = np.append(picks, level)
    above = len(ordered) - np.searchsorted(ordered, levels, side="right")
    return levels, above / num_scores
