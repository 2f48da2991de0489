"""What is written is read back, and bad stores are named."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.scenes import (
    Anomaly,
    Audio,
    ChannelLabel,
    Image,
    Labels,
    Pair,
    Recording,
    Scene,
    Sensor,
    Text,
    Video,
    atomic,
    store_arrays,
)
from sensorgraph.scenes.store import is_store, read_recording, read_scene, write_recording, write_scene
from sensorgraph.typing import ChannelType


def same(one: Any, other: Any) -> bool:
    """Equal in type, dtype and every bit that can be seen."""
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one)
        )
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and one != one:
        return isinstance(other, float) and other != other
    return type(one) is type(other) and one == other


def example() -> Scene:
    """One stream of each kind, and every kind of label."""
    rng = np.random.default_rng(0)
    time_s = np.array([0.0, 0.11, 0.19, 1.5])
    streams = (
        Sensor("a/b é", 2000.0, rng.normal(size=4000).astype(np.float32), 0.25, meta={"unit": "bar", "raw": time_s}),
        Sensor("word", 10.0, np.uint16([1, 2, 65535, 0]), time_s=time_s, valid=np.array([1, 0, 1, 1], bool)),
        Sensor("gap", 1.0, np.float32([np.nan, -0.0])),
        Audio("mic", 16000.0, np.zeros(5, np.float32), meta={"range": (0, np.inf), 3: [None, b"x"]}),
        Image("eye", np.zeros((4, 2, 3, 1), np.uint8), time_s),
        Video("film", np.full((4, 2, 3, 3), 7, np.uint8), time_s),
        Text("log", ("", "pump ünder", "\udcff", "a\nb"), time_s),
        Text("silent", (), np.zeros(0)),
    )
    labels = Labels(
        channels={"word": ChannelLabel(ChannelType.COMPLEX_BITS, 0xFF, 3, ((0, 3, "counter"), (4, 4, "flag")))},
        pairs=(Pair("word", "gap", "f32", np.arange(100) / 7, -2),),
        anomalies=(Anomaly("leak", "system", 0.5, 1.0, ("word",), ("word", "mic"), 0.3, ("sensor", "audio")),),
        links=(("word", "mic"),),
    )
    return Scene("s", "r", 3.0, 2.0, streams, labels, (("word", "gap"),))


def as_recording(scene: Scene) -> Recording:
    return Recording(scene.recording_id, scene.duration_s, scene.streams, scene.labels, scene.topology)


def test_a_scene_comes_back_as_it_was(tmp_path: Path) -> None:
    write_scene(tmp_path / "s.zarr", example())
    assert same(read_scene(tmp_path / "s.zarr"), example())


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    write_recording(tmp_path / "r.zarr", as_recording(example()))
    assert same(read_recording(tmp_path / "r.zarr"), as_recording(example()))
    assert is_store(tmp_path / "r.zarr")
    assert not is_store(tmp_path)


_ids = st.text(st.characters(), min_size=1, max_size=8)
_numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)
_facts = st.recursive(
    st.none() | st.booleans() | st.integers() | _numbers | st.text(st.characters(), max_size=5) | st.binary(max_size=4),
    lambda item: st.lists(item, max_size=3) | st.tuples(item, item) | st.dictionaries(_ids, item, max_size=3),
    max_leaves=5,
)
_floats = stn.arrays(np.float32, st.integers(0, 30), elements=st.floats(width=32))
_words = stn.arrays(np.uint16, st.integers(0, 30))


@st.composite
def _sensors(draw: st.DrawFn) -> Sensor:
    values = draw(_floats | _words)
    time_s = stn.arrays(np.float64, len(values), elements=_numbers)
    return Sensor(
        id=draw(_ids),
        rate_hz=draw(_numbers),
        values=values,
        start_s=draw(_numbers),
        time_s=draw(st.none() | time_s),
        valid=draw(st.none() | stn.arrays(np.bool_, len(values))),
        meta=draw(st.dictionaries(_ids, _facts, max_size=3)),
    )


@st.composite
def _texts(draw: st.DrawFn) -> Text:
    lines = tuple(draw(st.lists(st.text(st.characters(), max_size=10), max_size=4)))
    return Text(draw(_ids), lines, np.arange(len(lines)) / 3.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(streams=st.lists(_sensors() | _texts(), max_size=3), name=_ids, duration_s=_numbers)
def test_whatever_is_written_is_read(tmp_path: Path, streams: list[Sensor], name: str, duration_s: float) -> None:
    recording = Recording(name, duration_s, tuple(streams))
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.zarr"  # replacing costs a removal each time
    write_recording(path, recording)
    assert same(read_recording(path), recording)


def test_a_large_stream_is_read_lazily_in_slices(tmp_path: Path) -> None:
    values = np.arange(3_000_000, dtype=np.float32)
    fast = Sensor("fast", 1000.0, values)
    write_recording(tmp_path / "r.zarr", Recording("r", 3000.0, (fast, Text("log", ("x",), np.array([2001.0])))))
    lazy = read_recording(tmp_path / "r.zarr", lazy=True)
    assert not isinstance(lazy.stream("fast").values, np.ndarray)
    assert lazy.stream("fast").num_samples == len(values)
    assert lazy.stream("fast").validity().all()
    scene = lazy.cut(2000.0, 2010.0)
    assert same(scene.stream("fast").values, values[2_000_000:2_010_000])


def test_a_damaged_chunk_is_found_when_its_slice_is_taken(tmp_path: Path) -> None:
    fast = Sensor("fast", 1000.0, np.arange(3_000_000, dtype=np.float32))
    write_recording(tmp_path / "r.zarr", Recording("r", 3000.0, (fast,)))
    (tmp_path / "r.zarr/values/0/c/2").write_bytes(b"")
    lazy = read_recording(tmp_path / "r.zarr", lazy=True)
    assert lazy.cut(0.0, 10.0).streams[0].num_samples == 10_000
    with pytest.raises(FileFormatError, match="'values/0' is damaged"):
        lazy.cut(2990.0, 3000.0)


def test_other_tools_see_one_array_per_stream_at_its_own_rate(tmp_path: Path) -> None:
    write_scene(tmp_path / "s.zarr", example())
    group = zarr.open_group(tmp_path / "s.zarr", mode="r")
    assert group.attrs["schema_version"] == 1
    assert group["values/0"].shape == (4000,)
    assert group["values/0"].attrs["stream"] == "a/b é"


@pytest.mark.parametrize("value", [object(), np.array(["text"]), np.array([None])])
def test_what_cannot_be_stored_is_named(tmp_path: Path, value: object) -> None:
    stream = Sensor("oil", 1.0, np.zeros(3, np.float32), meta={"deep": [value]})
    with pytest.raises(DataError, match=r"stream 'oil', 'deep'\[0\]: .*stored"):
        write_recording(tmp_path / "r.zarr", Recording("r", 3.0, (stream,)))
    assert not (tmp_path / "r.zarr").exists()


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def _full_later(*_: object) -> None:
    _full()


@pytest.mark.parametrize("small", [True, False])
def test_a_full_disk_leaves_the_old_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool) -> None:
    path = tmp_path / "s.zarr"
    write_scene(path, example())
    with monkeypatch.context() as patch:
        if small:
            patch.setattr(Path, "write_bytes", _full)
        else:
            patch.setattr(store_arrays, "_MOST_IN_MEMORY_BYTES", 0)
            patch.setattr(zarr.storage.LocalStore, "set", _full_later)
            patch.setattr(zarr.storage.LocalStore, "set_if_not_exists", _full_later)
        with pytest.raises(OSError, match="No space"):
            write_scene(path, dataclasses.replace(example(), id="new"))
    assert same(read_scene(path), example())
    assert [part.name for part in tmp_path.iterdir()] == ["s.zarr"]


def test_large_and_small_scenes_are_stored_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_scene(tmp_path / "small", example())
    monkeypatch.setattr(store_arrays, "_MOST_IN_MEMORY_BYTES", 0)
    write_scene(tmp_path / "large", example())
    assert same(read_scene(tmp_path / "large"), example())
    small, large = ({p.relative_to(root) for p in root.rglob("*")} for root in (tmp_path / "small", tmp_path / "large"))
    assert small == large


def test_a_running_event_loop_is_no_hindrance(tmp_path: Path) -> None:
    async def in_a_notebook() -> Scene:
        write_scene(tmp_path / "s.zarr", example())
        return read_scene(tmp_path / "s.zarr")

    assert same(asyncio.run(in_a_notebook()), example())


def test_a_kill_between_the_renames_leaves_the_old_scene_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.zarr"
    write_scene(path, example())
    path.rename(atomic._aside(path))
    assert is_store(path)
    assert same(read_scene(path), example())


def _stored(tmp_path: Path) -> Path:
    write_scene(tmp_path / "s.zarr", example())
    return tmp_path / "s.zarr"


def _with_attribute(path: Path, key: str, value: object) -> None:
    head = json.loads((path / "zarr.json").read_text())
    head["attributes"][key] = value
    (path / "zarr.json").write_text(json.dumps(head))


def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="does not exist"):
        read_scene(tmp_path / "nowhere.zarr")


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"not a zarr v3 store.*empty folder"):
        read_scene(tmp_path)


def test_a_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").touch()
    with pytest.raises(FileFormatError, match=r"without zarr\.json"):
        read_scene(tmp_path)


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(FileFormatError, match="is a file"):
        read_recording(tmp_path / "a.csv")


def test_a_foreign_zarr_group(tmp_path: Path) -> None:
    zarr.create_group(tmp_path / "z", attributes={"title": "somebody's"})
    with pytest.raises(FileFormatError, match="not written by sensorgraph"):
        read_scene(tmp_path / "z")


def test_a_foreign_zarr_array(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "z", data=np.zeros(3))
    with pytest.raises(FileFormatError, match=r"zarr\.json cannot be read"):
        read_scene(tmp_path / "z")


def test_a_truncated_head(tmp_path: Path) -> None:
    path = _stored(tmp_path)
    (path / "zarr.json").write_text((path / "zarr.json").read_text()[:200])
    with pytest.raises(FileFormatError, match=r"zarr\.json cannot be read"):
        read_scene(path)


def test_a_newer_schema(tmp_path: Path) -> None:
    path = _stored(tmp_path)
    _with_attribute(path, "schema_version", 2)
    with pytest.raises(FileFormatError, match=r"schema version 2.*reads up to 1; update"):
        read_scene(path)


@pytest.mark.parametrize("version", [None, 0, "1", 1.5])
def test_an_impossible_schema(tmp_path: Path, version: object) -> None:
    path = _stored(tmp_path)
    _with_attribute(path, "schema_version", version)
    with pytest.raises(FileFormatError, match="schema_version must be"):
        read_scene(path)


def test_a_scene_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="holds no recording"):
        read_recording(_stored(tmp_path))


@pytest.mark.parametrize("name", ["values/1", "time_s/1", "valid/1", "frames/4", "lines/6", "offsets/6", "labels/0"])
def test_a_missing_array(tmp_path: Path, name: str) -> None:
    path = _stored(tmp_path)
    shutil.rmtree(path / name)
    with pytest.raises(FileFormatError, match=f"array '{name}' is missing"):
        read_scene(path)


def test_a_missing_chunk_is_not_read_as_zeros(tmp_path: Path) -> None:
    path = _stored(tmp_path)
    (path / "values/1/c/0").unlink()
    with pytest.raises(FileFormatError, match="'values/1' lost 1 of 1 chunks"):
        read_scene(path)


@pytest.mark.parametrize("keep", [0, 9, -3])
def test_a_truncated_chunk(tmp_path: Path, keep: int) -> None:
    chunk = _stored(tmp_path) / "values/0/c/0"
    chunk.write_bytes(chunk.read_bytes()[:keep])
    with pytest.raises(FileFormatError, match="'values/0' is damaged"):
        read_scene(tmp_path / "s.zarr")


def test_a_flipped_bit(tmp_path: Path) -> None:
    chunk = _stored(tmp_path) / "values/0/c/0"
    data = bytearray(chunk.read_bytes())
    data[len(data) // 2] ^= 1
    chunk.write_bytes(data)
    with pytest.raises(FileFormatError, match="'values/0' is damaged"):
        read_scene(tmp_path / "s.zarr")


@pytest.mark.parametrize("key", ["streams", "labels", "duration_s"])
def test_a_missing_part_of_the_description(tmp_path: Path, key: str) -> None:
    path = _stored(tmp_path)
    _with_attribute(path, key, None)
    if key == "duration_s":
        head = json.loads((path / "zarr.json").read_text())
        del head["attributes"][key]
        (path / "zarr.json").write_text(json.dumps(head))
    with pytest.raises(FileFormatError, match="description is damaged"):
        read_scene(path)


def test_an_unknown_tag_is_of_a_newer_version(tmp_path: Path) -> None:
    path = _stored(tmp_path)
    _with_attribute(path, "id", {"$spline": 3})
    with pytest.raises(FileFormatError, match="unknown tag"):
        read_scene(path)


def test_an_unknown_modality(tmp_path: Path) -> None:
    path = _stored(tmp_path)
    _with_attribute(path, "streams", [{"id": "x", "modality": "radar"}])
    with pytest.raises(FileFormatError, match="unknown modality 'radar'"):
        read_scene(path)
