"""Scores that several tests of thresholds look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture
def visits() -> Callable[[int], np.ndarray]:
    """By seed, scores that stay high for far longer than the gap between alarms: many peaks, one event. [60000]."""

    def draw(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        scores = rng.standard_normal(60_000)
        for first in range(0, 60_000, 1000):
            scores[first : first + 400] = 4.0 + rng.exponential() + 0.1 * np.abs(rng.standard_normal(400))
        return scores

    return draw
