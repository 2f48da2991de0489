"""Recordings of words of every make and condition, with their truth: what the reader of words learns from.

Nothing here follows one machine: signals, layouts, rates, skews, losses and errors are drawn as widely as they occur,
so that a network cannot learn the habits of a simulator instead of those of words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.simulate.word_layouts import draw_number, draw_packed, draw_value
from sensorgraph.simulate.word_variations import spoil
from sensorgraph.typing import ChannelType
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.found import Encoding
from sensorgraph.words.labelled import LabelledWords

_ALL = 0xFFFF
_EDGES = 0xFFFE


@dataclass(frozen=True)
class _Made:
    words: np.ndarray
    rate_hz: float
    kind: ChannelType
    flags: int
    used: int
    begins: int


@dataclass(frozen=True)
class _MadePair:
    msb: int
    lsb: int
    lag: int
    encoding: Encoding


def random_recording(seed: int) -> LabelledWords:
    """One recording; all of it is drawn from the seed.

    Example:
        >>> recording = random_recording(5)
        >>> len(recording.channels) > 2, recording.source
        (True, 'simulated')
    """
    rng = np.random.default_rng([seed, 77])
    seconds = float(np.exp(rng.uniform(np.log(120), np.log(4000))))  # in samples of the middle rate
    rates = 2.0 ** rng.integers(-2, 3, int(rng.integers(1, 4))) * float(rng.choice([5.0, 10.0, 50.0, 100.0, 1000.0]))
    base = float(np.median(rates))
    made: list[_Made] = []
    pairs: list[_MadePair] = []
    lag = int(rng.integers(1, 3)) if rng.random() < 0.2 else 0
    for _ in range(int(rng.integers(0, 9))):
        _add_pair(rng, made, pairs, _length(rng, rates, base, seconds), lag)
    for _ in range(int(rng.integers(1, 13))):
        rate, num = _length(rng, rates, base, seconds)
        made.append(_Made(draw_number(rng, num), rate, ChannelType.ONE_WORD, 0, _ALL, 0))
    for _ in range(int(rng.integers(0, 12))):
        rate, num = _length(rng, rates, base, seconds)
        packed = draw_packed(rng, num)
        made.append(_Made(packed.words, rate, ChannelType.COMPLEX_BITS, packed.flags, packed.used, packed.begins))
    made, pairs = _moving(made, pairs)
    return spoil(_recording(f"simulated {seed}", rng, made, pairs), rng)


def _moving(made: list[_Made], pairs: list[_MadePair]) -> tuple[list[_Made], list[_MadePair]]:
    """Without the words that never move, as in recordings of which only the moving words are kept."""
    keep = np.array([bool((one.words != one.words[0]).any()) for one in made], bool)
    place = np.cumsum(keep) - 1
    moved = [_MadePair(int(place[pair.msb]), int(place[pair.lsb]), pair.lag, pair.encoding) for pair in pairs]
    return [one for one, kept in zip(made, keep, strict=True) if kept], moved


def _length(rng: np.random.Generator, rates: np.ndarray, base: float, seconds: float) -> tuple[float, int]:
    rate = float(rng.choice(rates))
    return rate, int(np.clip(seconds * rate / base, 40, 6000))


def _add_pair(
    rng: np.random.Generator, made: list[_Made], pairs: list[_MadePair], clock: tuple[float, int], max_lag: int
) -> None:
    rate, num = clock
    value, encoding = draw_value(rng, num)
    _add_halves(rng, made, pairs, value, encoding, rate, max_lag)
    if rng.random() < 0.15:  # a second source of the same value, a little apart from the first
        twin = value.astype(np.int64)
        twin = np.roll(twin, int(rng.integers(0, 2))) + (
            np.round(rng.normal(0, rng.choice([0.0, 1.0, 300.0, 20000.0]), num)).astype(np.int64)
        )
        # Two sources that agree in every bit could be told apart by nobody.
        twin = twin + int(rng.integers(1, 2000) if rng.random() < 0.6 else rng.integers(0, 2**20))
        twin[0] = twin[1]
        _add_halves(rng, made, pairs, (twin & 0xFFFFFFFF).astype(np.uint32), encoding, rate, max_lag)


def _add_halves(
    rng: np.random.Generator,
    made: list[_Made],
    pairs: list[_MadePair],
    value: np.ndarray,
    encoding: Encoding,
    rate: float,
    max_lag: int,
) -> None:
    num = len(value)
    lag = int(rng.integers(-max_lag, max_lag + 1))
    high = (value >> 16).astype(np.uint16)
    low = (value[np.clip(np.arange(num) - lag, 0, num - 1)] & 0xFFFF).astype(np.uint16)
    high_rate = low_rate = rate
    if rng.random() < 0.2 and num > 400:
        factor = int(rng.choice([2, 4, 5]))
        if rng.random() < 0.5:
            high, high_rate = np.ascontiguousarray(high[::factor]), rate / factor
        else:
            low, low_rate = np.ascontiguousarray(low[::factor]), rate / factor
    if (low == low[0]).all():
        return
    if (high == high[0]).all():  # what is left is a word of its own, as far as anybody can see
        made.append(_Made(low, low_rate, ChannelType.ONE_WORD, 0, _ALL, 0))
        return
    pairs.append(_MadePair(len(made), len(made) + 1, lag, encoding))
    made.append(_Made(high, high_rate, ChannelType.TWO_WORD, 0, _ALL, 0))
    made.append(_Made(low, low_rate, ChannelType.TWO_WORD, 0, _ALL, 0))


def _recording(name: str, rng: np.random.Generator, made: list[_Made], pairs: list[_MadePair]) -> LabelledWords:
    order = rng.permutation(len(made))
    place = np.argsort(order)
    mixed = [made[number] for number in order]
    rollovers = [np.flatnonzero(np.diff(made[pair.msb].words)) + 1 for pair in pairs]
    begins = np.array([one.begins for one in mixed], np.int64)
    return LabelledWords(
        name=name,
        source="simulated",
        channels=tuple(WordChannel(one.words, one.rate_hz) for one in mixed),
        channel_type=np.array([int(one.kind) for one in mixed], np.int64),
        pairs=tuple((int(place[pair.msb]), int(place[pair.lsb])) for pair in pairs),
        identifiable=tuple(len(samples) >= 3 for samples in rollovers),
        rollovers=tuple(rollovers),
        lags=tuple(pair.lag for pair in pairs),
        encodings=tuple(pair.encoding for pair in pairs),
        flag_bits=np.array([one.flags for one in mixed], np.int64),
        used_bits=np.array([one.used for one in mixed], np.int64),
        begins=begins,
        begins_known=np.full(len(mixed), _EDGES, np.int64),
    )
