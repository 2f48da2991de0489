"""ASAM MDF 4 files: frames of logged buses, else the raw integers of measured channels."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io.can.byte_order import ByteOrderChoice
from sensorgraph.io.can.frames import EXTENDED, Frames
from sensorgraph.io.can.mdf4_blocks import MdfContent, whole_blocks
from sensorgraph.io.can.recording import recording_of
from sensorgraph.io.extras import import_extra
from sensorgraph.scenes import Recording

MDF_STARTS = (b"MDF     ", b"UnFinMF ")
_DATA = "CAN_DataFrame"
_WITHOUT_WORDS = ("CAN_ErrorFrame", "CAN_RemoteFrame", "LIN_Frame", "FLX_Frame", "ETH_Frame")


def read_mdf4(
    path: str | Path, *, id: str | None = None, dbc: str | Path | None = None, byte_order: ByteOrderChoice = "auto"
) -> Recording:
    """A bus log in ASAM MDF 4 (CANedge, Vector, ...) as channels of 16-bit words.

    The groups of frames are read raw, each with its own time stamps; nothing is resampled. Everything else is as in
    `read_candump`. Error frames, remote frames and frames of other buses than CAN are counted, not read.

    Args:
        path: the ``.mf4`` file.
        id: default: the file's name without its ending.
        dbc: description of the bus; becomes labels.
        byte_order: of the words.

    Raises:
        FileFormatError: the file is missing, foreign, holds no frames of a CAN bus, or breaks off too early.
        DataError: the DBC describes nothing in the log, or the clock was set back.
        MissingDependencyError: `asammdf` (or, with a DBC, `cantools`) is not installed.

    Warns:
        ReadWarning: the file breaks off, or frames had to be left out.

    Example:
        >>> import asammdf, tempfile
        >>> layout = [("ID", "u4"), ("DataLength", "u1"), ("DataBytes", "u1", 8)]
        >>> frames = np.zeros(2, [(f"CAN_DataFrame.{name}", *kind) for name, *kind in layout])
        >>> frames["CAN_DataFrame.ID"], frames["CAN_DataFrame.DataLength"] = 0x1A0, 2
        >>> path = Path(tempfile.mkdtemp()) / "drive.mf4"
        >>> with asammdf.MDF() as file:
        ...     _ = file.append([asammdf.Signal(frames, np.array([0.0, 0.5]), name="CAN_DataFrame")])
        ...     _ = file.save(path)
        >>> [(word.id, word.rate_hz) for word in read_mdf4(path).streams]
        [('1A0.b0-1', 2.0)]
    """
    frames = read_mdf4_frames(path)
    return recording_of(frames, str(path), Path(path).stem if id is None else id, dbc, byte_order)


def read_mdf4_frames(path: str | Path) -> Frames:
    """The CAN frames of all groups, in order of time; a bus is called ``can1`` and so on.

    Raises:
        FileFormatError, MissingDependencyError: as `read_mdf4` does.
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"{path}: {'is a folder; name the file' if path.is_dir() else 'does not exist'}")
    file = whole_blocks(path.read_bytes(), path)
    with _opened(path, file) as mdf:
        start_ns = _start_ns(mdf.header.start_time)
        parts, skipped, num_lost, num_signals = [], [], 0, 0
        for number, group in enumerate(mdf.groups):
            names = {channel.name for channel in group.channels}
            num_frames = int(group.channel_group.cycles_nr)
            if num_frames and f"{_DATA}.DataBytes" in names:
                found = _frames(mdf, number, names, start_ns, path, file)
                kept = found if file.note is None else _without_torn(found)
                num_lost += len(found.length) - len(kept.length)
                parts.append(kept)
            elif num_frames:
                known = [f"{num_frames} records of {name} are left out" for name in _WITHOUT_WORDS if name in names]
                skipped += known
                num_signals += not known
    if num_signals:
        skipped.append(f"{num_signals} groups of measured signals are left out")
    if not sum(len(part.length) for part in parts):
        raise FileFormatError(
            f"{path}: holds no frames of a CAN bus (no group with {_DATA}.DataBytes); export measured signals to "
            "Parquet and read that"
        )
    torn = [] if file.note is None else [f"{file.note}; {num_lost} frames are not there in full and left out"]
    return _together(parts, (*torn, *skipped))


