"""What the way from sensor to file does: lost samples and flipped bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sensorgraph.scenes import Sensor, Stream
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.randomness import generator


def transmit(config: SimulatorConfig, stream: Stream, seed: int) -> Stream:
    """The stream as it arrives; only sensors are touched, and only if the config has losses or bit errors."""
    if not isinstance(stream, Sensor) or (config.sample_loss == 0 and config.bit_error == 0):
        return stream
    rng = generator(seed, f"transmission {stream.id}")
    lost = rng.random(len(stream.values)) < config.sample_loss
    if not stream.is_word:
        return replace(stream, values=np.where(lost, np.float32(np.nan), stream.values))
    words = stream.values
    if config.bit_error > 0:
        flipped = rng.random((16, len(words))) < config.bit_error
        words = words ^ (flipped * (1 << np.arange(16))[:, None]).sum(0).astype(np.uint16)
    if not lost.any():
        return replace(stream, values=words)
    return replace(stream, values=np.where(lost, 0, words).astype(np.uint16), valid=stream.validity() & ~lost)
