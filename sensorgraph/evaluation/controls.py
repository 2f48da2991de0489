"""Simple detectors that every table carries: a model that does not beat them has shown nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import uniform_filter1d

from sensorgraph.errors import DataError


class Control(ABC):
    """A detector that is fitted on normal rows and scores other rows; higher means more unexpected.

    Missing values count as the channel's training mean, so that a gap alone raises no score. A channel that is constant
    in training keeps its own unit (its scale is 1), so that it still counts when it begins to move.

    Args:
        seed: of whatever is drawn; the same seed gives the same scores.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, train: ArrayLike) -> Self:
        """Learn from normal rows.

        Args:
            train: [T, C], NaN where missing.

        Raises:
            DataError: not a matrix with at least 2 rows and 1 channel.
        """
        values = _matrix(train)
        if values.shape[0] < 2 or values.shape[1] < 1:
            raise DataError(f"{type(self).__name__}.fit: train must have 2 rows and 1 channel (got {values.shape})")
        seen = np.isfinite(values)
        count = np.maximum(seen.sum(axis=0), 1)
        self._mean = np.where(seen, values, 0.0).sum(axis=0) / count
        centred = np.where(seen, values - self._mean, 0.0)
        scale = np.sqrt((centred**2).sum(axis=0) / count)
        # A computed deviation of a constant is rounding, not zero.
        self._scale = np.where(scale > 1e-12 * np.maximum(np.abs(self._mean), 1.0), scale, 1.0)
        self._fit(centred / self._scale)
        return self

    def score(self, test: ArrayLike) -> np.ndarray:
        """Scores [T] of rows [T, C].

        Raises:
            DataError: not fitted, or the channels are not those of the training rows.
        """
        if not hasattr(self, "_mean"):
            raise DataError(f"{type(self).__name__}.score: not fitted; call fit first")
        values = _matrix(test)
        if values.shape[1] != self._mean.size:
            raise DataError(
                f"{type(self).__name__}.score: test must have the {self._mean.size} channels of train "
                f"(got {values.shape[1]})"
            )
        return self._score(np.where(np.isfinite(values), values - self._mean, 0.0) / self._scale)

    @abstractmethod
    def _fit(self, z: np.ndarray) -> None:
        """Learn from standardised rows [T, C]."""

    @abstractmethod
    def _score(self, z: np.ndarray) -> np.ndarray:
        """Scores [T] of standardised rows [T, C]."""


class RandomScores(Control):
    """Uniform noise: what a measure gives for nothing."""

    def _fit(self, z: np.ndarray) -> None:
        pass  # nothing to learn: the control is that nothing was looked at

    def _score(self, z: np.ndarray) -> np.ndarray:
        return np.random.default_rng(self.seed).random(len(z))


class AllOnes(Control):
    """The same score everywhere, 'always anomalous': what a measure gives for the share of anomalies alone."""

    def _fit(self, z: np.ndarray) -> None:
        pass  # nothing to learn: the control is that nothing was looked at

    def _score(self, z: np.ndarray) -> np.ndarray:
        return np.ones(len(z))


class ZScoreL2(Control):
    """Euclidean length of the row of z-scores: far from usual values, no relations, no memory."""

    def _fit(self, z: np.ndarray) -> None:
        pass  # mean and scale of `Control.fit` are all that it needs

    def _score(self, z: np.ndarray) -> np.ndarray:
        return np.sqrt((z**2).sum(axis=1))


class PcaResidual(Control):
    """Squared distance of the standardised row from the plane of the main components (the Q statistic).

    Args:
        seed: unused, part of the contract.
        explained: the fewest components that explain this share of the training variance span the plane.

    Reference:
        Jackson and Mudholkar: Control Procedures for Residuals Associated with Principal Component Analysis, 1979.
    """

    def __init__(self, seed: int = 0, explained: float = 0.9) -> None:
        super().__init__(seed)
        if not 0 < explained <= 1:
            raise DataError(f"PcaResidual: explained must be in (0, 1] (got {explained})")
        self.explained = explained

    def _fit(self, z: np.ndarray) -> None:
        self._centre = z.mean(axis=0)
        variance, axes = np.linalg.eigh(np.cov(z - self._centre, rowvar=False, bias=True).reshape(z.shape[1], -1))
        variance, axes = variance[::-1].clip(min=0), axes[:, ::-1]
        share = variance.cumsum() / max(variance.sum(), np.finfo(float).tiny)
        num_kept = int(np.searchsorted(share, self.explained - 1e-12)) + 1 if variance.sum() > 0 else 0
        self._plane = axes[:, :num_kept]

    def _score(self, z: np.ndarray) -> np.ndarray:
        centred = z - self._centre
        return ((centred - centred @ self._plane @ self._plane.T) ** 2).sum(axis=1)


class LogPcaResidual(Control):
    """``log(1 + PcaResidual)`` under a centred moving average: persistent deviations beat single large ones.

    Args:
        seed: unused, part of the contract.
        explained: see `PcaResidual`.
        width: bins of the moving average (the first and last value are repeated beyond the ends).
    """

    def __init__(self, seed: int = 0, explained: float = 0.9, width: int = 50) -> None:
        super().__init__(seed)
        if width < 1:
            raise DataError(f"LogPcaResidual: width must be 1 or more (got {width})")
        self.width = width
        self._residual = PcaResidual(seed, explained)

    def _fit(self, z: np.ndarray) -> None:
        self._residual._fit(z)

    def _score(self, z: np.ndarray) -> np.ndarray:
        return uniform_filter1d(np.log1p(self._residual._score(z)), self.width, mode="nearest")


def _matrix(rows: ArrayLike) -> np.ndarray:
    values = np.asarray(rows, dtype=np.float64)
    if values.ndim != 2:
        raise DataError(f"control: rows must be [T, C] (got shape {values.shape})")
    return values


def control_scores(train: ArrayLike, test: ArrayLike, seed: int = 0) -> dict[str, np.ndarray]:
    """Scores of every control, fitted on ``train``.

    Args:
        train: [T, C] normal rows.
        test: [T', C] rows to score.
        seed: of the random control.

    Returns:
        Name in `CONTROLS` to scores [T'].

    Raises:
        DataError: see `Control`.

    Example:
        >>> rows = np.arange(12.0).reshape(6, 2)
        >>> list(control_scores(rows, rows))
        ['random', 'all-ones', 'z-score L2', 'PCA residual', 'log PCA residual, MA 50']
    """
    return {name: kind(seed=seed).fit(train).score(test) for name, kind in CONTROLS.items()}


CONTROLS: dict[str, type[Control]] = {
    "random": RandomScores,
    "all-ones": AllOnes,
    "z-score L2": ZScoreL2,
    "PCA residual": PcaResidual,
    "log PCA residual, MA 50": LogPcaResidual,
}
