"""The still cameras: a thermal picture of the machine, and a camera that looks at the pressure gauge."""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Image
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.randomness import generator

THERMAL_ID = "thermal"
GAUGE_ID = "gauge"
FULL_SCALE_C = 130.0
FULL_SCALE_BAR = 18.0

# Where the parts lie in the thermal picture: row and column of the middle and size, as shares of the picture.
_HOT_PARTS = {"motor_c": (0.35, 0.25, 0.14), "bearing_c": (0.35, 0.58, 0.09), "oil_c": (0.72, 0.72, 0.18)}


def picture_times(config: SimulatorConfig, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Time stamps of a camera (s): a phase of its own and some milliseconds of jitter, increasing."""
    nominal = np.arange(rng.uniform(0, 1 / rate_hz), config.recording_s, 1 / rate_hz)
    jitter = np.clip(0.02 * rng.standard_normal(len(nominal)), -0.2, 0.2) / rate_hz
    return np.clip(nominal + jitter, 0, config.recording_s - 1e-6)


def thermal_camera(config: SimulatorConfig, latents: Latents, seed: int) -> Observed:
    """A thermal picture: 0 to `FULL_SCALE_C` degree Celsius are 0 to 255; hot spots are motor, bearing and oil."""
    rng = generator(seed, THERMAL_ID)
    time_s = picture_times(config, config.image_rate_hz, rng)
    size = config.image_size_px
    row, column = np.mgrid[0:size, 0:size] / size
    shift = rng.uniform(-0.02, 0.02, 2)
    ambient = latents.at("ambient_c", time_s)
    frames = np.repeat(ambient[:, None, None], size, 1).repeat(size, 2)
    for name, (middle_row, middle_column, width) in _HOT_PARTS.items():
        distance = (row - middle_row - shift[0]) ** 2 + (column - middle_column - shift[1]) ** 2
        spot = np.exp(-distance / (2 * width**2))
        frames += (latents.at(name, time_s) - ambient)[:, None, None] * spot
    frames += 0.6 * rng.standard_normal(frames.shape)
    pixels = np.clip(frames * (255 / FULL_SCALE_C) + 0.5, 0, 255).astype(np.uint8)[..., None]
    observes = ("motor_c", "bearing_c", "oil_c", "ambient_c")
    return Observed(Image(THERMAL_ID, pixels, time_s, meta={"observes": list(observes)}), observes)


def gauge_camera(config: SimulatorConfig, latents: Latents, seed: int) -> Observed:
    """A round gauge: the needle turns by 270 degrees from 0 to `FULL_SCALE_BAR`."""
    rng = generator(seed, GAUGE_ID)
    time_s = picture_times(config, config.image_rate_hz, rng)
    size = config.image_size_px
    row, column = (np.mgrid[0:size, 0:size] - (size - 1) / 2) / (size / 2)
    pressure = latents.at("pressure_bar", time_s)
    angle = np.deg2rad(-225.0 + 270.0 * np.clip(pressure / FULL_SCALE_BAR, 0, 1))[:, None, None]
    along = column * np.cos(angle) + row * np.sin(angle)
    across = np.abs(row * np.cos(angle) - column * np.sin(angle))
    needle = np.clip(1.6 - across * size / 2, 0, 1) * ((along > -0.1) & (along < 0.8))
    rim = np.clip(1.5 - np.abs(np.hypot(row, column) - 0.92) * size / 2, 0, 1)
    light = 200.0 + rng.uniform(-20, 20) + 2.0 * rng.standard_normal(len(time_s))
    frames = light[:, None, None] * (1 - 0.85 * np.maximum(needle, rim)) + 4.0 * rng.standard_normal(needle.shape)
    pixels = np.clip(frames, 0, 255).astype(np.uint8)[..., None]
    return Observed(Image(GAUGE_ID, pixels, time_s, meta={"observes": ["pressure_bar"]}), ("pressure_bar",))
