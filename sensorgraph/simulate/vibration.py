"""Accelerometers: shaft orders, gear mesh, pump vanes and the noise of a worn bearing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from sensorgraph.simulate.latents import Latents

GEAR_TEETH = 17
PUMP_VANES = 7
BEARING_ORDER = 3.57
_BEARING_BAND_HZ = 720.0


@dataclass(frozen=True)
class VibrationPoint:
    """Where an accelerometer sits: how strongly it hears each part (m/s2 at 30 Hz, 8 Nm, 8 bar)."""

    shaft: float
    mesh: float
    vane: float
    bearing: float
    floor: float


VIBRATION_POINTS = {
    "vib_motor": VibrationPoint(shaft=1.6, mesh=0.25, vane=0.10, bearing=0.25, floor=0.06),
    "vib_gearbox": VibrationPoint(shaft=0.7, mesh=1.1, vane=0.30, bearing=0.6, floor=0.08),
    "vib_pump": VibrationPoint(shaft=0.5, mesh=0.35, vane=1.2, bearing=1.1, floor=0.10),
}
VIBRATION_OBSERVES = (
    "speed_hz",
    "pressure_bar",
    "torque_nm",
    "flow_lpm",
    "wear",
    "unbalance",
    "angle_rev",
)


def vibration(
    point: VibrationPoint, latents: Latents, time_s: np.ndarray, rate_hz: float, rng: np.random.Generator
) -> np.ndarray:
    """Acceleration at one point (m/s2), shape of ``time_s``.

    Tones above half the rate are left out, as an anti-alias filter would.
    """
    turn = latents.at("angle_rev", time_s)
    speed = latents.at("speed_hz", time_s) / 30.0
    torque = latents.at("torque_nm", time_s) / 8.0
    pressure = latents.at("pressure_bar", time_s) / 8.0
    wear = latents.at("wear", time_s)
    phase = rng.uniform(0, 1, 6)

    def tone(order: float, number: int) -> np.ndarray:
        audible = speed * 30.0 * order < 0.45 * rate_hz
        return np.sin(2 * np.pi * ((turn * order + phase[number]) % 1.0)) * audible

    out = point.shaft * speed**2 * latents.at("unbalance", time_s) * tone(1, 0)
    out += point.shaft * 0.35 * speed**2 * tone(2, 1)
    out += point.mesh * torque * np.sqrt(speed) * (1 + 0.3 * tone(1, 2)) * tone(GEAR_TEETH, 3)
    out += point.vane * pressure * tone(PUMP_VANES, 4)
    white = rng.standard_normal(len(time_s))
    # Each roll over a pit rings the housing; between the hits there is little.
    hits = np.maximum(np.sin(2 * np.pi * ((turn * BEARING_ORDER + phase[5]) % 1.0)), 0) ** 4
    out += point.bearing * wear * speed * (0.3 + 2.2 * hits) * _ring(white, rate_hz)
    hiss = 0.4 + 0.6 * speed + 0.5 * latents.at("flow_lpm", time_s) / 30.0
    out += point.floor * hiss * rng.standard_normal(len(time_s))
    return out.astype(np.float32)


def _ring(white: np.ndarray, rate_hz: float) -> np.ndarray:
    """Noise of unit variance in the resonance band of the housing."""
    centre = 2 * np.pi * min(_BEARING_BAND_HZ, 0.36 * rate_hz) / rate_hz
    radius = 0.9
    ringing = lfilter([1.0, 0, -1.0], [1.0, -2 * radius * np.cos(centre), radius**2], white)
    return np.asarray(ringing) * (1 - radius) ** 0.5 * 1.0
