"""Variations of labelled words: other stretches of time, offsets and layouts of the same signals, losses and errors.

A few real recordings hold few layouts. Their signals written anew (a flag at another bit, a value with another offset,
every second sample) are as real as before, and what a network learns from all of them is not the layout of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sensorgraph.typing import ChannelType
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.labelled import LabelledWords, edges_of

MIN_SAMPLES = 30


@dataclass(frozen=True)
class RealField:
    """One flag or small field of a real recording: values [T] int64, its width, its rate (Hz)."""

    values: np.ndarray
    width: int
    rate_hz: float


def fields_of(recordings: Sequence[LabelledWords]) -> list[RealField]:
    """All flags and small fields of some recordings, to be packed anew by `varied`.

    Example:
        >>> from sensorgraph.simulate.word_recordings import random_recording
        >>> fields = fields_of([random_recording(number) for number in range(4)])
        >>> {field.width for field in fields} >= {1, 2}
        True
    """
    out = []
    for recording in recordings:
        for number, channel in enumerate(recording.channels):
            words = channel.values.astype(np.int64)
            if recording.channel_type[number] == ChannelType.COMPLEX_BITS:
                used, flags = int(recording.used_bits[number]), int(recording.flag_bits[number])
                edges = [0, *(bit for bit in range(1, NUM_BITS) if edges_of(used, flags) >> bit & 1), NUM_BITS]
                for first, last in pairwise(edges):
                    if used >> first & 1:
                        values = (words >> first) & ((1 << (last - first)) - 1)
                        out.append(RealField(values, last - first, channel.rate_hz))
            elif words.max() < 256 and recording.channel_type[number] == ChannelType.ONE_WORD:
                out.append(RealField(words, 8, channel.rate_hz))
    return [field for field in out if (field.values != field.values[0]).any()]


def varied(recording: LabelledWords, fields: Sequence[RealField], rng: np.random.Generator) -> LabelledWords:
    """Another recording made of the signals of this one.

    Args:
        recording: a real recording.
        fields: flags and small fields of recordings of the same sources, for new packed words.
        rng: draws.
    """
    part = rng.uniform(0.3, 1.0)
    begin = rng.uniform(0.0, 1.0 - part)
    stride = int(rng.choice([1, 1, 1, 2, 3]))

    def cut(words: np.ndarray) -> np.ndarray:
        first, last = int(begin * len(words)), int((begin + part) * len(words))
        return words[first:last:stride]

    words = [cut(channel.values) for channel in recording.channels]
    rates = [channel.rate_hz / stride for channel in recording.channels]
    kinds = recording.channel_type.copy()
    flags, used, begins, known = (
        getattr(recording, name).copy() for name in ("flag_bits", "used_bits", "begins", "begins_known")
    )
    halves = {half for pair in recording.pairs for half in pair}
    keep = np.array([len(one) >= MIN_SAMPLES and rng.random() < 0.85 for one in words])
    pairs = []
    for msb, lsb in recording.pairs:
        keep[[msb, lsb]] = len(words[msb]) >= MIN_SAMPLES and rng.random() < 0.9
        words[msb], words[lsb] = _moved_pair(words[msb], words[lsb], rng)
        if keep[msb] and _still(words[msb]):  # what is left is a word of its own, as far as anybody can see
            keep[msb] = False
            kinds[lsb] = ChannelType.ONE_WORD
        elif keep[msb] and _still(words[lsb]):
            keep[[msb, lsb]] = False
        elif keep[msb]:
            pairs.append((msb, lsb))
    for number, kind in enumerate(kinds):
        if kind == ChannelType.ONE_WORD and used[number] == 0xFFFF and number not in halves:
            words[number] = _moved_word(words[number], rng)
        keep[number] &= len(words[number]) > 0 and not _still(words[number])
    columns = [words[n] for n in np.flatnonzero(keep)], [rates[n] for n in np.flatnonzero(keep)]
    masks = [part[keep].tolist() for part in (kinds, flags, used, begins, known)]
    for _ in range(int(rng.integers(0, 6)) if fields else 0):
        packed = _packed_anew(fields, rng)
        if packed is not None:
            columns[0].append(packed[0])
            columns[1].append(packed[1])
            for mask, value in zip(masks, (int(ChannelType.COMPLEX_BITS), *packed[2:]), strict=True):
                mask.append(value)
    place = np.cumsum(keep) - 1
    rollovers = tuple(np.flatnonzero(np.diff(words[msb])) + 1 for msb, _ in pairs)
    made = LabelledWords(
        name=f"{recording.name}, varied",
        source=recording.source,
        channels=tuple(WordChannel(np.ascontiguousarray(one), rate) for one, rate in zip(*columns, strict=True)),
        channel_type=np.array(masks[0], np.int64),
        pairs=tuple((int(place[msb]), int(place[lsb])) for msb, lsb in pairs),
        identifiable=tuple(len(samples) >= 3 for samples in rollovers),
        rollovers=rollovers,
        lags=None,
        encodings=None,
        flag_bits=np.array(masks[1], np.int64),
        used_bits=np.array(masks[2], np.int64),
        begins=np.array(masks[3], np.int64),
        begins_known=np.array(masks[4], np.int64),
    )
    return spoil(made, rng) if rng.random() < 0.5 else made


def _still(words: np.ndarray) -> bool:
    return not len(words) or bool((words == words[0]).all())


def _moved_pair(msb: np.ndarray, lsb: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    if len(msb) != len(lsb) or rng.random() < 0.4:
        return msb, lsb
    value = msb.astype(np.int64) << 16 | lsb
    value = value * int(rng.choice([1, 1, 1, 2, 3, 5])) + int(rng.integers(0, 2**20) if rng.random() < 0.8 else 0)
    return ((value >> 16) & 0xFFFF).astype(np.uint16), (value & 0xFFFF).astype(np.uint16)


def _moved_word(words: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    way = rng.random()
    if way < 0.6 or not len(words):
        return words
    if way < 0.8:
        return words + np.uint16(rng.integers(0, 65536))
    reach = int(np.ptp(words.view(np.int16).astype(np.int64)))
    factor = int(rng.choice([2, 3, 4, 10]))
    return words * np.uint16(factor) if reach * factor < 65536 else words


def _packed_anew(
    fields: Sequence[RealField], rng: np.random.Generator
) -> tuple[np.ndarray, float, int, int, int, int] | None:
    """Words, rate, and masks of flags, used bits, begins and where they are known; None where nothing moves."""
    first = fields[int(rng.integers(len(fields)))]
    num = int(len(first.values) * rng.uniform(0.4, 1.0))
    if num < MIN_SAMPLES:
        return None
    chosen = [first]
    for _ in range(int(rng.choice([0, 1, 2, 3, 5, 8]))):
        other = fields[int(rng.integers(len(fields)))]
        if len(other.values) >= num:
            chosen.append(other)
    word = np.zeros(num, np.int64)
    bit = flags = used = begins = 0
    for field in chosen:
        bit += int(rng.integers(0, 4)) if rng.random() < 0.25 else 0
        if field.width >= 8 and rng.random() < 0.6:
            bit = -(-bit // 8) * 8
        if bit + field.width > NUM_BITS:
            break
        at = int(rng.integers(0, len(field.values) - num + 1))
        word |= field.values[at : at + num] << bit
        mask = ((1 << field.width) - 1) << bit
        used |= mask
        flags |= mask if field.width == 1 else 0
        begins |= 1 << bit | 1 << (bit + field.width)
        bit += field.width
    if _still(word):
        return None
    if len(chosen) == 1 and first.width >= 8:  # a byte alone is a word of one value
        return None
    if rng.random() < 0.4:  # bits that are set for good belong to nothing that could be seen
        word |= int(rng.integers(0, 1 << 16)) & int(rng.integers(0, 1 << 16)) & ~used & 0xFFFF
    return word.astype(np.uint16), first.rate_hz, flags, used, (begins | edges_of(used, flags)) & 0xFFFE, 0xFFFE


def spoil(recording: LabelledWords, rng: np.random.Generator) -> LabelledWords:
    """Lose samples or flip bits, now and then; channels that no longer move stay as they are."""
    way = rng.random()
    if way > 0.24:
        return recording
    share = rng.uniform(0.02, 0.35)
    error = float(np.exp(rng.uniform(np.log(1e-4), np.log(2e-3))))
    channels = []
    for channel in recording.channels:
        words = channel.values
        if way < 0.08:
            errors = rng.random((len(words), NUM_BITS)) < error
            words = words ^ (errors << np.arange(NUM_BITS)).sum(axis=1).astype(np.uint16)
            channels.append(replace(channel, values=words))
            continue
        there = rng.random(len(words)) >= share
        there[0] = True
        last = np.maximum.accumulate(np.where(there, np.arange(len(words)), 0))
        held = words[last]
        if _still(held):
            channels.append(channel)
        elif way < 0.16:
            channels.append(replace(channel, values=held))
        else:
            channels.append(replace(channel, values=np.where(there, words, 0).astype(np.uint16), valid=there))
    return replace(recording, channels=tuple(channels))
