"""Channels that hold one value in one word: converters, signed registers, coarse readings, lone counters."""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import ChannelLabel
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.randomness import log_uniform
from sensorgraph.simulate.word_source import usual_range
from sensorgraph.typing import ChannelType


def single_word(
    nominal: Latents, latents: Latents, name: str, time_s: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, ChannelLabel]:
    """One reading in one word; width, place of the bits, scale, sign and noise are drawn.

    Forms: an unsigned converter of 10 to 16 bits at the right or left end of the word, or a signed 16-bit register
    that passes through 0 (where all bits flip although nothing rolls over); either may hold its value for some samples.

    Shapes: ``time_s`` [T]; returns words [T] uint16.
    """
    low, high = usual_range(nominal, name)
    share = (latents.at(name, _held_times(time_s, rng)) - low) / (high - low)
    if rng.random() < 0.25:
        reach = log_uniform(rng, 300, 12000)
        centre = rng.uniform(-0.2, 0.2) * reach
        counts = centre + reach * (2 * share - 1) + log_uniform(rng, 0.4, 12) * rng.standard_normal(len(share))
        words = np.clip(np.round(counts), -32768, 32767).astype(np.int16).view(np.uint16)
        return words, ChannelLabel(ChannelType.ONE_WORD, 0xFFFF, 0, ((0, 15, "value"),))
    width = int(rng.choice([10, 12, 13, 14, 16], p=[0.15, 0.35, 0.1, 0.2, 0.2]))
    full = 2**width - 1
    # The reading crosses the middle of its converter, so that its highest bit is really used.
    bottom, top = rng.uniform(0.1, 0.42) * full, rng.uniform(0.62, 0.95) * full
    if rng.random() < 0.3:
        bottom, top = top, bottom
    noise = rng.uniform(0.3, 4.0)
    counts = bottom + (top - bottom) * share + noise * rng.standard_normal(len(share))
    words = np.clip(np.round(counts), 0, full).astype(np.uint16)
    shift = 16 - width if rng.random() < 0.3 else 0
    label = ChannelLabel(ChannelType.ONE_WORD, full << shift, 0, ((shift, shift + width - 1, "value"),))
    return (words << np.uint16(shift)).astype(np.uint16), label


def counter_word(time_s: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ChannelLabel]:
    """A lone 16-bit counter of samples or ticks: it rolls over, and no other word counts the roll-overs."""
    per_second = log_uniform(rng, 2000, 60000)
    start = int(rng.integers(65536))
    words = ((start + np.floor(time_s * per_second)).astype(np.int64) & 0xFFFF).astype(np.uint16)
    return words, ChannelLabel(ChannelType.ONE_WORD, 0xFFFF, 0, ((0, 15, "counter"),))


def _held_times(time_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some registers are refreshed more rarely than they are read."""
    hold = int(rng.choice([1, 2, 5, 10], p=[0.7, 0.1, 0.1, 0.1]))
    first = np.arange(len(time_s)) // hold * hold
    return np.asarray(time_s[first])
