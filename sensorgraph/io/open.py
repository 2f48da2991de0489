"""Open a recording whatever its format: the content decides, not the name."""

from __future__ import annotations

import glob
import inspect
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io.can.candump import is_candump
from sensorgraph.io.can.mdf4 import MDF_STARTS, read_mdf4
from sensorgraph.io.can.recording import read_candump
from sensorgraph.io.npz import is_words, read_words
from sensorgraph.io.table import read_table
from sensorgraph.io.ulog import ULOG_START, read_ulog
from sensorgraph.scenes import Recording
from sensorgraph.scenes.store import is_store, read_recording
from sensorgraph.scenes.store_hdf5 import from_hdf5

SUPPORTED = (
    "zarr folders and HDF5 files of sensorgraph, CSV and other text tables, Parquet, .npz archives of words, "
    "candump logs, ASAM MDF 4, PX4 ULog"
)

_FIRST_BYTES = {
    b"\x89HDF\r\n\x1a\n": "hdf5",
    b"PAR1": "parquet",
    b"PK\x03\x04": "npz",
    ULOG_START: "ulog",
    **dict.fromkeys(MDF_STARTS, "mdf4"),
}

_BY_SUFFIX = {
    ".h5": "HDF5",
    ".hdf5": "HDF5",
    ".parquet": "Parquet",
    ".npz": "an archive of numpy",
    ".mf4": "ASAM MDF 4",
    ".mdf": "ASAM MDF 4",
    ".ulg": "PX4 ULog",
}
"""What a name promises. The content decides, but a text under such a name is a slip, and no table."""


def open_recording(path: str | Path, **options: Any) -> Recording:
    """The recording in a file or folder.

    Args:
        path: what to open.
        options: of the reader of its format in `READERS`, e.g. ``time_column`` for a table, ``dbc`` for a bus.

    Raises:
        FileFormatError: the path is missing, empty, or of no supported format.
        DataError: the content is impossible, or the reader of this format has no such option.
        MissingDependencyError: the format needs a package that is not installed; the message names the extra.

    Warns:
        ReadWarning: parts of a log had to be left out, such as its torn end.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "pump.txt"
        >>> _ = path.write_text("time\\tflow\\n0.0\\t31.5\\n0.5\\t30.5\\n")
        >>> open_recording(path).stream("flow").rate_hz
        2.0
    """
    kind = _kind_of(Path(path))
    known = options_of(kind)
    unknown = [name for name in options if name not in known]
    if unknown:
        takes = f"it takes {', '.join(known)}" if known else "it takes none"
        raise DataError(f"{path}: of format '{kind}', which has no option {', '.join(map(repr, unknown))}; {takes}")
    return READERS[kind](path, **options)


def options_of(kind: str) -> tuple[str, ...]:
    """The options of a reader.

    Example:
        >>> options_of("candump")
        ('id', 'dbc', 'byte_order')
    """
    return tuple(list(inspect.signature(READERS[kind]).parameters)[1:])


def kind_of(path: str | Path) -> str:
    """The format of a file or folder, a key of `READERS`.

    Raises:
        FileFormatError: as `open_recording` does.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "drive.txt"
        >>> _ = path.write_text("(9.500000) can0 1A0#010203\\n")
        >>> kind_of(path)
        'candump'
    """
    return _kind_of(Path(path))


def is_table(path: str | Path) -> bool:
    """Whether a file is read as a table, so that options of `read_table` apply to it.

    Raises:
        FileFormatError: as `open_recording` does.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "pump.csv"
        >>> _ = path.write_text("time,flow\\n0.0,31.5\\n")
        >>> is_table(path)
        True
    """
    return kind_of(path) in ("text", "parquet")


def open_recordings(paths: str | Path | Sequence[str | Path], **table_options: Any) -> list[Recording]:
    """Every recording that a pattern or a list names, in natural order (``2.csv`` before ``10.csv``).

    A table is called by its path below the folder that all have in common, so that ``valve1/0.csv`` and
    ``valve2/0.csv`` stay apart: ``valve1-0`` and ``valve2-0``. Stores keep the ids that they hold.

    Args:
        paths: paths, or a pattern such as ``data/**/*.csv``.
        table_options: of `read_table`, for all of them.

    Raises:
        FileFormatError: nothing matches, or a file cannot be read.
        DataError: two recordings have the same id.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for number in (10, 2):
        ...     _ = (folder / f"{number}.csv").write_text("time,flow\\n0.0,31.5\\n0.5,30.5\\n")
        >>> [recording.id for recording in open_recordings(str(folder / "*.csv"))]
        ['2', '10']
    """
    if isinstance(paths, str | Path):
        found = sorted(glob.glob(str(paths), recursive=True), key=_natural)
        if not found:
            raise FileFormatError(f"{paths}: no file matches; check the pattern")
    else:
        found = [str(path) for path in paths]
        if not found:
            raise FileFormatError("open_recordings: at least one path is needed (got an empty list)")
    common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in found])
    recordings = []
    for path in found:
        options = dict(table_options)
        if is_table(path):
            below = Path(os.path.relpath(os.path.abspath(path), common)).with_suffix("")
            options = {"id": "-".join(below.parts), **options}
        recordings.append(open_recording(path, **options))
    twice = [name for name, count in Counter(recording.id for recording in recordings).items() if count > 1]
    if twice:
        raise DataError(
            f"{paths}: ids of recordings must be unique; rename or leave out (got {', '.join(twice)} twice)"
        )
    return recordings


def _read_hdf5(path: str | Path) -> Recording:
    found = from_hdf5(path)
    if not isinstance(found, Recording):
        raise FileFormatError(f"{path}: holds a scene, not a recording; read it with from_hdf5")
    return found


READERS: dict[str, Callable[..., Recording]] = {
    "zarr": read_recording,
    "hdf5": _read_hdf5,
    "parquet": read_table,
    "npz": read_words,
    "candump": read_candump,
    "mdf4": read_mdf4,
    "ulog": read_ulog,
    "text": read_table,
}


def _kind_of(path: Path) -> str:
    if is_store(path):
        return "zarr"
    if path.is_dir():
        raise FileFormatError(f"{path}: a folder that is no zarr store; supported are {SUPPORTED}")
    if not path.is_file():
        raise FileFormatError(f"{path}: does not exist; check the path")
    with path.open("rb") as file:
        first = file.read(4096)
    if not first:
        raise FileFormatError(f"{path}: is empty; check how it was copied or exported")
    kind = next((kind for mark, kind in _FIRST_BYTES.items() if first.startswith(mark)), "text")
    promised = _BY_SUFFIX.get(path.suffix.lower())
    if kind == "text" and promised is not None:
        raise FileFormatError(
            f"{path}: is named like {promised} and does not begin like it; export it again, or rename a text table "
            f"to .csv (got {first[:8]!r} at its start)"
        )
    if kind == "text" and is_candump(first):
        return "candump"
    if first.lstrip().startswith((b"VERSION ", b"BO_ ", b"NS_ ")):
        raise FileFormatError(f"{path}: a DBC file describes logs and is none; name a log, and this file as its dbc")
    if kind == "npz" and not is_words(path):
        raise FileFormatError(
            f"{path}: an archive of other arrays than words; read train, test and label with read_train_test, "
            "or build a Recording"
        )
    if kind == "text" and b"\0" in first:
        raise FileFormatError(f"{path}: of no known format; supported are {SUPPORTED} (got {first[:8]!r} at its start)")
    return kind


def _natural(path: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path)]
