"""What words can carry: readings that go up and down, and totals that only grow."""

from __future__ import annotations

import numpy as np

from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents

READINGS = (
    "speed_hz",
    "pressure_bar",
    "line_pressure_bar",
    "flow_lpm",
    "torque_nm",
    "current_a",
    "valve",
    "valve_set",
    "level",
    "motor_c",
    "oil_c",
    "bearing_c",
)
"""Latent trajectories that a word can read."""

TOTALS = ("angle_rev", "volume_l", "energy_j", "time_s")
"""Latent trajectories that only grow."""

_SLOW = frozenset({"level", "motor_c", "oil_c", "bearing_c"})

LIVELY_READINGS = tuple(name for name in READINGS if name not in _SLOW)
"""Those that move within seconds."""

WITNESS = {
    "speed_hz": "vib_motor",
    "angle_rev": "vib_motor",
    "pressure_bar": "pressure_pump",
    "line_pressure_bar": "pressure_line",
    "flow_lpm": "flow_line",
    "volume_l": "flow_line",
    "torque_nm": "torque_shaft",
    "energy_j": "torque_shaft",
    "current_a": "current_motor",
    "valve": "valve_position",
    "valve_set": "valve_command",
    "level": "level_tank",
    "motor_c": "temp_motor",
    "oil_c": "temp_oil",
    "bearing_c": "temp_bearing",
}
"""The physical sensor that observes the same cause as a trajectory; links are drawn along it."""


def draw_rate(config: SimulatorConfig, name: str, rng: np.random.Generator) -> float:
    """One of the three rates (Hz); what is slow in itself is not sampled fast."""
    rates = [config.fast_rate_hz, config.middle_rate_hz, config.slow_rate_hz]
    return float(rng.choice(rates, p=[0.0, 0.5, 0.5] if name in _SLOW else [0.3, 0.4, 0.3]))


def usual_range(nominal: Latents, name: str) -> tuple[float, float]:
    """Where a trajectory of the healthy machine lies for 96 % of the recording.

    Scales and bounds are taken from the healthy machine, as an engineer would, so that a fault cannot change them.
    """
    low, high = np.quantile(nominal.values[name], [0.02, 0.98])
    return float(low), float(max(high, low + 1e-6))
