"""Faults of a sensor or microphone: the machine is well, its reading is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SignalFault = Callable[[np.ndarray, float, float, float, np.random.Generator], np.ndarray]
"""``(values inside the fault, spread of the whole stream, rate_hz, severity, rng) -> values``; severity 0 changes
nothing, bit for bit."""


def spike(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """About four short pulses per second, of either sign."""
    pulses = rng.choice([-1.0, 1.0], len(values)) * (rng.random(len(values)) < 4.0 / rate_hz)
    width = max(1, round(0.002 * rate_hz))
    return values + severity * 10.0 * spread * np.convolve(pulses, np.ones(width))[: len(values)]


def drift(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """The zero wanders off, further and further."""
    sign = rng.choice([-1.0, 1.0])
    return values + sign * severity * 5.0 * spread * np.linspace(0, 1, len(values))


def stuck(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """The reading hangs until the truth has moved away by more than ``6 * severity`` spreads."""
    band = 6.0 * severity * spread
    if band == 0 or len(values) == 0:
        return values
    out = values.copy()
    first = 0
    while True:  # one turn per move of the reading, not per sample
        away = np.abs(values[first:] - values[first]) > band
        step = int(np.argmax(away))
        if not away[step]:
            out[first:] = values[first]
            return out
        out[first : first + step] = values[first]
        first += step


def noise(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """White noise on top."""
    return values + severity * 1.5 * spread * rng.standard_normal(len(values))


def offset(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """The zero is wrong."""
    return values + rng.choice([-1.0, 1.0]) * severity * 3.0 * spread


def gain(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """The scale is wrong."""
    factor = 1.0 + 1.0 * severity
    return values * (factor if rng.random() < 0.5 else 1.0 / factor)


def dropout(values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator) -> np.ndarray:
    """A loose contact: the reading falls to 0 in bursts of some tenths of a second."""
    return np.where(bursts(len(values), rate_hz, 0.7 * severity, rng), 0.0, values)


def clipping(
    values: np.ndarray, spread: float, rate_hz: float, severity: float, rng: np.random.Generator
) -> np.ndarray:
    """The reading cannot leave a band around its middle."""
    if len(values) == 0:
        return values
    middle = float(np.median(values))
    reach = float(np.quantile(np.abs(values - middle), 1.0 - 0.7 * severity))
    return values if severity == 0 else np.clip(values, middle - reach, middle + reach)


def bursts(num_samples: int, rate_hz: float, share: float, rng: np.random.Generator) -> np.ndarray:
    """A mask [T] that is true for about ``share`` of the time, in bursts of 0.1 to 0.6 s."""
    count = int(num_samples / rate_hz / 0.1) + 2
    lengths = np.maximum(1, (rng.uniform(0.1, 0.6, count) * rate_hz).astype(int))
    hit = rng.random(count) < share
    return np.asarray(np.repeat(hit, lengths)[:num_samples])


SIGNAL_FAULTS: dict[str, SignalFault] = {
    "spike": spike,
    "drift": drift,
    "stuck": stuck,
    "noise": noise,
    "offset": offset,
    "gain": gain,
    "dropout": dropout,
    "clipping": clipping,
}

AUDIO_FAULTS = ("spike", "stuck", "noise", "gain", "dropout", "clipping")
"""Those that make sense for a microphone, which has neither zero nor drift."""
