"""Faults of a camera."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

PictureFault = Callable[[np.ndarray, float, float, np.random.Generator], np.ndarray]
"""``(frames [T, H, W, C] inside the fault, rate_hz, severity, rng) -> frames`` as float or uint8."""


def freeze(frames: np.ndarray, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """The same frame again and again, for up to ``12 * severity`` seconds."""
    hold = 1 + int(12.0 * severity * rate_hz)
    return frames[np.arange(len(frames)) // hold * hold]


def snow(frames: np.ndarray, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """White noise."""
    return frames + severity * 60.0 * rng.standard_normal(frames.shape)


def brightness(frames: np.ndarray, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """All pixels brighter or darker."""
    return frames + severity * float(rng.choice([-70.0, 70.0]))


def exposure(frames: np.ndarray, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Over- or underexposed."""
    factor = 1.0 + 1.0 * severity
    return frames * (factor if rng.random() < 0.5 else 1.0 / factor)


def black(frames: np.ndarray, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Some frames are black."""
    return np.where((rng.random(len(frames)) < 0.8 * severity)[:, None, None, None], 0, frames)


PICTURE_FAULTS: dict[str, PictureFault] = {
    "stuck": freeze,
    "noise": snow,
    "offset": brightness,
    "gain": exposure,
    "dropout": black,
}
