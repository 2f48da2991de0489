"""ULog files of PX4 flight controllers as recordings of 16-bit words."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sensorgraph.errors import FileFormatError, ReadWarning
from sensorgraph.io.extras import import_extra
from sensorgraph.io.placed_fields import labels_of_fields
from sensorgraph.io.sample_times import rising_s
from sensorgraph.io.typed_words import Column, TypedWords, words_of_columns
from sensorgraph.scenes import Recording

ULOG_START = b"ULog\x01\x12\x35"
_HEADER_BYTES = 16


def read_ulog(path: str | Path, *, id: str | None = None) -> Recording:
    """A PX4 flight log as channels of 16-bit words, with the truth that its own definitions give.

    Every field of every topic becomes words at the time stamps of its topic, as `words_of_columns` describes; fields of
    32 and 64 bits are split, and the labels say which words belong together. ``timestamp`` is the clock and no channel;
    paddings are left out. A second instance of a topic is called ``TOPIC.1`` and so on.

    Args:
        path: the ``.ulg`` file.
        id: default: the file's name without its ending.

    Raises:
        FileFormatError: the file is missing, foreign, or holds no data.
        MissingDependencyError: `pyulog` is not installed.

    Warns:
        ReadWarning: the file breaks off, is damaged, or holds samples that the logger wrote out of order.

    Example:
        >>> import tempfile
        >>> def message(kind: bytes, payload: bytes) -> bytes:
        ...     return struct.pack("<Hc", len(payload), kind) + payload
        >>> content = ULOG_START + bytes(9) + message(b"F", b"pump:uint64_t timestamp;uint32_t count;")
        >>> content += message(b"A", struct.pack("<BH", 0, 7) + b"pump")
        >>> for number in range(3):
        ...     content += message(b"D", struct.pack("<HQI", 7, 500_000 * number, 65535 + number))
        >>> path = Path(tempfile.mkdtemp()) / "flight.ulg"
        >>> _ = path.write_bytes(content)
        >>> flight = read_ulog(path)
        >>> [(word.id, word.values.tolist()) for word in flight.streams]
        [('pump.count.w0', [65535, 0, 1]), ('pump.count.w1', [0, 1, 1])]
        >>> [(pair.msb, pair.lsb, pair.overflow_s.tolist()) for pair in flight.labels.pairs]
        [('pump.count.w1', 'pump.count.w0', [0.5])]
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"{path}: {'is a folder; name the file' if path.is_dir() else 'does not exist'}")
    content = path.read_bytes()
    if not content.startswith(ULOG_START) or len(content) < _HEADER_BYTES:
        raise FileFormatError(f"{path}: no ULog file, or only its first bytes (got {content[:8]!r})")
    log = _parsed(path, content)
    notes = _torn(content)
    if log.file_corruption:
        notes.append("it is damaged; what could not be parsed is left out")
    if log.dropouts:
        lost_s = sum(dropout.duration for dropout in log.dropouts) / 1000
        notes.append(f"the logger itself lost data {len(log.dropouts)} times, {lost_s:g} s in all")
    topics = [topic for topic in log.data_list if len(topic.data["timestamp"])]
    if not topics:
        raise FileFormatError(f"{path}: holds no sample of any topic; there are no words to read")
    # Counted in whole microseconds, which a float cannot hold for long.
    start_us = min(int(topic.data["timestamp"].min()) for topic in topics)
    end_us = max(int(topic.data["timestamp"].max()) for topic in topics)
    duration_s = max((end_us - start_us) / 1e6, 1e-3)
    read = [_topic(topic, start_us, duration_s) for topic in topics]
    num_late = sum(topic.num_late for topic in read)
    if num_late:
        notes.append(f"{num_late} samples were logged out of order and are sorted by their time stamps")
    if notes:
        warnings.warn(f"{path}: {'; '.join(notes)}", ReadWarning, stacklevel=2)
    sensors = tuple(sensor for topic in read for sensor in topic.words.sensors)
    fields = [field for topic in read for field in topic.words.fields]
    # A cut ends before its end: one step of the fastest channel keeps the last sample in.
    duration_s += 1 / max(sensor.rate_hz for sensor in sensors)
    labels = labels_of_fields(fields, {sensor.id: sensor for sensor in sensors})
    return Recording(path.stem if id is None else id, duration_s, sensors, labels)


@dataclass(frozen=True)
class _Topic:
    words: TypedWords
    num_late: int


def _parsed(path: Path, content: bytes) -> Any:
    ulog = import_extra("pyulog", "ulog", f"{path}: reading a ULog file")
    try:
        # It prints what it also tells by its flag of corruption; standard output is for results.
        with contextlib.redirect_stdout(io.StringIO()):
            return ulog.ULog(io.BytesIO(content))
    except Exception as error:  # its parser raises many kinds on files that end in their definitions
        raise FileFormatError(f"{path}: cannot be read as ULog, copy it again (got {error})") from error


def _topic(topic: Any, start_us: int, duration_s: float) -> _Topic:
    name = topic.name if topic.multi_id == 0 else f"{topic.name}.{topic.multi_id}"
    time_us = topic.data["timestamp"].astype(np.int64)
    order = np.argsort(time_us, kind="stable")
    columns = [
        Column(field.field_name, _as_logged(topic.data[field.field_name][order], field.type_str))
        for field in topic.field_data
        if field.field_name != "timestamp" and "_padding" not in field.field_name
    ]
    time_s = rising_s(time_us[order] * 1000, start_us * 1000)
    words = words_of_columns(name, columns, time_s, duration_s, {"topic": topic.name})
    return _Topic(words, int((np.diff(time_us) < 0).sum()))


def _as_logged(values: np.ndarray, type: str) -> np.ndarray:
    """The library hands out true/false as signed bytes."""
    return values.astype(np.bool_) if type == "bool" else values


def _torn(content: bytes) -> list[str]:
    """Where the file breaks off, if it does: its messages are walked from length to length."""
    place = _HEADER_BYTES
    while place < len(content):
        if place + 3 > len(content):
            break
        end = place + 3 + struct.unpack_from("<H", content, place)[0]
        if end > len(content):
            break
        place = end
    else:
        return []
    return [f"it breaks off within the message that begins at byte {place} of {len(content)}, which is left out"]
