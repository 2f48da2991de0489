"""Text logs of candump (can-utils): frames of CAN and CAN FD, as they stand in the file."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sensorgraph.errors import FileFormatError
from sensorgraph.io.can.frames import EXTENDED, Frames

_STAMP = rb"[ \t]*(?:\((?P<time>[^)]*)\)[ \t]+)?(?P<bus>[^\s(#]\S*)[ \t]+(?:[RT]X[ \t]+\S+[ \t]+\S+[ \t]+)?"
_ID = rb"(?P<id>[0-9A-Fa-f]{8}|[0-9A-Fa-f]{3})"
_COMPACT = re.compile(
    _STAMP + _ID + rb"#(?:#[0-9A-Fa-f])?(?P<data>(?:[0-9A-Fa-f]{2})*|R[0-9A-Fa-f]?)(?:_[9A-Fa-f])?(?:[ \t]+[A-Z]+)*\s*"
)
_SPACED = re.compile(
    _STAMP + _ID + rb"[ \t]+[\[{](?P<num>\d+)[\]}](?P<data>(?:[ \t]+[0-9A-Fa-f]{2})*|[ \t]+remote request)"
    rb"(?:[ \t]+'.*'|[ \t]+ERRORFRAME)?\s*"
)
_SECONDS = re.compile(rb"\s*(\d+)\.(\d{1,9})\s*")
_ERROR_FRAME = 0x20000000

WITHOUT_TIME_STEP_NS = 1_000_000


@dataclass
class _Gathered:
    """What has been read so far, without an object per frame."""

    time_ns: array[int] = field(default_factory=lambda: array("q"))
    bus: array[int] = field(default_factory=lambda: array("H"))
    frame_id: array[int] = field(default_factory=lambda: array("q"))
    length: array[int] = field(default_factory=lambda: array("B"))
    data: bytearray = field(default_factory=bytearray)
    buses: dict[bytes, int] = field(default_factory=dict)
    longest: dict[tuple[bytes, int], int] = field(default_factory=dict)
    garbage: list[int] = field(default_factory=list)
    num_remote: int = 0
    num_errors: int = 0
    num_untimed: int = 0
    cut_line: int | None = None


def is_candump(first: bytes) -> bool:
    """Whether the beginning of a file holds a line of candump.

    Example:
        >>> is_candump(b"(1436509052.249713) can0 123#DEADBEEF\\n"), is_candump(b"time,flow\\n0.0,31.5\\n")
        (True, False)
    """
    return any(_match(line) is not None for line in first.splitlines())


def read_candump_frames(path: str | Path) -> Frames:
    """The data frames of a log that ``candump -l``, ``-L`` or plain ``candump`` has written.

    Both forms are understood, ``(1436509052.249713) can0 123#DEADBEEF`` (``##`` and a digit of flags for CAN FD) and
    ``can0  123   [4]  DE AD BE EF``, with time stamps in seconds or as dates, or with none. Without time stamps the
    frames are put 1 ms apart, which is noted. Remote frames and error frames hold no words and are counted; so are
    lines that cannot be read. A last line that breaks off is left out.

    Raises:
        FileFormatError: the file is missing, or not one line of it can be read.
    """
    gathered = _Gathered()
    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, start=1):
                _take_line(gathered, number, line)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise FileFormatError(f"{path}: cannot be read as a candump log; check the path (got {error})") from error
    if not gathered.time_ns:
        raise FileFormatError(
            f"{path}: holds no data frame of candump; expected lines such as '(1436509052.249713) can0 123#DEADBEEF' "
            f"(got {len(gathered.garbage)} lines that cannot be read)"
        )
    length = np.frombuffer(gathered.length, np.uint8).astype(np.int64)
    return Frames(
        time_ns=np.array(gathered.time_ns, np.int64),
        bus=np.frombuffer(gathered.bus, np.uint16).astype(np.int64),
        frame_id=np.array(gathered.frame_id, np.int64),
        length=length,
        data=rows_of_bytes(np.frombuffer(bytes(gathered.data), np.uint8), length),
        buses=tuple(name.decode(errors="replace") for name in gathered.buses),
        notes=tuple(_notes(gathered)),
    )


def rows_of_bytes(flat: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Payloads one after the other as rows, padded with 0.

    Shapes: ``flat`` [sum of ``length``] uint8, ``length`` [F]; returns [F, longest] uint8.

    Example:
        >>> rows_of_bytes(np.uint8([1, 2, 3]), np.array([2, 0, 1])).tolist()
        [[1, 2], [0, 0], [3, 0]]
    """
    rows = np.zeros((len(length), int(length.max(initial=0))), np.uint8)
    rows[np.arange(rows.shape[1]) < length[:, None]] = flat
    return rows


