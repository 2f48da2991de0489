"""A small machine: four channels that follow one hidden wave, and one that goes its own way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from sensorgraph import AnomalyDetector

NAMES = ("flow", "pressure", "current", "level", "wind")


def _machine(num_rows: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    wave = np.sin(np.arange(num_rows) / 23 + seed)[:, None]
    follow = np.hstack([wave * [2.0, -1.0, 30.0, 0.5], np.zeros((num_rows, 1))])
    return follow + rng.normal(size=(num_rows, 5)) * [0.2, 0.1, 3.0, 0.05, 1.0]


@pytest.fixture(scope="session")
def machine() -> Callable[..., np.ndarray]:
    """Rows of normal operation: ``machine(num_rows, seed=0)``."""
    return _machine


@pytest.fixture(scope="session")
def train() -> np.ndarray:
    return _machine(3000)


@pytest.fixture(scope="session")
def detector(train: np.ndarray) -> AnomalyDetector:
    return AnomalyDetector().fit(train)


@pytest.fixture(scope="session")
def by_name(train: np.ndarray) -> AnomalyDetector:
    return AnomalyDetector().fit(pd.DataFrame(train, columns=NAMES))


@pytest.fixture
def faulty() -> np.ndarray:
    """Normal rows, but in 400 to 430 the pressure no longer follows the others, within its usual range."""
    rows = _machine(1000, seed=1)
    rows[400:430, 1] = np.where(rows[400:430, 1] > 0, -1.0, 1.0)
    return rows
