"""The microphone: tones of motor, pump and gears whose pitch is the speed, and the hiss of the oil."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from sensorgraph.scenes import Audio
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.randomness import generator
from sensorgraph.simulate.vibration import BEARING_ORDER, GEAR_TEETH, PUMP_VANES

MICROPHONE_ID = "mic"
MICROPHONE_OBSERVES = (
    "speed_hz",
    "pressure_bar",
    "torque_nm",
    "flow_lpm",
    "valve",
    "leak_lpm",
    "wear",
    "unbalance",
    "angle_rev",
)


def microphone(config: SimulatorConfig, latents: Latents, seed: int) -> Observed:
    """Record the machine's sound.

    Loudness rises with the load, the pitch of all tones is the speed, the broad noise is the flow, its bright part
    the throttling in the valve (and the spray of a leak).
    """
    rng = generator(seed, MICROPHONE_ID)
    rate_hz = config.audio_rate_hz
    time_s = np.arange(round(config.recording_s * rate_hz)) / rate_hz

    def slowly(values: np.ndarray) -> np.ndarray:
        return np.interp(time_s, latents.times(), values).astype(np.float32)

    state = latents.values
    speed = state["speed_hz"] / 30.0
    turn = latents.at("angle_rev", time_s)

    def tone(order: float) -> np.ndarray:
        # The phase is wrapped in double precision, the sine taken in single: half the time, the same sound.
        cycle = turn * order + rng.uniform()
        cycle -= np.floor(cycle)
        return np.sin((2 * np.pi) * cycle.astype(np.float32))

    out = slowly(0.020 * speed**2 * state["unbalance"]) * tone(2)
    out += slowly(0.050 * state["pressure_bar"] / 8.0) * tone(PUMP_VANES)
    out += slowly(0.025 * state["pressure_bar"] / 8.0 * speed) * tone(2 * PUMP_VANES)
    out += slowly(0.040 * state["torque_nm"] / 8.0 * np.sqrt(speed)) * tone(GEAR_TEETH)
    white = rng.standard_normal(len(time_s), dtype=np.float32)
    dull = lfilter(np.array([0.12], np.float32), np.array([1, -0.88], np.float32), white)
    out += slowly(0.06 * state["flow_lpm"] / 30.0) * dull
    throttling = state["flow_lpm"] * state["pressure_bar"] / 240.0 / (0.6 + state["valve"])
    bright = white - dull
    out += slowly(0.010 * throttling + 0.02 * state["leak_lpm"] / 8.0 + 0.004) * bright
    rattle = np.maximum(tone(BEARING_ORDER), 0) ** 4
    out += slowly(0.05 * state["wear"] * speed) * rattle * bright
    gain = np.float32(1 + 0.02 * rng.standard_normal())
    values = np.clip(gain * out, -1, 1).astype(np.float32)
    stream = Audio(MICROPHONE_ID, rate_hz, values, meta={"observes": list(MICROPHONE_OBSERVES)})
    return Observed(stream, MICROPHONE_OBSERVES)
