"""Words of packed bits: flags, enums, counters and small fields in a layout that differs per recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensorgraph.scenes import ChannelLabel
from sensorgraph.simulate.latents import MODES, Latents
from sensorgraph.simulate.randomness import log_uniform
from sensorgraph.simulate.word_source import LIVELY_READINGS, READINGS, usual_range
from sensorgraph.typing import ChannelType

FieldKind = Literal["flag", "enum", "counter", "value"]


@dataclass(frozen=True)
class PackedField:
    """One field of a packed word.

    Attributes:
        kind: what it is.
        first_bit, last_bit: its place; bit 0 is the least significant.
        latent: the trajectory behind it, or "" for telegraphs, sequencers and heartbeats, which follow nothing.
        bound: of a flag: true above it; of a telegraph, sequencer or counter: steps per second; of an enum that
            follows the mode: the seed of its codes.
        band: of a flag: half of its dead band.
        inverted: of a flag: true below the bound.
    """

    kind: FieldKind
    first_bit: int
    last_bit: int
    latent: str = ""
    bound: float = 0.0
    band: float = 0.0
    inverted: bool = False

    @property
    def width(self) -> int:
        return self.last_bit - self.first_bit + 1

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.first_bit


def draw_layout(nominal: Latents, rng: np.random.Generator) -> tuple[PackedField, ...]:
    """Draw fields until the word is full or the draw ends; gaps stay unused. There are always two flags or more."""
    widths = [(1, "flag"), (1, "flag")]
    room = 14
    for _ in range(int(rng.integers(1, 6))):
        kind = str(rng.choice(["flag", "enum", "counter", "value"], p=[0.35, 0.15, 0.25, 0.25]))
        width = {
            "flag": 1,
            "enum": int(rng.integers(2, 4)),
            "counter": int(rng.integers(3, 9)),
            "value": int(rng.integers(3, 13)),
        }[kind]
        if width <= room:
            widths.append((width, kind))
            room -= width
    order = rng.permutation(len(widths))
    gaps = rng.multinomial(int(rng.integers(0, room + 1)), np.full(len(widths), 1 / len(widths)))
    fields = []
    bit = 0
    for number, gap in zip(order, gaps, strict=True):
        width, kind = widths[number]
        first = bit + int(gap)
        fields.append(_fill(kind, first, first + width - 1, nominal, rng))
        bit = first + width
    return tuple(fields)


def _fill(kind: str, first: int, last: int, nominal: Latents, rng: np.random.Generator) -> PackedField:
    if kind == "flag":
        if rng.random() < 0.3:
            return PackedField("flag", first, last, bound=log_uniform(rng, 0.2, 2.0))
        name = str(rng.choice(LIVELY_READINGS if rng.random() < 0.9 else READINGS))
        bound = float(np.quantile(nominal.values[name], rng.uniform(0.3, 0.7)))
        low, high = usual_range(nominal, name)
        return PackedField("flag", first, last, name, bound, 0.01 * (high - low), bool(rng.random() < 0.4))
    if kind == "enum":
        if rng.random() < 0.5:  # a sequencer that steps through its states
            return PackedField("enum", first, last, bound=log_uniform(rng, 0.4, 4.0))
        return PackedField("enum", first, last, "mode", float(rng.integers(2**16)))
    if kind == "counter":
        return PackedField("counter", first, last, bound=log_uniform(rng, 2.0, 40.0))
    return PackedField("value", first, last, str(rng.choice(LIVELY_READINGS if rng.random() < 0.8 else READINGS)))


def packed_word(
    layout: tuple[PackedField, ...], nominal: Latents, latents: Latents, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Fill the fields; shape of ``time_s``, uint16."""
    word = np.zeros(len(time_s), np.int64)
    for field in layout:
        part = _FILLERS[field.kind](field, nominal, latents, time_s, rng)
        word |= (part & ((1 << field.width) - 1)) << field.first_bit
    return word.astype(np.uint16)


def label_of(layout: tuple[PackedField, ...]) -> ChannelLabel:
    """Truth about a packed word."""
    return ChannelLabel(
        ChannelType.COMPLEX_BITS,
        used_bits=sum(field.mask for field in layout),
        flag_bits=sum(field.mask for field in layout if field.kind == "flag"),
        fields=tuple((field.first_bit, field.last_bit, field.kind) for field in layout),
    )


def _flag(
    field: PackedField, nominal: Latents, latents: Latents, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    if not field.latent:  # a door, a link, a hand switch: a random telegraph with ``bound`` changes per second
        return (int(rng.integers(2)) + _steps(time_s, field.bound, rng)) % 2
    values = latents.at(field.latent, time_s)
    side = np.where(values > field.bound + field.band, 1, np.where(values < field.bound - field.band, 0, -1))
    # Within the dead band the flag keeps what it was.
    last = np.maximum.accumulate(np.where(side >= 0, np.arange(len(side)), 0))
    state = side[last]
    state = np.where(state < 0, (values[0] > field.bound).astype(np.int64), state)
    return np.asarray(1 - state if field.inverted else state)


def _enum(
    field: PackedField, nominal: Latents, latents: Latents, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    num_codes = 1 << field.width
    if not field.latent:
        return (int(rng.integers(num_codes)) + _steps(time_s, field.bound, rng)) % num_codes
    codes = np.random.default_rng(int(field.bound)).permutation(num_codes)[: len(MODES)]
    return np.asarray(codes[latents.held("mode", time_s).astype(np.int64)])


def _steps(time_s: np.ndarray, per_second: float, rng: np.random.Generator) -> np.ndarray:
    """How many random events have happened by each time; their number is Poisson."""
    events = np.cumsum(rng.exponential(1 / per_second, int(4 * per_second * (time_s[-1] + 2)) + 20))
    return np.searchsorted(events, time_s)


def _counter(
    field: PackedField, nominal: Latents, latents: Latents, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    return int(rng.integers(256)) + np.floor(time_s * field.bound).astype(np.int64)


def _value(
    field: PackedField, nominal: Latents, latents: Latents, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    low, high = usual_range(nominal, field.latent)
    full = (1 << field.width) - 1
    share = (latents.at(field.latent, time_s) - low) / (high - low)
    noise = rng.uniform(0.05, 0.6) * rng.standard_normal(len(time_s))
    return np.clip(np.round((0.06 + 0.88 * share) * full + noise), 0, full).astype(np.int64)


_FILLERS = {"flag": _flag, "enum": _enum, "counter": _counter, "value": _value}