@contextlib.contextmanager
def _opened(path: Path, file: MdfContent) -> Iterator[Any]:
    asammdf = import_extra("asammdf", "mdf", f"{path}: reading an MDF file")
    try:
        mdf = asammdf.MDF(io.BytesIO(file.content))
    except Exception as error:  # it raises many kinds
        raise _unreadable(path, file, error) from error
    try:
        yield mdf
    finally:
        mdf.close()


def _unreadable(path: Path, file: MdfContent, error: Exception) -> FileFormatError:
    torn = "" if file.note is None else f", for {file.note}"
    return FileFormatError(f"{path}: cannot be read as MDF{torn}; copy it again (got {error})")


def _frames(mdf: Any, group: int, names: set[str], start_ns: int, path: Path, file: MdfContent) -> Frames:
    def column(name: str) -> np.ndarray:
        try:
            found = mdf.get(f"{_DATA}.{name}", group=group, raw=True, ignore_invalidation_bits=True)
        except Exception as error:  # it raises many kinds
            raise _unreadable(path, file, error) from error
        return np.asarray(found.samples)

    time_s = np.asarray(mdf.get_master(group), np.float64)
    data = column("DataBytes")
    if data.dtype != np.uint8 or data.ndim != 2:
        raise DataError(f"MDF group {group}: payloads must be rows of bytes (got {data.dtype}, {data.shape})")
    frame_id = column("ID").astype(np.int64)
    extended = column("IDE").astype(bool) if f"{_DATA}.IDE" in names else frame_id > 0x7FF
    length = column("DataLength").astype(np.int64) if f"{_DATA}.DataLength" in names else np.full(len(data), 8)
    length = np.minimum(length, data.shape[1])
    data = np.where(np.arange(data.shape[1]) < length[:, None], data, 0).astype(np.uint8)
    bus = column("BusChannel").astype(np.int64) if f"{_DATA}.BusChannel" in names else np.ones(len(data), np.int64)
    return Frames(
        start_ns + np.round(time_s * 1e9).astype(np.int64),
        bus,
        (frame_id & 0x1FFFFFFF) + extended * EXTENDED,
        length,
        data,
        (),
    )


def _without_torn(frames: Frames) -> Frames:
    """The frames that are surely whole: what is missing of a torn file was filled up with 0.

    The last frame with anything in its payload may be half a frame. Whole frames of zeros at the very end go, too.
    """
    filled = np.flatnonzero(frames.data.any(axis=1))
    return frames.take(np.arange(filled[-1] if len(filled) else 0))


def _together(parts: list[Frames], notes: tuple[str, ...]) -> Frames:
    width = max(part.data.shape[1] for part in parts)
    data = np.concatenate([np.pad(part.data, ((0, 0), (0, width - part.data.shape[1]))) for part in parts])
    time_ns = np.concatenate([part.time_ns for part in parts])
    numbers, bus = np.unique(np.concatenate([part.bus for part in parts]), return_inverse=True)
    frames = Frames(
        time_ns,
        bus,
        np.concatenate([part.frame_id for part in parts]),
        np.concatenate([part.length for part in parts]),
        data,
        tuple(f"can{number}" for number in numbers.tolist()),
        notes,
    )
    # Groups stand one after the other in the file, each on the same clock.
    return frames.take(np.argsort(time_ns, kind="stable")) if len(parts) > 1 else frames


def _start_ns(start: datetime) -> int:
    whole = start.replace(microsecond=0)
    return int(whole.timestamp()) * 1_000_000_000 + start.microsecond * 1000
