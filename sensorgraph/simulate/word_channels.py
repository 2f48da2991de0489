"""All word channels of one recording: anonymous ids, shuffled order, true labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sensorgraph.scenes import ChannelLabel, Pair, Sensor
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.observed import Observed, SampleClock, sample_clock
from sensorgraph.simulate.packed_words import draw_layout, label_of, packed_word
from sensorgraph.simulate.pair_words import draw_pairs
from sensorgraph.simulate.randomness import generator
from sensorgraph.simulate.single_words import counter_word, single_word
from sensorgraph.simulate.word_source import READINGS, draw_rate
from sensorgraph.typing import ChannelType

_LONE_COUNTER_SHARE = 0.08


@dataclass(frozen=True)
class WordChannels:
    """The word channels of one recording and their truth.

    Attributes:
        channels: the channels with their labels, in the order of their ids.
        pairs: which channels are the halves of one value.
        raw32: id of the high word to the 32 bits of each sample, [T] uint32.
        twins: ids of the high words of two readings of one total.
    """

    channels: tuple[Observed, ...]
    pairs: tuple[Pair, ...]
    raw32: Mapping[str, np.ndarray]
    twins: tuple[tuple[str, str], ...]


def word_channels(config: SimulatorConfig, nominal: Latents, latents: Latents, seed: int) -> WordChannels:
    """Write the machine's state into 16-bit words.

    Args:
        config: how many channels of which kind.
        nominal: the healthy machine: scales, bounds and layouts are chosen from it.
        latents: the machine as it ran.
        seed: seed of the recording.
    """
    layout = generator(seed, "words")
    total = config.num_single_words + 2 * config.num_pairs + config.num_packed_words
    tag = int(layout.integers(16**6))
    # Numbers are dealt out at random, so that neither name nor order tells what a channel is.
    ids = [f"w_{tag:06x}_{number:02d}" for number in layout.permutation(total)]
    channels: list[Observed] = []
    for _ in range(config.num_single_words):
        channels.append(_single(config, nominal, latents, ids.pop(), seed))
    for _ in range(config.num_packed_words):
        channels.append(_packed(config, nominal, latents, ids.pop(), seed))
    pairs: list[Pair] = []
    raw32: dict[str, np.ndarray] = {}
    twins: list[tuple[str, str]] = []
    for spec in draw_pairs(config, nominal, layout):
        high, low = ids.pop(), ids.pop()
        rng = generator(seed, high)
        clock = sample_clock(config, spec.rate_hz, rng)
        bits = spec.raw32(latents, clock.true_s, rng)
        msb, lsb = (bits >> np.uint32(16)).astype(np.uint16), _late(bits & np.uint32(0xFFFF), spec.lag_samples)
        channel = ChannelLabel(ChannelType.TWO_WORD, 0xFFFF, 0, ((0, 15, spec.encoding),))
        for name, words, role in ((high, msb, "msb"), (low, lsb.astype(np.uint16), "lsb")):
            meta = {"role": role, "encoding": spec.encoding, "observes": [spec.latent]}
            channels.append(_channel(name, spec.rate_hz, words, clock, (spec.latent,), channel, meta))
        overflow_s = clock.true_s[1:][msb[1:] != msb[:-1]]
        pairs.append(Pair(high, low, spec.encoding, overflow_s, spec.lag_samples))
        raw32[high] = bits
        if spec.twin_of is not None:
            twins.append((pairs[spec.twin_of].msb, high))
    return WordChannels(tuple(sorted(channels, key=lambda one: one.stream.id)), tuple(pairs), raw32, tuple(twins))


def _single(config: SimulatorConfig, nominal: Latents, latents: Latents, name: str, seed: int) -> Observed:
    rng = generator(seed, name)
    lone_counter = rng.random() < _LONE_COUNTER_SHARE
    latent = "time_s" if lone_counter else str(rng.choice(READINGS))
    rate_hz = draw_rate(config, latent, rng)
    clock = sample_clock(config, rate_hz, rng)
    if lone_counter:
        words, label = counter_word(clock.true_s, rng)
    else:
        words, label = single_word(nominal, latents, latent, clock.true_s, rng)
    return _channel(name, rate_hz, words, clock, (latent,), label, {"observes": [latent]})


def _packed(config: SimulatorConfig, nominal: Latents, latents: Latents, name: str, seed: int) -> Observed:
    rng = generator(seed, name)
    fields = draw_layout(nominal, rng)
    rate_hz = draw_rate(config, "mode", rng)
    clock = sample_clock(config, rate_hz, rng)
    words = packed_word(fields, nominal, latents, clock.true_s, rng)
    observes = tuple(dict.fromkeys(field.latent for field in fields if field.latent)) or ("time_s",)
    return _channel(name, rate_hz, words, clock, observes, label_of(fields), {"observes": list(observes)})


def _channel(
    name: str,
    rate_hz: float,
    words: np.ndarray,
    clock: SampleClock,
    observes: tuple[str, ...],
    label: ChannelLabel,
    meta: Mapping[str, object],
) -> Observed:
    stream = Sensor(name, rate_hz, words, clock.start_s, clock.explicit_s, meta=meta)
    return Observed(stream, observes, label)


def _late(low: np.ndarray, lag_samples: int) -> np.ndarray:
    """The low word ``lag_samples`` late (negative: early); the ends repeat."""
    number = np.clip(np.arange(len(low)) - lag_samples, 0, len(low) - 1)
    return np.asarray(low[number])
