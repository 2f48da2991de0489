from __future__ import annotations

import numpy as np

from sensorgraph.viz.envelope import envelope


def test_short_series_are_left_alone() -> None:
    time_s, value = np.arange(50) / 10, np.sin(np.arange(50))
    line = envelope(time_s, value, num_columns=25)
    assert np.array_equal(line.time_s, time_s)
    assert np.array_equal(line.value, value)


def test_extremes_survive_and_time_goes_forward() -> None:
    rng = np.random.default_rng(0)
    time_s = np.sort(rng.uniform(0, 10, 5000))
    value = rng.normal(size=5000)
    line = envelope(time_s, value, num_columns=100)
    assert len(line.value) <= 200
    assert line.value.max() == value.max()
    assert line.value.min() == value.min()
    assert (np.diff(line.time_s) >= 0).all()


def test_a_gap_stays_a_gap() -> None:
    value = np.ones(10_000)
    value[3000:6000] = np.nan
    line = envelope(np.arange(10_000) / 1000, value, num_columns=100)
    inside = (line.time_s > 3.1) & (line.time_s < 5.9)
    assert inside.any()
    assert np.isnan(line.value[inside]).all()
    assert (line.value[(line.time_s < 2.9) | (line.time_s > 6.1)] == 1).all()
