"""Words of every make: numbers, halves and packed bits, each with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.simulate.word_signals import draw_signal
from sensorgraph.words.found import Encoding
from sensorgraph.words.labelled import edges_of

_SPLITS = ([8, 8], [8, 8], [8, 8], [4, 4, 8], [12, 4], [4, 12], [8, 4, 4], [10, 6], [6, 10])


@dataclass(frozen=True)
class Packed:
    """A word of several fields: words [T] uint16, masks of flags and used bits, mask of the bits where fields begin."""

    words: np.ndarray
    flags: int
    used: int
    begins: int


def draw_number(rng: np.random.Generator, num: int) -> np.ndarray:
    """One value in one word, [T] uint16: of any width, place, sign, noise and coarseness."""
    signal = draw_signal(rng, num)
    bits = rng.uniform(0.5, 16)
    way = rng.random()
    if way < 0.12:  # the low half of a value whose high half stands still, or noise all over
        value = signal / (np.ptp(signal) + 1e-9) * 2.0 ** rng.uniform(14, 15.99)
        value = value - value.min()
    else:
        value = signal / (np.ptp(signal) + 1e-9) * 2.0**bits
    if rng.random() < 0.4:
        value = value + rng.uniform(0.1, 3) * rng.standard_normal(num)
    counts = np.round(value)
    if rng.random() < 0.2:  # a step of the converter is worth several counts
        counts = counts * int(rng.choice([2, 4, 5, 8, 10, 16, 25, 32, 50, 64, 100, 125, 256]))
    if rng.random() < 0.45:  # not signed, often from 0
        counts = counts - counts.min() + (0 if rng.random() < 0.5 else int(rng.integers(0, 20000)))
        counts = np.minimum(counts, 65535) if rng.random() < 0.9 else counts
    elif rng.random() < 0.5:  # signed, near 0
        counts = counts + rng.uniform(-1, 1) * np.ptp(counts)
    else:
        counts = counts + int(rng.integers(0, 65536))
    if rng.random() < 0.1:  # a few codes, numbered from 0 or 1 more often than not
        small = rng.random() < 0.75
        codes = rng.permutation(8) if small else rng.integers(0, 2 ** int(rng.integers(3, 17)), 7)
        counts = codes[states(rng, num, int(rng.integers(2, 7)))]
    if rng.random() < 0.08:
        counts = _counter(rng, num, int(rng.choice([251, 252, 253, 255, 256, 1000, 36000, 65536])))
    if rng.random() < 0.05:
        return rng.integers(0, 65536, num).astype(np.uint16)
    return _sometimes_invalid(rng, (counts.astype(np.int64) & 0xFFFF).astype(np.uint16))


def _sometimes_invalid(rng: np.random.Generator, words: np.ndarray) -> np.ndarray:
    """Before the first reading, or while there is none, many instruments report 0 or a code."""
    if rng.random() > 0.25:
        return words
    code = np.uint16(rng.choice([0, 0, 0, 0, 0xFFFF, 0x7FFF, 0x8000]))
    num = len(words)
    out = words.copy()
    out[: int(rng.integers(1, max(num // 4, 2)))] = code
    if rng.random() < 0.3:
        begin = int(rng.integers(0, num))
        out[begin : begin + int(rng.integers(1, max(num // 10, 2)))] = code
    return out


def _counter(rng: np.random.Generator, num: int, end: int) -> np.ndarray:
    """A counter that begins anew at ``end``; of what it counts, each, every n-th or several at once are seen."""
    way = rng.random()
    if way < 0.4:
        return (np.arange(num) + int(rng.integers(end))) % end
    if way < 0.7:
        return (np.arange(num) // int(rng.integers(2, 20))) % end
    stride = int(rng.integers(2, 12))
    lost = np.cumsum(rng.random(num) < rng.choice([0.0, 0.003, 0.02]))
    return (np.arange(num) * stride + lost) % end


def draw_value(rng: np.random.Generator, num: int) -> tuple[np.ndarray, Encoding]:
    """A 32-bit value, [T] uint32, and its encoding."""
    signal = draw_signal(rng, num)
    if rng.random() < 0.2:
        level = 10.0 ** rng.uniform(-2, 5) * rng.choice([-1.0, 1.0])
        physical = level * (1 + signal / (np.ptp(signal) + 1e-9) * 10.0 ** rng.uniform(-3, 0.7))
        if rng.random() < 0.5:  # an instrument that rounds to decimals, or counts times a factor
            unit = 10.0 ** np.floor(np.log10(np.abs(level)) - rng.integers(1, 5))
            physical = np.round(physical / unit) * (unit if rng.random() < 0.5 else unit * rng.uniform(0.5, 2))
        return physical.astype(np.float32).view(np.uint32), "f32"
    value = signal * 2.0 ** rng.uniform(3, 17.5) if rng.random() < 0.9 else signal * 2.0 ** rng.uniform(0, 8)
    unit = int(rng.choice([1, 1, 1, 1, 2, 4, 8, 10, 32, 64, 100, 1000, 1000]))
    value = np.round(value / unit) * unit
    if rng.random() < 0.4:
        value = value + rng.uniform(-2, 2) * (np.ptp(value) + 1000.0)
        encoding: Encoding = "i32" if value.min() < 0 else "u32"
    else:
        value = value - value.min() + np.floor(2.0 ** rng.uniform(5, 31.5) / unit) * unit
        encoding = "u32"
    return (np.floor(value).astype(np.int64) & 0xFFFFFFFF).astype(np.uint32), encoding


def states(rng: np.random.Generator, num: int, num_states: int) -> np.ndarray:
    """A state that stays for a while and then goes to another, [T] int64."""
    chance = np.exp(rng.uniform(np.log(1.2 / num), np.log(0.2)))
    moves = np.where(rng.random(num) < chance, rng.integers(1, max(num_states, 2), num), 0)
    if not moves.any():
        moves[rng.integers(1, num)] = 1
    return np.cumsum(moves) % num_states


def draw_packed(rng: np.random.Generator, num: int) -> Packed:
    """A word of flags, codes, counters and small numbers."""
    way = rng.random()
    widths = _widths(rng, way)
    word = np.zeros(num, np.int64)
    flags = used = begins = 0
    bit = int(rng.integers(0, max(16 - sum(widths), 0) + 1)) if rng.random() < 0.3 else 0
    mode = states(rng, num, int(rng.integers(2, 6)))
    coupled = rng.random() < 0.35  # flags of one machine change together when it changes what it does
    for width in widths:
        if bit + width > 16:
            break
        part = _flag(rng, num, mode, coupled) if width == 1 else _field(rng, num, width, mode)
        mask = ((1 << width) - 1) << bit
        word |= (part & ((1 << width) - 1)) << bit
        used |= mask
        flags |= mask if width == 1 else 0
        begins |= 1 << bit | 1 << (bit + width)
        bit += width
        if way < 0.6 and rng.random() < 0.35:
            bit += int(rng.integers(0, 4))
        elif way >= 0.6 and bit < 8 and bit + 8 > 8 and rng.random() < 0.3:
            bit = 8  # the next field begins at a byte
    begins |= edges_of(used, flags)
    if rng.random() < 0.4:  # bits that are set for good belong to nothing that could be seen
        word |= int(rng.integers(0, 1 << 16)) & int(rng.integers(0, 1 << 16)) & ~used & 0xFFFF
    return Packed(word.astype(np.uint16), flags, used, begins & 0xFFFE)


def _widths(rng: np.random.Generator, way: float) -> list[int]:
    if way < 0.35:  # flags alone, few or many
        return [1] * int(rng.choice([1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 16]))
    if way < 0.45:  # one code alone
        return [int(rng.integers(2, 8))]
    if way < 0.6:  # two bytes, or three parts
        return _SPLITS[rng.integers(len(_SPLITS))]
    widths: list[int] = []
    while sum(widths) < 16 and len(widths) < 9 and (len(widths) < 2 or rng.random() < 0.85):
        widths.append(int(rng.choice([1, 1, 1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 8, 10, 12])))
    return widths


def _flag(rng: np.random.Generator, num: int, mode: np.ndarray, coupled: bool) -> np.ndarray:
    way = rng.random()
    if coupled and way < 0.85:
        pattern = rng.integers(0, 2, 6)
        pattern[0], pattern[1 if rng.random() < 0.7 else 2] = 0, 1
        return np.asarray(pattern[mode] ^ int(rng.integers(2)))
    way = rng.random()
    if way < 0.4:  # a few changes, at any time
        at = np.sort(rng.integers(1, num, int(rng.integers(1, 30))))
        return (np.searchsorted(at, np.arange(num), side="right") + int(rng.integers(2))) % 2
    if way < 0.55:  # one change for good
        return (np.arange(num) >= rng.integers(1, num)).astype(np.int64) ^ int(rng.integers(2))
    if way < 0.7:  # what the machine is doing
        return (mode == rng.integers(4)).astype(np.int64) ^ int(rng.integers(2))
    if way < 0.85:  # a signal above a bound
        signal = draw_signal(rng, num)
        return (signal > np.quantile(signal, rng.uniform(0.1, 0.9))).astype(np.int64)
    if way < 0.93:  # short pulses
        return (rng.random(num) < rng.uniform(0.001, 0.05)).astype(np.int64)
    return (np.arange(num) // int(rng.integers(1, 40))) % 2  # blinks


def _field(rng: np.random.Generator, num: int, width: int, mode: np.ndarray) -> np.ndarray:
    size = 1 << width
    way = rng.random()
    if way < (0.6 if width <= 4 else 0.12):  # a code
        codes = rng.permutation(size)[: int(rng.integers(2, min(size, 6) + 1))]
        followed = mode % len(codes) if rng.random() < 0.3 else states(rng, num, len(codes))
        return np.asarray(codes[followed], np.int64)
    if way < (0.75 if width <= 4 else 0.3):
        return _counter(rng, num, size if rng.random() < 0.8 else int(rng.integers(max(size - 6, 2), size + 1)))
    if way < (0.77 if width <= 4 else 0.37):  # a check sum
        return rng.integers(0, size, num)
    signal = draw_signal(rng, num)
    reach = size * rng.uniform(0.15, 1.0)
    value = (signal - signal.min()) / (np.ptp(signal) + 1e-9) * reach + rng.uniform(0, size - reach)
    value = value + rng.choice([0.0, 0.3, 1.0]) * rng.standard_normal(num)
    return np.clip(np.floor(value), 0, size - 1).astype(np.int64)
