"""The physical sensors: ids, rates, units and how each reads the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensorgraph.scenes import Sensor
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.observed import Observed, sample_clock
from sensorgraph.simulate.randomness import generator
from sensorgraph.simulate.vibration import (
    PUMP_VANES,
    VIBRATION_OBSERVES,
    VIBRATION_POINTS,
    vibration,
)

RateName = Literal["fast", "middle", "slow"]


@dataclass(frozen=True)
class PhysicalSensor:
    """A sensor that reads one latent trajectory with noise.

    Attributes:
        latent: name of the trajectory.
        unit: of the reading.
        rate: which of the three rates it samples at.
        noise: standard deviation of its noise, in its unit.
        ripple: amplitude of the pump's pulsation at 8 bar, in its unit.
    """

    latent: str
    unit: str
    rate: RateName
    noise: float
    ripple: float = 0.0


PHYSICAL_SENSORS: dict[str, PhysicalSensor] = {
    "vib_motor": PhysicalSensor("speed_hz", "m/s2", "fast", 0.0),
    "vib_gearbox": PhysicalSensor("torque_nm", "m/s2", "fast", 0.0),
    "vib_pump": PhysicalSensor("pressure_bar", "m/s2", "fast", 0.0),
    "pressure_pump": PhysicalSensor("pressure_bar", "bar", "middle", 0.05, ripple=0.25),
    "pressure_line": PhysicalSensor("line_pressure_bar", "bar", "middle", 0.05, ripple=0.06),
    "flow_line": PhysicalSensor("flow_lpm", "l/min", "middle", 0.3),
    "current_motor": PhysicalSensor("current_a", "A", "middle", 0.08),
    "torque_shaft": PhysicalSensor("torque_nm", "Nm", "middle", 0.15),
    "valve_position": PhysicalSensor("valve", "1", "middle", 0.003),
    "valve_command": PhysicalSensor("valve_set", "1", "middle", 0.001),
    "temp_motor": PhysicalSensor("motor_c", "degC", "slow", 0.15),
    "temp_oil": PhysicalSensor("oil_c", "degC", "slow", 0.1),
    "temp_bearing": PhysicalSensor("bearing_c", "degC", "slow", 0.12),
    "level_tank": PhysicalSensor("level", "1", "slow", 0.002),
}


def rate_of(config: SimulatorConfig, rate: RateName) -> float:
    """Sampling rate (Hz) of a named rate."""
    return {"fast": config.fast_rate_hz, "middle": config.middle_rate_hz, "slow": config.slow_rate_hz}[rate]


def physical_sensors(config: SimulatorConfig, latents: Latents, seed: int) -> list[Observed]:
    """Read the machine through its physical sensors; each draws from its own generator."""
    chosen = list(PHYSICAL_SENSORS.items())[: config.num_physical]
    return [_read(config, sensor_id, sensor, latents, generator(seed, sensor_id)) for sensor_id, sensor in chosen]


def _read(
    config: SimulatorConfig, sensor_id: str, sensor: PhysicalSensor, latents: Latents, rng: np.random.Generator
) -> Observed:
    rate_hz = rate_of(config, sensor.rate)
    clock = sample_clock(config, rate_hz, rng)
    gain = 1 + 0.01 * rng.standard_normal()
    observes: tuple[str, ...]
    if sensor_id in VIBRATION_POINTS:
        values = gain * vibration(VIBRATION_POINTS[sensor_id], latents, clock.true_s, rate_hz, rng)
        observes = (sensor.latent, *(name for name in VIBRATION_OBSERVES if name != sensor.latent))
    else:
        values = gain * latents.at(sensor.latent, clock.true_s)
        observes = (sensor.latent,)
        if sensor.ripple:
            values = values + _ripple(sensor.ripple, latents, clock.true_s)
            observes += ("angle_rev", "pressure_bar") if sensor.latent != "pressure_bar" else ("angle_rev",)
        values = values + sensor.noise * rng.standard_normal(len(values))
    stream = Sensor(
        id=sensor_id,
        rate_hz=rate_hz,
        values=values.astype(np.float32),
        start_s=clock.start_s,
        time_s=clock.explicit_s,
        meta={"unit": sensor.unit, "observes": list(observes)},
    )
    return Observed(stream, observes)


def _ripple(amplitude: float, latents: Latents, time_s: np.ndarray) -> np.ndarray:
    """Pulsation of the pump: one push per vane, as strong as the pressure."""
    turn = latents.at("angle_rev", time_s) * PUMP_VANES
    return np.asarray(amplitude * latents.at("pressure_bar", time_s) / 8.0 * np.sin(2 * np.pi * (turn % 1.0)))
