"""A stream together with the truth about what it observes; the truth never reaches a model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sensorgraph.scenes import ChannelLabel, Stream
from sensorgraph.simulate.config import SimulatorConfig


@dataclass(frozen=True)
class Observed:
    """One stream and its truth.

    Attributes:
        stream: what is recorded.
        observes: names of the latent trajectories that it depends on, the main one first.
        channel: what the channel is, for raw words.
    """

    stream: Stream
    observes: tuple[str, ...]
    channel: ChannelLabel | None = None


@dataclass(frozen=True)
class SampleClock:
    """When a sensor samples.

    Attributes:
        start_s: time of the first sample (s).
        true_s: [T] times of all samples (s).
        regular: the times follow from start and nominal rate.
    """

    start_s: float
    true_s: np.ndarray
    regular: bool = field(default=True)

    @property
    def explicit_s(self) -> np.ndarray | None:
        """The times, where they do not follow from start and rate."""
        return None if self.regular else self.true_s


def sample_clock(config: SimulatorConfig, rate_hz: float, rng: np.random.Generator) -> SampleClock:
    """A sensor's own clock: a small late start, and a rate that is wrong by some parts per million."""
    start_s = round(float(rng.uniform(0, config.max_start_offset_s)), 6)
    error = 1e-6 * config.clock_skew_ppm * float(rng.standard_normal())
    num_samples = int(np.ceil((config.recording_s - start_s) * rate_hz - 1e-9))
    steps = np.arange(num_samples, dtype=np.float64) / rate_hz
    if config.clock_skew_ppm == 0:
        return SampleClock(start_s, start_s + steps)
    true_s = start_s + steps * (1 + error)
    return SampleClock(start_s, true_s[true_s < config.recording_s], regular=False)
