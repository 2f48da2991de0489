"""32-bit values split over two words: counts and totals that grow, positions that go both ways, redundant twins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.randomness import log_uniform
from sensorgraph.simulate.word_source import READINGS, TOTALS, draw_rate, usual_range

# A low word that moves further than this per sample cannot be followed by anybody.
_MOST_PER_SAMPLE = 12000.0


@dataclass(frozen=True)
class PairSpec:
    """How one 32-bit value is made of a latent trajectory: ``start + scale * latent``, with noise.

    Attributes:
        latent: name of the trajectory.
        rate_hz: sampling rate of both halves (Hz).
        encoding: how the 32 bits are read.
        scale: counts per unit of the trajectory.
        start: value at 0.
        noise: standard deviation of the noise (counts).
        lag_samples: by how many samples the low word is late.
        twin_of: number of the pair that this one reads a second time, or None.
    """

    latent: str
    rate_hz: float
    encoding: Literal["u32", "i32", "f32"]
    scale: float
    start: float
    noise: float
    lag_samples: int = 0
    twin_of: int | None = None

    def raw32(self, latents: Latents, time_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The 32 bits of each sample, shape of ``time_s``, uint32."""
        values = self.start + self.scale * latents.at(self.latent, time_s)
        if self.noise:
            values = values + self.noise * rng.standard_normal(len(time_s))
        if self.encoding == "f32":
            return values.astype(np.float32).view(np.uint32)
        return (np.floor(values).astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)


def draw_pairs(config: SimulatorConfig, nominal: Latents, rng: np.random.Generator) -> list[PairSpec]:
    """Draw the layout of all pairs of a recording."""
    pairs: list[PairSpec] = []
    for number in range(config.num_pairs):
        counters = [other for other, pair in enumerate(pairs) if pair.latent in TOTALS]
        if counters and rng.random() < config.twin_share:
            first = int(rng.choice(counters))
            pair = replace(pairs[first], start=_start(rng), twin_of=first)
        elif rng.random() < config.float_pair_share:
            name = str(rng.choice(READINGS))
            pair = PairSpec(name, draw_rate(config, name, rng), "f32", 1.0, 0.0, 0.0)
        elif number % 2 == 0 or rng.random() < 0.3:
            pair = _counter(config, nominal, rng)
        else:
            pair = _position(config, nominal, rng)
        lag = config.max_half_lag_samples
        pairs.append(replace(pair, lag_samples=int(rng.integers(-lag, lag + 1))))
    return pairs


def _start(rng: np.random.Generator) -> float:
    # A counter that has run for hours or for years.
    return float(np.floor(log_uniform(rng, 1e5, 3e9)))


def _counter(config: SimulatorConfig, nominal: Latents, rng: np.random.Generator) -> PairSpec:
    name = str(rng.choice(TOTALS, p=[0.4, 0.25, 0.15, 0.2]))
    rate_hz = draw_rate(config, name, rng)
    grown = nominal.values[name]
    per_second = max(float(grown[-1] - grown[0]) / (len(grown) / nominal.rate_hz), 1e-6)
    fastest = float(np.max(np.diff(grown))) * nominal.rate_hz
    scale = log_uniform(rng, *config.rolls_per_10s) * 65536 / 10 / per_second
    scale = min(scale, _MOST_PER_SAMPLE * rate_hz / fastest)
    start = _start(rng) if name != "time_s" else max(_start(rng), 7 * scale)
    return PairSpec(name, rate_hz, "u32", scale, start, 0.0)


def _position(config: SimulatorConfig, nominal: Latents, rng: np.random.Generator) -> PairSpec:
    """A smooth signed value that crosses the borders of the low word both ways, and dithers on them."""
    # A set-point jumps: its roll-overs could not be followed.
    name = str(rng.choice([name for name in READINGS if name != "valve_set"]))
    rate_hz = draw_rate(config, name, rng)
    low, high = usual_range(nominal, name)
    travelled = float(np.abs(np.diff(nominal.values[name])).sum())
    seconds = len(nominal.values[name]) / nominal.rate_hz
    few, many = config.rolls_per_10s
    # Twice as many as for a counter: a position may also rest between two borders for a whole scene.
    few = min(2 * few, many)
    scale = log_uniform(rng, few, min(many, 8 * few)) * 65536 / 10 / (travelled / seconds)
    steepest = float(np.max(np.abs(np.diff(nominal.values[name])))) * nominal.rate_hz
    scale = min(scale, _MOST_PER_SAMPLE * rate_hz / steepest, 1.9e9 / (2 * (high - low)))
    centre = rng.uniform(-0.6, 0.6) * (high - low)
    start = -scale * ((low + high) / 2 + centre)
    if rng.random() < 0.5:
        scale, start = -scale, -start
    return PairSpec(name, rate_hz, "i32", scale, start, log_uniform(rng, 5, 600))
