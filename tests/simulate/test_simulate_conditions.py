"""New surroundings and new set-points: the same machine, elsewhere, and still normal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensorgraph.errors import ConfigError
from sensorgraph.simulate import SimulatorConfig, simulate


def test_surroundings_move_temperatures_and_nothing_else_of_the_state(short: SimulatorConfig) -> None:
    usual, warm = simulate(short, 3), simulate(replace(short, ambient_c=(36.0, 36.0)), 3)
    assert warm.latents.values["ambient_c"].mean() == pytest.approx(36.0, abs=1.5)
    changed = usual.latents.changed(warm.latents)
    assert {"ambient_c", "motor_c", "oil_c", "bearing_c"} <= changed
    assert not {"speed_hz", "pressure_bar", "flow_lpm", "angle_rev", "wear"} & changed
    assert not warm.recording.labels.anomalies


def test_set_points_stay_within_what_is_asked_for(short: SimulatorConfig) -> None:
    usual, fast = simulate(short, 3), simulate(replace(short, speed_hz=(51.0, 55.0)), 3)
    asked = fast.latents.values["speed_set_hz"]
    assert 51.0 <= asked.min() <= asked.max() <= 55.0
    np.testing.assert_array_equal(fast.latents.values["mode"], usual.latents.values["mode"])
    np.testing.assert_array_equal(fast.latents.values["pressure_set_bar"], usual.latents.values["pressure_set_bar"])
    assert not fast.recording.labels.anomalies


def test_impossible_conditions_are_refused_together() -> None:
    with pytest.raises(ConfigError, match=r"ambient_c(.|\n)*speed_hz"):
        SimulatorConfig(ambient_c=(30.0, 20.0), speed_hz=(0.0, 200.0))
