"""Machines of very different kinds, one fault each, one configuration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import lfilter

from sensorgraph import AnomalyDetector


def _factors(rng: np.random.Generator, num_rows: int, num_channels: int) -> np.ndarray:
    hidden = lfilter([0.3], [1.0, -0.95], rng.normal(size=(num_rows, 4)), axis=0)
    return hidden @ rng.normal(size=(4, num_channels)) + 0.4 * rng.normal(size=(num_rows, num_channels))


def _one_of_two_hundred(rng: np.random.Generator) -> np.ndarray:
    rows = _factors(rng, 4000, 200)
    rows[3500:3560, 77] += 1.5
    return rows


def _one_of_a_dozen_slow_ones(rng: np.random.Generator) -> np.ndarray:
    rows = _factors(rng, 4000, 30)
    rows[3400:3600, 2] += 4.0
    rows[np.ix_(np.arange(4000) % 10 > 0, np.arange(3))] = np.nan
    return rows


def _a_beat_upside_down(rng: np.random.Generator) -> np.ndarray:
    rows = 0.05 * rng.normal(size=(4000, 2))
    for start in range(0, 3980, 50):
        beat = np.exp(-((np.arange(20) - 10) ** 2) / 8.0)
        rows[start : start + 20] += (-0.7 if start == 3500 else 1.0) * beat[:, None]
    return rows


@pytest.mark.parametrize(
    "machine",
    [_one_of_two_hundred, _one_of_a_dozen_slow_ones, _a_beat_upside_down],
    ids=lambda kind: kind.__name__,
)
def test_the_fault_stands_out(machine: Callable[[np.random.Generator], np.ndarray]) -> None:
    rows = machine(np.random.default_rng(0))
    scores = AnomalyDetector().fit(rows[:3000]).score(rows[3000:])
    assert 395 <= scores.argmax() <= 605
    far_away = np.concatenate([scores[50:360], scores[640:]])
    # The beat, by 1.07: wide means of few windows are not believed to be as steady as it makes them.
    assert scores[400:600].max() > 1.05 * far_away.max()


def test_channels_beyond_what_windows_can_hold() -> None:
    rows = _factors(np.random.default_rng(0), 1500, 510)
    rows[1300:1350, 9] += 5.0
    detector = AnomalyDetector().fit(rows[:1000])
    assert detector.trained.fitted.network.windows is None
    assert 290 <= detector.score(rows[1000:]).argmax() <= 360


def test_values_that_are_missing_here_and_there_are_no_fault() -> None:
    """Two sensors of one thing agree closely, so that a value which is held over a gap seems to break their bond."""
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(2500, 3)), 2, axis=1) + 0.3 * rng.normal(size=(2500, 6))
    detector = AnomalyDetector().fit(rows[:2000])
    test = rows[2000:].copy()
    calm = detector.score(test)
    test[rng.random(test.shape) < 0.03] = np.nan
    assert np.median(detector.score(test)) < np.quantile(calm, 0.95)
