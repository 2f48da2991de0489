"""How well is a modality told by the others? R2 on test scenes, by kernel ridge regression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

NUM_DIRECTIONS = 8
_RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
_MOST_TRAINING = 1500

Features = Mapping[str, np.ndarray]
"""Modality to [S, F]."""

Told = dict[tuple[str, tuple[str, ...]], float]
"""A modality, and those it is told by, to R2."""


def reconstruction_r2(train: Features, validation: Features, test: Features) -> Told:
    """R2 of each modality from each other one, from all others, and from all others but one.

    What is to be told is the modality's strongest `NUM_DIRECTIONS` directions, weighted by their variance; the ridge is
    chosen on validation scenes.

    Returns:
        Modality and sources to R2.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(90, 2))
        >>> parts = [{"a": x[k::3], "b": x[k::3] ** 3, "c": np.ones((30, 1))} for k in range(3)]
        >>> found = reconstruction_r2(*parts)
        >>> found["a", ("b",)] > 0.5 > found["a", ("c",)]
        True
    """
    names = list(train)
    out = {}
    for target in names:
        others = [name for name in names if name != target]
        sources = [(name,) for name in others] + [tuple(others)]
        sources += [tuple(name for name in others if name != left) for left in others if len(others) > 2]
        told = _directions(train[target], validation[target], test[target])
        for chosen in dict.fromkeys(sources):
            seen = [np.concatenate([part[name] for name in chosen], axis=1) for part in (train, validation, test)]
            out[target, chosen] = _r2(seen, told)
    return out


def _directions(*parts: np.ndarray) -> list[np.ndarray]:
    centre = parts[0].mean(0)
    axes = np.linalg.svd(parts[0] - centre, full_matrices=False)[2][:NUM_DIRECTIONS]
    return [(part - centre) @ axes.T for part in parts]


def _r2(seen: list[np.ndarray], told: list[np.ndarray]) -> float:
    centre, spread = seen[0].mean(0), np.maximum(seen[0].std(0), 1e-6)
    x = [(part - centre) / spread for part in seen]
    every = max(-(-len(x[0]) // _MOST_TRAINING), 1)
    known, answer = x[0][::every], told[0][::every]
    mean = answer.mean(0)
    width = max(float(np.median(cdist(known[:200], known[:200], "sqeuclidean"))), 1e-9)
    kernel = [np.exp(-cdist(part, known, "sqeuclidean") / width) for part in (known, x[1], x[2])]
    best = (-np.inf, -np.inf)
    for ridge in _RIDGES:
        factor = cho_factor(kernel[0] + ridge * np.eye(len(known)))
        weight = cho_solve(factor, answer - mean)
        figures = [_explained(truth, mean + part @ weight) for truth, part in zip(told[1:], kernel[1:], strict=True)]
        best = max(best, (figures[0], figures[1]))
    return best[1]


def _explained(truth: np.ndarray, told: np.ndarray) -> float:
    rest = ((truth - told) ** 2).sum()
    total = ((truth - truth.mean(0)) ** 2).sum()
    return float(1 - rest / total) if total > 0 else 0.0
