"""Scenes and recordings on disk: one zarr v3 group each, one array per stream at its native rate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import ZstdCodec

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes.atomic import atomic_folder, settled_folder
from sensorgraph.scenes.scene import Recording, Scene
from sensorgraph.scenes.store_array import StoredArray
from sensorgraph.scenes.store_layout import Parts, from_parts, to_parts

_CHUNK_BYTES = 2**22


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


def _write(path: Path, parts: Parts) -> None:
    with atomic_folder(path) as folder:
        group = zarr.create_group(folder, zarr_format=3, attributes=parts.document)
        for name, array in parts.arrays.items():
            stored = group.create_array(
                name,
                shape=array.shape,
                dtype=array.dtype,
                chunks=_chunks(array),
                filters=None,
                # The checksum makes a flipped byte an error instead of a measurement.
                compressors=ZstdCodec(level=1, checksum=True),
                attributes={"stream": parts.stream_ids[name]} if name in parts.stream_ids else {},
                # A chunk that was left out as "all zero" could not be told from one that got lost.
                config={"write_empty_chunks": True},
            )
            stored[...] = array


def _chunks(array: np.ndarray) -> tuple[int, ...]:
    if array.ndim == 0:
        return ()
    row_bytes = max(array.nbytes // max(len(array), 1), 1)
    rows = min(max(_CHUNK_BYTES // row_bytes, 1), max(len(array), 1))
    return (rows, *(max(length, 1) for length in array.shape[1:]))


def _read(path: Path, kind: str, lazy: bool) -> Recording | Scene:
    group = _open(path)
    return from_parts(dict(group.attrs), _reader(group, path, lazy), kind, str(path))


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


def _reader(group: zarr.Group, path: Path, lazy: bool) -> Callable[[str], Any]:
    def array_of(name: str) -> Any:
        try:
            stored = group[name]
        except KeyError:
            raise FileFormatError(f"{path}: array '{name}' is missing; restore it from a copy") from None
        except Exception as error:
            raise FileFormatError(f"{path}: array '{name}' cannot be opened (got {error})") from error
        if not isinstance(stored, zarr.Array):
            raise FileFormatError(f"{path}: '{name}' must be an array; restore it from a copy (got a group)")
        samples = StoredArray(stored, f"{path}: array '{name}'")
        return samples if lazy and name.startswith(("values/", "frames/")) else samples[...]

    return array_of
