"""Logs of a bus as recordings of 16-bit words."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from sensorgraph.errors import DataError, ReadWarning
from sensorgraph.io.can.byte_order import ByteOrderChoice
from sensorgraph.io.can.candump import read_candump_frames
from sensorgraph.io.can.dbc import messages_of, misfits, read_dbc
from sensorgraph.io.can.definitions import Message
from sensorgraph.io.can.frames import Frames
from sensorgraph.io.can.words import words_of_frames
from sensorgraph.io.placed_fields import labels_of_fields
from sensorgraph.scenes import Recording

_SINCE_1970_NS = 10**17
"""Clocks beyond 1973 are dates; clocks below count from the start of something."""


def read_candump(
    path: str | Path, *, id: str | None = None, dbc: str | Path | None = None, byte_order: ByteOrderChoice = "auto"
) -> Recording:
    """A text log of candump as channels of 16-bit words.

    Every frame id becomes one channel per two bytes, at the times at which its frames were sent; nothing is resampled.
    See `sensorgraph.io.can.words.words_of_frames` for odd, short and multiplexed frames, and
    `sensorgraph.io.can.candump.read_candump_frames` for what a log may look like.

    Args:
        path: the log.
        id: default: the file's name without its ending.
        dbc: description of the bus. The words stay as they are; what it says about them becomes their labels.
        byte_order: of the words. ``auto`` takes the order that the DBC gives the signals of a frame, else the one in
            which carries run from the low byte to the high one, else little-endian.

    Raises:
        FileFormatError: the log or the DBC is missing or foreign.
        DataError: the DBC describes nothing in the log, or the clock was set back.
        MissingDependencyError: a DBC is given and `cantools` is not installed.

    Warns:
        ReadWarning: lines or frames had to be left out.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "car.log"
        >>> _ = path.write_text("(9.500000) can0 1A0#010203\\n(10.000000) can0 1A0#020203\\n")
        >>> [(word.id, word.values.tolist(), word.rate_hz) for word in read_candump(path).streams]
        [('1A0.b0-1', [513, 514], 2.0), ('1A0.b2', [3, 3], 2.0)]
    """
    frames = read_candump_frames(path)
    return recording_of(frames, str(path), Path(path).stem if id is None else id, dbc, byte_order)


def recording_of(frames: Frames, place: str, id: str, dbc: str | Path | None, byte_order: ByteOrderChoice) -> Recording:
    """The recording of frames of any log; arguments as `read_candump` has them.

    Raises:
        DataError, FileFormatError, MissingDependencyError: as `read_candump` does.
    """
    if byte_order not in get_args(ByteOrderChoice):
        raise DataError(f"{place}: byte_order must be auto, little or big (got {byte_order!r})")
    frames = frames.in_time(place)
    notes = list(frames.notes)
    messages: Mapping[int, Message] = {}
    if dbc is not None:
        messages = messages_of(frames, read_dbc(dbc), place, dbc)
        notes += misfits(frames, messages, dbc)
    start_ns = int(frames.time_ns[0])
    last_s = (int(frames.time_ns[-1]) - start_ns) / 1e9
    words = words_of_frames(frames, start_ns, max(last_s, 1e-3), messages, byte_order)
    if not words.sensors:
        raise DataError(f"{place}: no frame holds a byte; there are no words to read (got {len(frames.length)} frames)")
    sensors = tuple(replace(word, meta={**word.meta, "clock_start": _name_of(start_ns)}) for word in words.sensors)
    if notes:
        warnings.warn(f"{place}: {'; '.join(notes)}", ReadWarning, stacklevel=3)
    # A cut ends before its end: one step of the fastest channel keeps the last frame in.
    duration_s = last_s + 1 / max(word.rate_hz for word in sensors)
    labels = labels_of_fields(words.fields, {word.id: word for word in sensors})
    return Recording(id, duration_s, sensors, labels)


def _name_of(start_ns: int) -> str | float:
    if start_ns < _SINCE_1970_NS:
        return start_ns / 1e9
    return datetime.fromtimestamp(start_ns / 1e9, UTC).isoformat(timespec="milliseconds")
