"""Columns of numbers of known width as the 16-bit words that a telemetry system would send them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sensorgraph.io.placed_fields import Encoding, PlacedField
from sensorgraph.io.sample_times import rate_hz_of
from sensorgraph.scenes import Sensor


@dataclass(frozen=True)
class Column:
    """One field of a record that is logged again and again.

    Attributes:
        name: of the field.
        values: [T] integers, floats or bool, as they stand in the file.
    """

    name: str
    values: np.ndarray


@dataclass(frozen=True)
class TypedWords:
    """Channels, and where in them the fields lie."""

    sensors: tuple[Sensor, ...]
    fields: tuple[PlacedField, ...]


def words_of_columns(
    record: str, columns: Sequence[Column], time_s: np.ndarray, duration_s: float, meta: Mapping[str, Any]
) -> TypedWords:
    """The words of one kind of record, all at the times of its samples.

    - A number of 16 bits is one word, ``RECORD.FIELD``.
    - One of 32 or 64 bits, whole or float, is two or four words, ``RECORD.FIELD.w0`` the least significant.
    - Numbers of 8 bits that follow each other share words as they do in memory: two to a word, the first in the low
      byte, ``RECORD.FIRST+SECOND``. A true/false takes a byte, too; only its bit 0 is used.

    Args:
        record: its name.
        columns: its fields, in their order.
        time_s: [T], rising (s).
        duration_s: of the recording.
        meta: facts for every channel.

    Example:
        >>> columns = [Column("count", np.uint32([65535, 65536])), Column("on", np.array([False, True]))]
        >>> words = words_of_columns("pump", columns, np.array([0.0, 0.5]), 1.0, {})
        >>> [(word.id, word.values.tolist()) for word in words.sensors]
        [('pump.count.w0', [65535, 0]), ('pump.count.w1', [0, 1]), ('pump.on', [0, 1])]
    """
    rate_hz = rate_hz_of(time_s, duration_s)
    sensors: list[Sensor] = []
    fields: list[PlacedField] = []
    waiting: list[Column] = []

    def add(name: str, values: np.ndarray) -> str:
        sensors.append(Sensor(f"{record}.{name}", rate_hz, values, time_s=time_s, meta=dict(meta)))
        return sensors[-1].id

    def pack() -> None:
        for first in range(0, len(waiting), 2):
            shared = waiting[first : first + 2]
            octets = [np.ascontiguousarray(column.values).view(np.uint8).astype(np.uint16) for column in shared]
            word = octets[0] if len(octets) == 1 else octets[0] + octets[1] * np.uint16(256)
            channel = add("+".join(column.name for column in shared), word)
            for place, column in enumerate(shared):
                is_flag = column.values.dtype == np.bool_
                bits = tuple((channel, 8 * place + bit) for bit in range(1 if is_flag else 8))
                fields.append(PlacedField(column.name, bits, kind="flag" if is_flag else "value"))
        waiting.clear()

    for column in columns:
        num_words = column.values.dtype.itemsize // 2
        if num_words == 0:
            waiting.append(column)
            continue
        pack()
        little = np.ascontiguousarray(column.values).astype(column.values.dtype.newbyteorder("<"))
        words = little.view("<u2").reshape(len(little), num_words)
        names = [column.name] if num_words == 1 else [f"{column.name}.w{place}" for place in range(num_words)]
        channels = [add(name, words[:, place].astype(np.uint16)) for place, name in enumerate(names)]
        bits = tuple((channel, bit) for channel in channels for bit in range(16))
        fields.append(PlacedField(column.name, bits, _encoding(column.values)))
    pack()
    return TypedWords(tuple(sensors), tuple(fields))


def _encoding(values: np.ndarray) -> Encoding:
    return "f32" if values.dtype.kind == "f" else "i32" if values.dtype.kind == "i" else "u32"
