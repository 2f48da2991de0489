"""DBC files: what a bus's owner says about its frames, as the definitions of this room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io.can.definitions import ByteBit, Message, Signal
from sensorgraph.io.can.frames import EXTENDED, Frames, name_of_id
from sensorgraph.io.extras import import_extra
from sensorgraph.io.placed_fields import Encoding, FieldKind

FEW = 10
"""A description of fewer than one in this many frame ids fits a few of them by chance, if it is of another bus."""


def read_dbc(path: str | Path) -> dict[int, Message]:
    """Frame id to message, for every message of a DBC file.

    Overlapping signals and other slips that tools forgive are forgiven here too.

    Raises:
        FileFormatError: the file is missing, or no DBC.
        MissingDependencyError: `cantools` is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"{path}: {'is a folder; name the DBC file' if path.is_dir() else 'does not exist'}")
    database = import_extra("cantools.database", "can", f"{path}: reading a DBC file")
    try:
        # Vector writes DBC files in the Windows code page, and so does who copies it.
        text = path.read_bytes().decode("cp1252", errors="replace")
        found = database.load_string(text, database_format="dbc", strict=False)
    except Exception as error:  # its parsers raise many kinds
        raise FileFormatError(f"{path}: cannot be read as DBC; check that it is one (got {error})") from error
    return {message.frame_id: message for message in map(_message, found.messages)}


def messages_of(frames: Frames, described: Mapping[int, Message], place: str, dbc: str | Path) -> dict[int, Message]:
    """What is known of the frames of a log, by their ids.

    An id that the description does not hold is looked for among its SAE J1939 messages by parameter group: there the
    sender and the priority are part of the id and say nothing of what lies in the frame.

    Args:
        frames: of the log.
        described: as `read_dbc` gives it.
        place: the log, for the message.
        dbc: the description, for the message.

    Raises:
        DataError: not one frame of the log is described.
    """
    groups = {parameter_group(frame_id): message for frame_id, message in described.items() if message.is_j1939}
    logged = {int(frame_id) for frame_id in np.unique(frames.frame_id)}
    found = {}
    for frame_id in sorted(logged):
        message = described.get(frame_id)
        if message is None and frame_id >= EXTENDED:
            message = groups.get(parameter_group(frame_id))
        if message is not None:
            found[frame_id] = message
    if not found:
        raise DataError(
            f"{place}: {dbc} describes none of its frames; give the DBC of this bus, or none "
            f"(got ids {_list(logged)} in the log, {_list(set(described))} in the DBC)"
        )
    return found


def parameter_group(frame_id: int) -> int:
    """The parameter group of a J1939 id; addressed groups have the receiver where others have their last byte.

    Example:
        >>> hex(parameter_group(EXTENDED + 0x18FEF1_00)), hex(parameter_group(EXTENDED + 0x0CEF17_21))
        ('0xfef1', '0xef00')
    """
    group = frame_id >> 8 & 0x3FFFF
    return group if group >> 8 & 0xFF >= 240 else group & 0x3FF00


def misfits(frames: Frames, messages: Mapping[int, Message], dbc: str | Path) -> list[str]:
    """What of the frames the messages do not fit, one sentence each."""
    notes = []
    num_logged = len(np.unique(frames.frame_id))
    if FEW * len(messages) < num_logged:
        notes.append(f"{dbc} describes {len(messages)} of the {num_logged} frame ids; is it the DBC of this bus?")
    for frame_id, message in messages.items():
        longest = int(frames.length[frames.frame_id == frame_id].max())
        beyond = [signal.name for signal in message.signals if any(byte >= longest for byte, _ in signal.bits)]
        if beyond:
            notes.append(
                f"frames {name_of_id(frame_id)} hold {longest} bytes where {dbc} says {message.num_bytes}: "
                f"{', '.join(beyond[:5])} {'is' if len(beyond) == 1 else 'are'} not there in full"
            )
    return notes


def signal_bits(start: int, length: int, little_endian: bool) -> tuple[ByteBit, ...]:
    """Where the bits of a signal lie, the least significant first.

    Bits are numbered as in DBC files, 8 times the byte plus the bit. A little-endian signal starts at its least
    significant bit and goes up; a big-endian one starts at its most significant bit, goes down within the byte, and on
    at bit 7 of the next.

    Example:
        >>> signal_bits(4, 8, little_endian=True)[3:5]
        ((0, 7), (1, 0))
        >>> signal_bits(3, 8, little_endian=False)[-4:]
        ((0, 0), (0, 1), (0, 2), (0, 3))
    """
    if little_endian:
        return tuple(divmod(place, 8) for place in range(start, start + length))
    first = 8 * (start // 8) + 7 - start % 8
    falling = range(first + length - 1, first - 1, -1)
    return tuple((place // 8, 7 - place % 8) for place in falling)


def _message(found: Any) -> Message:
    signals = tuple(_signal(signal) for signal in found.signals)
    frame_id = found.frame_id + (EXTENDED if found.is_extended_frame else 0)
    return Message(frame_id, found.name, found.length, signals, found.protocol == "j1939")


def _signal(found: Any) -> Signal:
    bits = signal_bits(found.start, found.length, found.byte_order == "little_endian")
    encoding: Encoding = "f32" if found.is_float else "i32" if found.is_signed else "u32"
    kind: FieldKind = "flag" if found.length == 1 else "enum" if found.choices and found.length < 16 else "value"
    ids = frozenset(found.multiplexer_ids or ())
    return Signal(found.name, bits, encoding, kind, found.multiplexer_signal if ids else None, ids)


def _list(ids: set[int]) -> str:
    shown = [name_of_id(frame_id) for frame_id in sorted(ids)]
    return ", ".join(shown[:12]) + (f", ... ({len(shown)} in all)" if len(shown) > 12 else "")
