"""HDF5 out and in, and files that are not what they should be."""

from __future__ import annotations

import dataclasses
import errno
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorgraph.errors import FileFormatError, MissingDependencyError
from sensorgraph.scenes import Anomaly, Audio, ChannelLabel, Image, Labels, Pair, Recording, Scene, Sensor, Text, atomic
from sensorgraph.scenes.store_hdf5 import from_hdf5, to_hdf5
from sensorgraph.typing import ChannelType

h5py = pytest.importorskip("h5py")

_TIME_S = np.array([0.0, 0.11, 0.19, 1.5])
_SCENE = Scene(
    "s",
    "r",
    3.0,
    2.0,
    (
        Sensor("a/b é", 2000.0, np.arange(4000, dtype=np.float32), 0.25, meta={"raw": _TIME_S, "range": (0, np.inf)}),
        Sensor("word", 2.0, np.uint16([1, 2, 65535, 0]), time_s=_TIME_S, valid=np.array([1, 0, 1, 1], bool)),
        Audio("mic", 16000.0, np.zeros(5, np.float32)),
        Image("eye", np.zeros((4, 2, 3, 1), np.uint8), _TIME_S),
        Text("log", ("", "pump ünder", "\udcff", "a\nb"), _TIME_S),
        Text("silent", (), np.zeros(0)),
    ),
    Labels(
        {"word": ChannelLabel(ChannelType.COMPLEX_BITS, 0xFF, 3, ((0, 3, "counter"),))},
        (Pair("word", "low", "f32", np.arange(100) / 7, -2),),
        (Anomaly("leak", "system", 0.5, 1.0, ("word",)),),
        (("word", "mic"),),
    ),
)


def _same(one: Any, other: Any) -> bool:
    if dataclasses.is_dataclass(one):
        return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return type(other) is tuple and len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


@pytest.fixture
def path(tmp_path: Path) -> Path:
    to_hdf5(tmp_path / "s.h5", _SCENE)
    return tmp_path / "s.h5"


def test_a_scene_comes_back_as_it_was(path: Path) -> None:
    assert _same(from_hdf5(path), _SCENE)
    assert isinstance(from_hdf5(path), Scene)


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    recording = Recording("r", 2.0, _SCENE.streams, _SCENE.labels, (("word", "mic"),))
    to_hdf5(tmp_path / "r.h5", recording)
    assert isinstance(from_hdf5(tmp_path / "r.h5"), Recording)
    assert _same(from_hdf5(tmp_path / "r.h5"), recording)


def test_other_tools_see_the_arrays(path: Path) -> None:
    with h5py.File(path) as file:
        assert file["values/0"].shape == (4000,)
        assert file["values/0"].attrs["stream"] == "a/b é"


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        to_hdf5(path, dataclasses.replace(_SCENE, id="new"))
    assert from_hdf5(path).id == "s"
    assert [part.name for part in path.parent.iterdir()] == ["s.h5"]


def test_without_h5py_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError, match=r'pip install "sensorgraph\[hdf5\]"'):
        from_hdf5(path)
    with pytest.raises(MissingDependencyError, match="h5py"):
        to_hdf5(path, _SCENE)


def test_missing_empty_and_truncated_files(path: Path) -> None:
    with pytest.raises(FileFormatError, match="does not exist"):
        from_hdf5(path.with_name("gone.h5"))
    with pytest.raises(FileFormatError, match="is a folder"):
        from_hdf5(path.parent)
    data = path.read_bytes()
    for part in (b"", data[:100], data[:-100]):
        path.write_bytes(part)
        with pytest.raises(FileFormatError, match="cannot be read as HDF5"):
            from_hdf5(path)


def test_a_foreign_file(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["temperature"] = np.arange(3)
    with pytest.raises(FileFormatError, match=r"not written by sensorgraph.*got temperature"):
        from_hdf5(path)


@pytest.mark.parametrize("description", ["not json", "[]", "{}", "null"])
def test_a_foreign_description(path: Path, description: str) -> None:
    with h5py.File(path, "w") as file:
        file["description"] = np.frombuffer(description.encode(), np.uint8)
    with pytest.raises(FileFormatError, match="not written by sensorgraph"):
        from_hdf5(path)


def test_a_missing_array(path: Path) -> None:
    with h5py.File(path, "a") as file:
        del file["values/1"]
    with pytest.raises(FileFormatError, match="array 'values/1' is missing"):
        from_hdf5(path)


def test_a_damaged_array(path: Path) -> None:
    with h5py.File(path) as file:
        chunk = file["values/0"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + 20] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="array 'values/0' is damaged"):
        from_hdf5(path)


def test_a_newer_schema(path: Path) -> None:
    with h5py.File(path, "a") as file:
        document = json.loads(file["description"][()].tobytes())
        del file["description"]
        file["description"] = np.frombuffer(json.dumps(document | {"schema_version": 9}).encode(), np.uint8)
    with pytest.raises(FileFormatError, match=r"schema version 9.*update"):
        from_hdf5(path)
