"""Recordings of words made by program, for `benchmarks/words.py`: pairs, single words and packed words, with truth.

Truth is what there is to be seen, by the convention of the real words: a word that never changes is left out, and where
the high half of a value stands still, the low one is a word of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from sensorgraph.words import WordChannel

NUM_PAIRS, NUM_SINGLE, NUM_PACKED = 8, 12, 6


@dataclass(frozen=True)
class Truth:
    """Channels with what they are; pairs as (MSB, LSB), lags in samples of the LSB."""

    channels: tuple[WordChannel, ...]
    channel_type: np.ndarray
    pairs: tuple[tuple[int, int], ...]
    lags: tuple[int, ...]
    encodings: tuple[str, ...]
    flag_bits: np.ndarray


@dataclass(frozen=True)
class Family:
    """How a recording is spoilt or shaped."""

    name: str
    rate_hz: float = 200.0
    duration_s: float = 20.0
    step_bits: tuple[float, float] = (7.0, 13.0)
    max_lag: int = 0
    cross_rate: bool = False
    loss: float = 0.0
    hide_loss: bool = False
    bit_error: float = 0.0
    floats: bool = False


FAMILIES = (
    Family("smooth"),
    Family("rough", step_bits=(14.0, 16.5)),
    Family("cross-rate", cross_rate=True),
    Family("skew of up to 2", max_lag=2),
    Family("float32 halves", floats=True),
    Family("1 s of 2 kHz", rate_hz=2000.0, duration_s=1.0),
    Family("20 % loss, marked", loss=0.2),
    Family("20 % loss, held", loss=0.2, hide_loss=True),
    Family("bit errors 1e-3", bit_error=1e-3),
)


def _walk(rng: np.random.Generator, num: int) -> np.ndarray:
    """A signal of unit mean step: one of four characters."""
    time = np.arange(num)
    kind = rng.integers(4)
    if kind == 0:
        signal = sum(rng.uniform(0.2, 1) * np.sin(time / rng.uniform(20, 900) + rng.uniform(0, 6)) for _ in range(4))
    elif kind == 1:
        signal = np.cumsum(rng.standard_normal(num))
    elif kind == 2:
        signal = np.cumsum(np.convolve(rng.standard_normal(num + 99), np.hanning(100), "valid"))
    else:
        signal = np.cumsum(rng.uniform(0.2, 1.8, num) * np.repeat(rng.integers(0, 2, num // 200 + 1), 200)[:num] + 0.05)
    return np.asarray(signal / np.abs(np.diff(signal)).mean())


def _value(family: Family, rng: np.random.Generator, num: int) -> np.ndarray:
    """32 bits per sample, uint32."""
    walk = _walk(rng, num)
    if family.floats:
        level = rng.uniform(3, 300) * (1 if rng.random() < 0.5 else -1)
        physical = level + walk / np.ptp(walk) * rng.uniform(0.05, 1.5) * abs(level)
        if rng.random() < 0.5:  # half of the instruments round to decimals
            physical = np.round(physical, 2)
        return physical.astype(np.float32).view(np.uint32)
    value = rng.uniform(-1e9, 1e9) + walk * 2.0 ** rng.uniform(*family.step_bits)
    return (np.floor(value).astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)


def _crosses_zero(value: np.ndarray) -> bool:
    """Whether a whole value is signed: the numbers drawn below 0 became those with the highest bit set."""
    return bool((value >> 31).any())


def _packed(rng: np.random.Generator, num: int) -> tuple[np.ndarray, int]:
    word, flags, bit = np.zeros(num, np.int64), 0, 0
    while bit < 16:
        width = int(rng.choice([1, 1, 1, 2, 4, 8]))
        width = min(width, 16 - bit)
        if width == 1:
            changes = np.sort(rng.integers(0, num, int(rng.integers(2, 30))))
            part = np.searchsorted(changes, np.arange(num)) % 2
            flags |= 1 << bit
        else:
            walk = _walk(rng, num) / 10
            part = np.floor(walk - walk.min()).astype(np.int64) & ((1 << width) - 1)
        word |= part << bit
        bit += width + int(rng.integers(0, 2))
    return word.astype(np.uint16), flags


def recording(family: Family, seed: int) -> Truth:
    """One recording of a family."""
    rng = np.random.default_rng([seed, *family.name.encode()])
    num = int(family.rate_hz * family.duration_s)
    made: list[tuple[WordChannel, int, int]] = []
    pairs, lags, encodings = [], [], []
    for _ in range(NUM_PAIRS):
        value = _value(family, rng, num)
        lag = int(rng.integers(-family.max_lag, family.max_lag + 1))
        late = value[np.clip(np.arange(num) - lag, 0, num - 1)]
        high = WordChannel((value >> 16).astype(np.uint16), family.rate_hz)
        low = WordChannel((late & 0xFFFF).astype(np.uint16), family.rate_hz)
        if family.cross_rate:
            factor = int(rng.choice([2, 4, 5]))
            if rng.random() < 0.5:
                high = WordChannel(np.ascontiguousarray(high.values[::factor]), family.rate_hz / factor)
            else:
                low = WordChannel(np.ascontiguousarray(low.values[::factor]), family.rate_hz / factor)
        pairs.append((len(made), len(made) + 1))
        lags.append(lag)
        encodings.append("f32" if family.floats else "i32" if _crosses_zero(value) else "u32")
        made += [(high, 1, 0), (low, 1, 0)]
    for _ in range(NUM_SINGLE):
        walk = _walk(rng, num)
        width = int(rng.integers(9, 17))
        scaled = (walk - walk.min()) / np.ptp(walk) * (2**width - 1)
        noisy = np.clip(np.floor(scaled + rng.uniform(0, 3) * rng.standard_normal(num)), 0, 2**width - 1)
        made.append((WordChannel(noisy.astype(np.uint16), family.rate_hz), 0, 0))
    for _ in range(NUM_PACKED):
        word, flags = _packed(rng, num)
        made.append((WordChannel(word, family.rate_hz), 2, flags))
    moves = [bool((channel.values != channel.values[0]).any()) for channel, _, _ in made]
    order = np.array([number for number in rng.permutation(len(made)) if moves[number]])
    place = {int(number): at for at, number in enumerate(order)}
    seen = [all(moves[half] for half in pair) for pair in pairs]
    alone = {half for pair, both in zip(pairs, seen, strict=True) if not both for half in pair}
    return Truth(
        tuple(_spoil(family, made[number][0], rng) for number in order),
        np.array([0 if number in alone else made[number][1] for number in order]),
        tuple((place[high], place[low]) for high, low in compress(pairs, seen)),
        tuple(compress(lags, seen)),
        tuple(compress(encodings, seen)),
        np.array([made[number][2] for number in order]),
    )


def _spoil(family: Family, channel: WordChannel, rng: np.random.Generator) -> WordChannel:
    words = channel.values.copy()
    if family.bit_error:
        errors = rng.random((len(words), 16)) < family.bit_error
        words ^= (errors << np.arange(16)).sum(axis=1).astype(np.uint16)
    if not family.loss:
        return replace(channel, values=words)
    there = rng.random(len(words)) >= family.loss
    there[0] = True
    if family.hide_loss:
        last = np.maximum.accumulate(np.where(there, np.arange(len(words)), 0))
        return replace(channel, values=words[last])
    return replace(channel, values=np.where(there, words, 0).astype(np.uint16), valid=there)


def speed_channels(num_channels: int, num_samples: int) -> list[WordChannel]:
    """Channels for timing: a third halves of values, the rest smooth, random and packed words."""
    rng = np.random.default_rng(0)
    family = Family("speed", duration_s=num_samples / 200.0)
    words: list[np.ndarray] = []
    while len(words) < num_channels:
        value = _value(family, rng, num_samples)
        words += [(value >> 16).astype(np.uint16), (value & 0xFFFF).astype(np.uint16)]
        for _ in range(2):
            walk = _walk(rng, num_samples)
            words.append(((walk - walk.min()) / np.ptp(walk) * 60000).astype(np.uint16))
        words += [rng.integers(0, 65536, num_samples).astype(np.uint16), _packed(rng, num_samples)[0]]
    return [WordChannel(values, 200.0) for values in words[:num_channels]]
