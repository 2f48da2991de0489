"""A folder of somebody's own files as scenes with classes.

An example is all files of one name: ``0001.png`` and ``0001.txt`` are one scene, ``0001.left.png`` and
``0001.right.png`` are two cameras of it. What stands between the first and the last point is the name of the stream.
Classes are the folders that the files lie in, or the column ``label`` of a ``labels.csv`` whose column ``name`` names
the examples.

| file | becomes |
|---|---|
| ``.png``, ``.jpg``, ... | a picture |
| ``.wav`` | sound |
| ``.txt`` | text |
| a folder of pictures, ``.npy``, ``.npz`` with ``frames`` | a film |
| ``.csv``, ``.tsv``, ``.parquet`` | sensors, read by `sensorgraph.io.read_table` |
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sensorgraph.errors import DataError, FileFormatError, ReadWarning
from sensorgraph.io.media import natural, read_media, reader_of
from sensorgraph.io.table import read_table
from sensorgraph.scenes import Example, Scene, Sensor, Stream

LABELS = "labels.csv"
_TABLES = (".csv", ".tsv", ".parquet")
_LATE_S = 1e-6


@dataclass(frozen=True)
class NamedExample:
    """An example and what its folder says beside its class.

    Attributes:
        example: scene and class.
        group: examples of one group belong together (one patient, one machine) and must not be split.
        split: the split that the folder asks for; None where it does not.
    """

    example: Example
    group: str
    split: str | None = None


@dataclass(frozen=True)
class _Entry:
    name: str
    files: list[Path]
    label: str | None
    group: str
    split: str | None


def read_examples(folder: str | Path, duration_s: float) -> list[NamedExample]:
    """All examples of a folder, in natural order of their names.

    Args:
        folder: of files, see the module.
        duration_s: length of a scene (s); what is shorter leaves the rest empty.

    Raises:
        FileFormatError: the folder is not there, holds no example, or a file cannot be read.
        DataError: a stream is longer than the scene, a file is of no known kind, or ``labels.csv`` names what is not
            there or lacks what is.

    Warns:
        ReadWarning: texts are empty; their scenes have no text.

    Example:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp())
        >>> for kind, line in (("fault", "pump is hot"), ("good", "all is well")):
        ...     (place / kind).mkdir()
        ...     _ = (place / kind / "1.txt").write_text(line)
        >>> [(found.example.scene.id, found.example.label) for found in read_examples(place, 1.0)]
        [('fault/1', 'fault'), ('good/1', 'good')]
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileFormatError(f"{folder}: no such folder; give one that holds your files (from {Path.cwd()})")
    labels = folder / LABELS
    entries = list(_by_table(folder, labels) if labels.is_file() else _by_folder(folder))
    if not entries:
        raise FileFormatError(
            f"{folder}: holds no example; put the files of each class into a folder of its name, or add {LABELS}"
        )
    empty: list[Path] = []
    out = []
    for entry in entries:
        streams = [stream for file in entry.files for stream in _streams(file, entry.name, duration_s, empty)]
        if not streams:
            held = ", ".join(file.name for file in entry.files)
            raise DataError(f"{folder}: example '{entry.name}' has nothing to look at; leave it out (got {held})")
        scene = Scene(entry.name, entry.name, 0.0, duration_s, tuple(streams))
        out.append(NamedExample(Example(scene, entry.label), entry.group, entry.split))
    if empty:
        warnings.warn(
            f"{folder}: {len(empty)} texts are empty, first {empty[0].name}; their scenes have no text", ReadWarning, 2
        )
    return out


def _by_folder(folder: Path) -> Iterator[_Entry]:
    kinds = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: natural(path.name))
    stray = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if kinds and stray:
        raise DataError(
            f"{folder}: files beside the folders of classes; sort them in, or add {LABELS} (got {stray[:3]})"
        )
    if stray:  # no folders: examples of which nobody has said what they are
        yield from (_Entry(name, files, None, name, None) for name, files in _gathered(folder).items())
        return
    for kind in kinds:
        for name, files in _gathered(kind).items():
            yield _Entry(f"{kind.name}/{name}", files, kind.name, f"{kind.name}/{name}", None)


def _by_table(folder: Path, labels: Path) -> Iterator[_Entry]:
    try:
        table = pd.read_csv(labels, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise FileFormatError(f"{labels}: cannot be read as CSV; save it as UTF-8 text (got {error})") from error
    missing = [column for column in ("name", "label") if column not in table]
    if missing:
        raise DataError(f"{labels}: needs the columns name and label; add them (got {', '.join(table.columns)})")
    there = _gathered(folder)
    twice = sorted(table["name"][table["name"].duplicated()])
    unknown = [name for name in table["name"] if name not in there]
    unnamed = [name for name in there if name not in set(table["name"])]
    if twice:
        raise DataError(
            f"{labels}: every example may stand in one line only; remove the others (got {twice[:3]} twice)"
        )
    if unknown:
        raise DataError(f"{labels}: no file has this name; correct it, or remove its line (got {unknown[:3]})")
    if unnamed:
        raise DataError(
            f"{labels}: lacks examples of its folder; add a line for each, or remove them (got {unnamed[:3]})"
        )
    for row in table.to_dict("records"):
        name = row["name"]
        yield _Entry(name, there[name], row["label"] or None, row.get("group") or name, row.get("split") or None)


def _gathered(folder: Path) -> dict[str, list[Path]]:
    """Files and folders by the name of their example, what stands before the first point."""
    out: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir(), key=lambda path: natural(path.name)):
        if path.name != LABELS and not path.name.startswith("."):
            out.setdefault(path.name.split(".")[0], []).append(path)
    return out


def _streams(file: Path, name: str, duration_s: float, empty: list[Path]) -> list[Stream]:
    parts = file.name.split(".")
    given = ".".join(parts[1:] if file.is_dir() else parts[1:-1])
    found: list[Stream]
    if file.is_file() and file.suffix.lower() in _TABLES:
        streams = read_table(file, id=name).streams
        found = [_renamed(stream, given) for stream in streams if isinstance(stream, Sensor)]
    elif reader_of(file) is None:
        raise DataError(f"{file}: of no known kind; pictures, .wav, .txt, films and tables are (got '{file.suffix}')")
    else:
        stream = read_media(file, given, duration_s)
        if stream is None:
            empty.append(file)
        found = [] if stream is None else [stream if given else replace(stream, id=stream.modality)]
    for stream in found:
        end_s = float(stream.times()[-1])
        if end_s > duration_s + _LATE_S:
            raise DataError(
                f"{file}: goes on to {end_s:.6g} s, and a scene is shorter; cut the file, or raise graph.duration_s "
                f"(got {duration_s:g})"
            )
    return found


def _renamed(sensor: Sensor, given: str) -> Sensor:
    return replace(sensor, id=f"{given}.{sensor.id}") if given else sensor
