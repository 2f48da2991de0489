"""Channels of words in a recording of any format."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes import Recording, Sensor

_SHOWN = 5


@dataclass(frozen=True)
class WordStreams:
    """The channels of words, and a note on what was left out."""

    sensors: tuple[Sensor, ...]
    notes: tuple[str, ...]


def word_streams(recording: Recording) -> WordStreams:
    """The raw words of a recording; numbers of a table count as words if they are whole and have 16 bits.

    Whole numbers below 0 are taken for signed words and become what the machine sent.

    Raises:
        DataError: it holds no words.

    Example:
        >>> table = Recording("r", 1.0, (Sensor("a", 2.0, np.float32([-1, 3])), Sensor("b", 2.0, np.float32([0.5, 1]))))
        >>> found = word_streams(table)
        >>> found.sensors[0].values.tolist(), found.notes
        ([65535, 3], ('1 streams hold no 16-bit words and are left out: b',))
    """
    words: list[Sensor] = []
    others: list[str] = []
    for stream in recording.streams:
        word = _as_words(stream) if isinstance(stream, Sensor) else None
        if word is None:
            others.append(stream.id)
        else:
            words.append(word)
    if not words:
        raise DataError(
            f"recording '{recording.id}': holds no 16-bit words; give a log of raw data, not of physical values "
            f"(got {', '.join(others[:_SHOWN])})"
        )
    if not others:
        return WordStreams(tuple(words), ())
    names = ", ".join(others[:_SHOWN]) + (", ..." if len(others) > _SHOWN else "")
    return WordStreams(tuple(words), (f"{len(others)} streams hold no 16-bit words and are left out: {names}",))


def _as_words(sensor: Sensor) -> Sensor | None:
    if sensor.is_word:
        return sensor
    there = np.isfinite(sensor.values)
    value = np.where(there, sensor.values, 0).astype(np.float64)
    fits = (value == np.round(value)) & (value >= -0x8000) & (value <= (0x7FFF if (value < 0).any() else 0xFFFF))
    if not there.any() or not fits.all():
        return None
    words = (value.astype(np.int64) & 0xFFFF).astype(np.uint16)
    return replace(sensor, values=words, valid=None if there.all() else there)
