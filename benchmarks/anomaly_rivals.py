"""Detectors that others would take, behind one contract: fit on normal rows, score rows and channels."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod

import numpy as np
from anomaly_gdn import GraphForecaster
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest

from sensorgraph import AnomalyDetector
from sensorgraph.evaluation.controls import CONTROLS
from sensorgraph.scoring.edges import Edges

_WINDOW = 10


class Method(ABC):
    """A detector under test.

    Args:
        seed: of whatever it draws.
    """

    is_random = False
    causal = False

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @abstractmethod
    def fit(self, train: np.ndarray, period_s: float) -> None:
        """Learn from normal rows [T, C]."""

    @abstractmethod
    def score(self, test: np.ndarray) -> np.ndarray:
        """Scores [T] of rows."""

    @abstractmethod
    def train_scores(self) -> np.ndarray:
        """Scores of the training rows, by which a threshold is set."""

    def channels(self, test: np.ndarray) -> np.ndarray | None:
        """Scores [T, C] of channels, None where it has none."""
        return None

    def edges(self, test: np.ndarray) -> Edges | None:
        """Where alarms begin and end, None where the scores alone tell."""
        return None


class Ours(Method):
    """``AnomalyDetector()`` as it comes."""

    def fit(self, train: np.ndarray, period_s: float) -> None:
        self.detector = AnomalyDetector(causal=self.causal, seed=self.seed).fit(train, rate_hz=1.0 / period_s)

    def score(self, test: np.ndarray) -> np.ndarray:
        return self.detector.score(test)

    def train_scores(self) -> np.ndarray:
        return self.detector.trained.scores

    def channels(self, test: np.ndarray) -> np.ndarray | None:
        return self.detector.score_channels(test)

    def edges(self, test: np.ndarray) -> Edges | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the threshold, which is not used here
            return self.detector.detect(test).edges


class OursCausal(Ours):
    """The same without the future."""

    causal = True


class Plain(Method):
    """Something that scores rows and knows no more."""

    def fit(self, train: np.ndarray, period_s: float) -> None:
        self.learn(train)
        self._train_scores = self.score(train)

    @abstractmethod
    def learn(self, train: np.ndarray) -> None:
        """Learn from normal rows."""

    def train_scores(self) -> np.ndarray:
        return self._train_scores


def control(name: str) -> type[Method]:
    """A control of `sensorgraph.evaluation`; ranking channels by \\|z\\| is the z-score's attribution."""

    class Wrapped(Plain):
        is_random = name == "random"

        def learn(self, train: np.ndarray) -> None:
            self.control = CONTROLS[name](seed=self.seed).fit(train)

        def score(self, test: np.ndarray) -> np.ndarray:
            return self.control.score(test)

        def channels(self, test: np.ndarray) -> np.ndarray | None:
            if name != "z-score L2":
                return None
            return np.abs(np.nan_to_num((test - self.control._mean) / self.control._scale))

    return Wrapped


class Scaled(Plain):
    """Rows in units of their training deviation; a constant channel keeps its own."""

    def learn(self, train: np.ndarray) -> None:
        self.centre, spread = train.mean(0), train.std(0)
        self.spread = np.where(spread > 1e-12 * np.maximum(np.abs(self.centre), 1.0), spread, 1.0)
        self.learn_units(self.units(train))

    def score(self, test: np.ndarray) -> np.ndarray:
        return self.score_units(self.units(test))

    def units(self, rows: np.ndarray) -> np.ndarray:
        """Rows in those units; what is missing is the mean."""
        return np.nan_to_num((rows - self.centre) / self.spread)

    @abstractmethod
    def learn_units(self, rows: np.ndarray) -> None:
        """Learn from them."""

    @abstractmethod
    def score_units(self, rows: np.ndarray) -> np.ndarray:
        """Score them."""


class PrincipalComponents(Scaled):
    """scikit-learn's PCA of windows of 10 rows; squared components in units of their variance, added up."""

    def learn_units(self, rows: np.ndarray) -> None:
        self.pca = PCA(svd_solver="covariance_eigh").fit(windows(rows))

    def score_units(self, rows: np.ndarray) -> np.ndarray:
        found = self.pca.transform(windows(rows)) ** 2 / np.maximum(self.pca.explained_variance_, 1e-3)
        return spread_over_rows(found.sum(1), len(rows))


class Forest(Scaled):
    """scikit-learn's IsolationForest of rows."""

    is_random = True

    def learn_units(self, rows: np.ndarray) -> None:
        self.forest = IsolationForest(n_estimators=100, random_state=self.seed).fit(rows)

    def score_units(self, rows: np.ndarray) -> np.ndarray:
        return -self.forest.score_samples(rows)


class KMeansWindows(Scaled):
    """scikit-learn's k-means of windows of 20 rows, each window in units of its own, as TSB-AD has it."""

    is_random = True
    width = 20

    def learn_units(self, rows: np.ndarray) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fewer distinct windows than clusters
            self.clusters = MiniBatchKMeans(20, random_state=self.seed, n_init=3, batch_size=1024).fit(
                self._shapes(rows)
            )

    def score_units(self, rows: np.ndarray) -> np.ndarray:
        return spread_over_rows(self.clusters.transform(self._shapes(rows)).min(1), len(rows))

    def _shapes(self, rows: np.ndarray) -> np.ndarray:
        found = windows(rows, self.width)
        return (found - found.mean(1, keepdims=True)) / np.maximum(found.std(1, keepdims=True), 1e-6)


class GraphForecast(Scaled):
    """A graph forecaster in the style of GDN, see `anomaly_gdn`."""

    is_random = True

    def learn_units(self, rows: np.ndarray) -> None:
        self.forecaster = GraphForecaster(rows.shape[1], seed=self.seed)
        self.forecaster.fit(rows)

    def score_units(self, rows: np.ndarray) -> np.ndarray:
        return self.forecaster.errors(rows).max(1)

    def channels(self, test: np.ndarray) -> np.ndarray | None:
        return self.forecaster.errors(self.units(test))


def windows(rows: np.ndarray, width: int = _WINDOW) -> np.ndarray:
    """[T - width + 1, width * C]; one window where there are too few rows."""
    found = np.lib.stride_tricks.sliding_window_view(rows, min(width, len(rows)), axis=0)
    return found.reshape(len(found), -1)


def spread_over_rows(scores: np.ndarray, num_rows: int) -> np.ndarray:
    """Scores of windows as scores of rows: the mean over the windows that hold the row."""
    width = num_rows - len(scores) + 1
    total = np.convolve(scores, np.ones(width))
    return total / np.convolve(np.ones(len(scores)), np.ones(width))


METHODS: dict[str, type[Method]] = {
    "AnomalyDetector": Ours,
    "AnomalyDetector, causal": OursCausal,
    **{name: control(name) for name in CONTROLS},
    "PCA, windows of 10": PrincipalComponents,
    "IsolationForest": Forest,
    "k-means, windows of 20": KMeansWindows,
    "GDN-style forecaster": GraphForecast,
}
OURS = tuple(name for name, kind in METHODS.items() if issubclass(kind, Ours))
