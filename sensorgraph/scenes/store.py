"""Scenes and recordings on disk: one zarr v3 group each, one array per stream at its native rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zarr

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes.atomic import atomic_folder, settled_folder
from sensorgraph.scenes.scene import Recording, Scene
from sensorgraph.scenes.store_array import StoredArray
from sensorgraph.scenes.store_arrays import read_arrays, write_arrays
from sensorgraph.scenes.store_layout import Parts, check_document, from_parts, names_of_arrays, to_parts


def write_recording(path: str | Path, recording: Recording) -> None:
    """Write a recording, or replace one, in one step; see `write_scene`."""
    _write(Path(path), to_parts(recording))


def read_recording(path: str | Path, lazy: bool = False) -> Recording:
    """The recording that `write_recording` wrote.

    Args:
        path: the zarr folder.
        lazy: leave samples and frames on disk until ``Recording.cut`` takes them; for recordings larger than memory.
            Time stamps and validity are read at once.

    Raises:
        FileFormatError: the path is missing, empty, foreign, incomplete, damaged, holds a scene, or was written with a
            newer schema version.
    """
    recording = _read(Path(path), "recording", lazy)
    assert isinstance(recording, Recording)
    return recording


def write_scene(path: str | Path, scene: Scene) -> None:
    """Write a scene, or replace one, in one step: a kill or a full disk leaves the old one.

    Args:
        path: the zarr folder to make, by custom ``*.zarr``.

    Raises:
        DataError: a stream's ``meta`` holds something that cannot be stored.
        OSError: the disk is full or the place is closed.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from sensorgraph.scenes import Sensor
        >>> path = Path(tempfile.mkdtemp()) / "start.zarr"
        >>> oil = Sensor("oil_temp", rate_hz=2.0, values=np.float32([60, 61, 63]), meta={"unit": "degC"})
        >>> write_scene(path, Scene("start", "run 7", start_s=0.0, duration_s=1.5, streams=(oil,)))
        >>> read_scene(path).stream("oil_temp").values
        array([60., 61., 63.], dtype=float32)
    """
    _write(Path(path), to_parts(scene))


def read_scene(path: str | Path) -> Scene:
    """The scene that `write_scene` wrote.

    Raises:
        FileFormatError: as for `read_recording`.
    """
    scene = _read(Path(path), "scene", lazy=False)
    assert isinstance(scene, Scene)
    return scene


def is_store(path: str | Path) -> bool:
    """Whether there is a zarr folder at ``path`` (also one whose replacement was interrupted)."""
    return (settled_folder(path) / "zarr.json").is_file()


def stored_kind(path: str | Path) -> str:
    """What a store holds, ``"scene"`` or ``"recording"``, for callers who take either.

    Raises:
        FileFormatError: the path is missing, or no store of sensorgraph.
    """
    document = dict(_open(Path(path)).attrs)
    kind = document.get("kind")
    check_document(document, kind if kind in ("scene", "recording") else "recording", str(path))
    return str(kind)


def _write(path: Path, parts: Parts) -> None:
    with atomic_folder(path) as folder:
        stream_of = {name: {"stream": stream_id} for name, stream_id in parts.stream_ids.items()}
        write_arrays(folder, parts.document, parts.arrays, stream_of)


def _read(path: Path, kind: str, lazy: bool) -> Recording | Scene:
    group = _open(path)
    document = dict(group.attrs)
    check_document(document, kind, str(path))
    names = names_of_arrays(document)
    on_disk = {name for name in names if lazy and name.startswith(("values/", "frames/"))}
    arrays: dict[str, Any] = dict(read_arrays(settled_folder(path), set(names) - on_disk, str(path)))
    arrays |= {name: _left_on_disk(group, name, path) for name in on_disk}
    return from_parts(document, arrays.__getitem__, kind, str(path))


def _open(path: Path) -> zarr.Group:
    folder = settled_folder(path)
    if not folder.exists():
        raise FileFormatError(f"{path}: does not exist; check the path")
    if not folder.is_dir():
        raise FileFormatError(f"{path}: is a file, and stores are zarr folders; use sensorgraph.io.open_recording")
    if not (folder / "zarr.json").is_file():
        found = "an empty folder" if not any(folder.iterdir()) else "a folder without zarr.json"
        raise FileFormatError(f"{path}: not a zarr v3 store; check the path (got {found})")
    try:
        return zarr.open_group(folder, mode="r", zarr_format=3, use_consolidated=False)
    except Exception as error:  # zarr raises what its JSON or schema trips over
        raise FileFormatError(f"{path}: zarr.json cannot be read, restore it from a copy (got {error})") from error


def _left_on_disk(group: zarr.Group, name: str, path: Path) -> StoredArray:
    stored = group.get(name)
    if not isinstance(stored, zarr.Array):
        raise FileFormatError(f"{path}: array '{name}' is missing; restore it from a copy")
    return StoredArray(stored, f"{path}: array '{name}'")
