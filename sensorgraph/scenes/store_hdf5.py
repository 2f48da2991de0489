"""Scenes and recordings as HDF5, for tools that do not read zarr.

The file holds the same arrays under the same names as the zarr store, each with the attribute ``stream``; everything
else stands as JSON in the data set ``description``, because HDF5 attributes end at 64 KiB.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from sensorgraph.errors import FileFormatError, MissingDependencyError
from sensorgraph.scenes.atomic import atomic_file
from sensorgraph.scenes.scene import Recording, Scene
from sensorgraph.scenes.store_layout import from_parts, to_parts

_DESCRIPTION = "description"


def to_hdf5(path: str | Path, owner: Recording | Scene) -> None:
    """Write a scene or recording as one HDF5 file, or replace one, in one step.

    Args:
        path: the file, by custom ``*.h5``.

    Raises:
        MissingDependencyError: h5py is not installed.
        DataError: a stream's ``meta`` holds something that cannot be stored.
        OSError: the disk is full or the place is closed; an old file is as it was.

    Example:
        >>> import tempfile
        >>> from sensorgraph.scenes import Sensor
        >>> path = Path(tempfile.mkdtemp()) / "start.h5"
        >>> oil = Sensor("oil_temp", rate_hz=2.0, values=np.float32([60, 61, 63]))
        >>> to_hdf5(path, Recording("run 7", 1.5, (oil,)))
        >>> from_hdf5(path).stream("oil_temp").values
        array([60., 61., 63.], dtype=float32)
    """
    h5py = _h5py()
    parts = to_parts(owner)
    with atomic_file(path) as temporary, h5py.File(temporary, "w") as file:
        file.create_dataset(_DESCRIPTION, data=np.frombuffer(json.dumps(parts.document).encode(), np.uint8))
        for name, array in parts.arrays.items():
            packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True, "fletcher32": True}
            stored = file.create_dataset(name, data=array, **(packed if array.size else {}))
            if name in parts.stream_ids:
                stored.attrs["stream"] = parts.stream_ids[name]


def from_hdf5(path: str | Path) -> Recording | Scene:
    """What `to_hdf5` wrote, a scene or a recording.

    Raises:
        MissingDependencyError: h5py is not installed.
        FileFormatError: the file is missing, empty, truncated, foreign, incomplete, or of a newer schema version.
    """
    h5py = _h5py()
    if not Path(path).is_file():
        raise FileFormatError(f"{path}: {'is a folder; name the file' if Path(path).is_dir() else 'does not exist'}")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read as HDF5, copy it again (got {error})") from error
    with file:
        if _DESCRIPTION not in file:
            raise FileFormatError(
                f"{path}: an HDF5 file, but not written by sensorgraph; build a Recording from its data sets "
                f"(got {', '.join(list(file)[:10]) or 'no data sets'})"
            )

        def array_of(name: str) -> Any:
            if not isinstance(file.get(name), h5py.Dataset):
                raise FileFormatError(f"{path}: array '{name}' is missing; restore it from a copy")
            try:
                return file[name][()]
            except OSError as error:
                raise FileFormatError(
                    f"{path}: array '{name}' is damaged, restore it from a copy (got {error})"
                ) from error

        try:
            document = json.loads(array_of(_DESCRIPTION).tobytes())
        except (ValueError, AttributeError) as error:
            raise FileFormatError(f"{path}: not written by sensorgraph, or damaged (got {error})") from error
        kind = document.get("kind") if isinstance(document, dict) else None
        return from_parts(document, array_of, "scene" if kind == "scene" else "recording", str(path))


def _h5py() -> Any:
    try:
        return importlib.import_module("h5py")
    except Exception as error:  # a broken installation raises more than ImportError
        raise MissingDependencyError(
            f'HDF5: h5py cannot be imported; pip install "sensorgraph[hdf5]" (got {error})'
        ) from error
