"""Training rows are judged as if they were new: their scores must look like those of new rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from sensorgraph import AnomalyDetector
from sensorgraph.detector.of_table import of_array
from sensorgraph.detector.standard import Standard


def _wandering(num_rows: int, seed: int) -> np.ndarray:
    """Twenty channels that take some twenty rows to forget where they were."""
    noise = np.random.default_rng(seed).normal(size=(num_rows + 500, 20))
    return lfilter([0.2], [1.0, -0.95], noise, axis=0)[500:]


def test_a_short_wandering_training_is_not_taken_for_all_there_is() -> None:
    """New rows exceed what one training row in a hundred does more often, but not as if middles had been seen."""
    shares = []
    for seed in range(4):
        rows = _wandering(2500, seed)
        detector = AnomalyDetector().fit(rows[:500])
        high = np.quantile(detector.trained.scores, 0.99)
        shares.append(float((detector.score(rows[500:]) > high).mean()))
    assert np.mean(shares) < 0.12


def test_another_middle_keeps_the_unit() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 2))
    standard = Standard.of(of_array(rows, 1.0, "train"))
    other = standard.centred(of_array(np.where([True, False], rows + 5.0, np.nan), 1.0, "train"))
    assert other.centre[0] == pytest.approx(standard.centre[0] + 5.0)
    assert other.centre[1] == standard.centre[1]
    np.testing.assert_array_equal(other.spread, standard.spread)
