"""Known fields of known width, wherever their bits lie in the words, as labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from sensorgraph.scenes import ChannelLabel, Labels, Pair, Sensor
from sensorgraph.typing import ChannelType

Encoding = Literal["u32", "i32", "f32"]
FieldKind = Literal["flag", "enum", "value"]


@dataclass(frozen=True)
class PlacedField:
    """One field and where its bits lie.

    Attributes:
        name: what it is called.
        bits: ``(channel id, bit)`` of every bit that lies in a channel, the least significant first.
        encoding: how it is read, if it has 32 bits.
        kind: what it is.
    """

    name: str
    bits: tuple[tuple[str, int], ...]
    encoding: Encoding = "u32"
    kind: FieldKind = "value"


@dataclass(frozen=True)
class _Piece:
    """A run of one field's bits within one word, in rising significance."""

    channel: str
    first: int
    last: int
    kind: FieldKind


def labels_of_fields(fields: Sequence[PlacedField], sensors: Mapping[str, Sensor]) -> Labels:
    """What the channels are, given where their fields lie.

    Two channels are a *pair* if the low one holds 16 bits of a field and nothing else, and the high one the bits that
    follow, from its bit 0 on, and nothing else; a field of 64 bits makes two pairs. A word with one field of more than
    one bit is *one word*, everything else is *packed bits*. Channels without a field get no label: nothing is known.
    Two words that share a field without being a pair, since other fields lie there too, are linked.

    Args:
        fields: all that is known.
        sensors: the channels, for the times at which the high words change.

    Example:
        >>> sensors = {name: Sensor(name, 1.0, np.uint16([0, 1])) for name in ("hi", "lo")}
        >>> bits = [(name, bit) for name in ("lo", "hi") for bit in range(16)]
        >>> pair = labels_of_fields([PlacedField("position", tuple(bits))], sensors).pairs[0]
        >>> pair.msb, pair.lsb, pair.overflow_s.tolist()
        ('hi', 'lo', [1.0])
    """
    pieces_of = [_pieces(field) for field in fields]
    by_channel: dict[str, list[_Piece]] = {}
    for pieces in pieces_of:
        for piece in pieces:
            by_channel.setdefault(piece.channel, []).append(piece)
    pairs = []
    for field, pieces in zip(fields, pieces_of, strict=True):
        alone = [piece for piece in pieces if len(by_channel[piece.channel]) == 1]
        pairs += _pairs(field, alone, sensors)
    halves = {channel for pair in pairs for channel in (pair.msb, pair.lsb)}
    channels = {channel: _label(pieces, is_half=channel in halves) for channel, pieces in by_channel.items() if pieces}
    links = {
        (high.channel, low.channel): None
        for pieces in pieces_of
        for low, high in pairwise(pieces)
        if low.channel != high.channel and not {low.channel, high.channel} <= halves
    }
    return Labels(channels=channels, pairs=tuple(pairs), links=tuple(links))


def _pieces(field: PlacedField) -> list[_Piece]:
    pieces: list[_Piece] = []
    for channel, bit in field.bits:
        if pieces and pieces[-1].channel == channel and pieces[-1].last == bit - 1:
            pieces[-1] = _Piece(channel, pieces[-1].first, bit, field.kind)
        else:
            pieces.append(_Piece(channel, bit, bit, field.kind))
    return pieces


def _pairs(field: PlacedField, alone: list[_Piece], sensors: Mapping[str, Sensor]) -> list[Pair]:
    pairs: list[Pair] = []
    place = 0
    while place + 1 < len(alone):
        low, high = alone[place], alone[place + 1]
        if low.first == 0 and low.last == 15 and high.first == 0 and low.channel != high.channel:
            top = place + 2 == len(alone)
            encoding = field.encoding if top and len(field.bits) <= 32 else "u32"
            pairs.append(Pair(high.channel, low.channel, encoding, _changes_s(sensors[high.channel])))
            place += 1
        place += 1
    return pairs


def _changes_s(high: Sensor) -> np.ndarray:
    """When the high word changes. Floats of one sign are ordered as whole numbers are, and so carry as they do."""
    valid = high.validity()
    return high.times()[valid][1:][np.diff(high.values[valid].astype(np.int32)) != 0]


def _label(pieces: list[_Piece], is_half: bool) -> ChannelLabel:
    used = flags = 0
    for piece in pieces:
        mask = (1 << (piece.last + 1)) - (1 << piece.first)
        used |= mask
        flags |= mask if piece.kind == "flag" else 0
    if is_half:
        type = ChannelType.TWO_WORD
    else:
        type = ChannelType.ONE_WORD if len(pieces) == 1 and not flags else ChannelType.COMPLEX_BITS
    ordered = sorted(pieces, key=lambda piece: piece.first)
    return ChannelLabel(type, used, flags, tuple((piece.first, piece.last, piece.kind) for piece in ordered))