def _match(line: bytes) -> re.Match[bytes] | None:
    found = _COMPACT.fullmatch(line) or _SPACED.fullmatch(line)
    if found is not None and "num" in found.re.groupindex and not found["data"].strip().startswith(b"remote"):
        return found if int(found["num"]) == len(found["data"].split()) else None
    return found


def _take_line(gathered: _Gathered, number: int, line: bytes) -> None:
    found = _match(line)
    is_whole = line.endswith(b"\n")
    if found is None:
        if not is_whole:
            gathered.cut_line = number
        elif line.strip() and not line.lstrip().startswith(b"#"):
            gathered.garbage.append(number)
        return
    time_ns = _time_of(found["time"])
    if found["time"] is not None and time_ns is None:
        gathered.garbage.append(number)
        return
    if b"R" in found["data"] or found["data"].strip().startswith(b"remote"):
        gathered.num_remote += 1
        return
    frame_id = int(found["id"], 16)
    if len(found["id"]) == 8:
        if frame_id & _ERROR_FRAME:
            gathered.num_errors += 1
            return
        frame_id = (frame_id & 0x1FFFFFFF) + EXTENDED
    payload = bytes.fromhex(found["data"].decode())
    key = (found["bus"], frame_id)
    longest = gathered.longest.get(key, 0)
    if not is_whole and len(payload) < longest:
        # It reads well, but the frames of this id are longer: the file ends within the payload.
        gathered.cut_line = number
        return
    gathered.longest[key] = max(longest, len(payload))
    if time_ns is None:
        gathered.num_untimed += 1
        time_ns = len(gathered.time_ns) * WITHOUT_TIME_STEP_NS
    gathered.time_ns.append(time_ns)
    gathered.bus.append(gathered.buses.setdefault(found["bus"], len(gathered.buses)))
    gathered.frame_id.append(frame_id)
    gathered.length.append(len(payload))
    gathered.data += payload


def _time_of(stamp: bytes | None) -> int | None:
    """Nanoseconds, counted exactly: seconds since 1970 with microseconds are too fine for a float."""
    if stamp is None:
        return None
    seconds = _SECONDS.fullmatch(stamp)
    if seconds is not None:
        return int(seconds[1]) * 1_000_000_000 + int(seconds[2].ljust(9, b"0"))
    try:
        date = datetime.fromisoformat(stamp.decode("ascii").strip())
    except ValueError:
        return None  # counted as a line that cannot be read
    whole = date.replace(microsecond=0, tzinfo=date.tzinfo or UTC)
    return int(whole.timestamp()) * 1_000_000_000 + date.microsecond * 1000


def _notes(gathered: _Gathered) -> list[str]:
    notes = []
    if gathered.cut_line is not None:
        notes.append(f"it breaks off in line {gathered.cut_line}, which is left out")
    if gathered.garbage:
        lines = ", ".join(map(str, gathered.garbage[:5])) + (", ..." if len(gathered.garbage) > 5 else "")
        notes.append(f"{len(gathered.garbage)} lines cannot be read and are left out (lines {lines})")
    if gathered.num_untimed:
        notes.append(
            f"{gathered.num_untimed} frames have no time stamp and are put 1 ms apart; log with candump -L or -t a"
        )
    if gathered.num_remote:
        notes.append(f"{gathered.num_remote} remote frames hold no data")
    if gathered.num_errors:
        notes.append(f"{gathered.num_errors} error frames are left out")
    return notes
