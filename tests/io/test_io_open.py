"""Recordings are opened by what they hold."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io import READERS, open_recording, open_recordings
from sensorgraph.scenes import Recording, Scene, Sensor
from sensorgraph.scenes.check import problems_of
from sensorgraph.scenes.store import write_recording, write_scene
from sensorgraph.scenes.store_hdf5 import to_hdf5
from sensorgraph.testing.log_files import write_bus_mdf, write_ulog

_OIL = Sensor("oil", 2.0, np.float32([1, 2, 3]))
_RECORDING = Recording("r", 1.5, (_OIL,))


def _table(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("time,oil,anomaly\n0.0,1,0\n0.5,2,1\n1.0,3,0\n")
    return path


def _one_of_each(folder: Path) -> dict[str, Path]:
    """Names say nothing, so that only the content can."""
    paths = {
        kind: folder / f"{kind}.dat" for kind in ("zarr", "hdf5", "parquet", "npz", "text", "candump", "mdf4", "ulog")
    }
    write_recording(paths["zarr"], _RECORDING)
    to_hdf5(paths["hdf5"], _RECORDING)
    pd.DataFrame({"time": [0.0, 0.5, 1.0], "oil": [1.0, 2, 3]}).to_parquet(paths["parquet"])
    none = np.zeros(0, np.int64)
    truth = {"channel_type": [0], "pairs": none.reshape(0, 2), "overflow": none, "overflow_ptr": [0]}
    with paths["npz"].open("wb") as file:
        bits = {"used_bits": [65535], "flag_bits": [0]}
        np.savez(file, values=np.uint16([1, 2, 3]), ptr=[0, 3], rate_hz=[2.0], seconds=1.5, **truth, **bits)
    _table(paths["text"])
    paths["candump"].write_text("".join(f"({number / 2:f}) can0 123#{number + 1:02X}00\n" for number in range(3)))
    payloads = np.zeros((3, 8), np.uint8)
    payloads[:, 0] = [1, 2, 3]
    write_bus_mdf(paths["mdf4"], np.arange(3) / 2, np.full(3, 0x123), payloads, np.full(3, 2))
    samples = [struct.pack("<QH", 500_000 * number, number + 1) for number in range(3)]
    write_ulog(paths["ulog"], "pump", "uint64_t timestamp;uint16_t flow;", samples)
    return paths


def test_every_format_is_known_by_its_content(tmp_path: Path) -> None:
    paths = _one_of_each(tmp_path)
    assert set(paths) == set(READERS)
    for path in paths.values():
        recording = open_recording(path)
        assert recording.streams[0].values.tolist() == [1, 2, 3]
        assert recording.streams[0].rate_hz == 2.0
        assert recording.duration_s == 1.5


def test_options_reach_tables_and_nothing_else(tmp_path: Path) -> None:
    paths = _one_of_each(tmp_path)
    assert open_recording(paths["text"], label_columns=[]).stream("anomaly").num_samples == 3
    with pytest.raises(DataError, match=r"format 'zarr', which has no option 'label_columns'; it takes lazy"):
        open_recording(paths["zarr"], label_columns=[])


def test_what_is_no_recording_says_what_is(tmp_path: Path) -> None:
    write_scene(tmp_path / "s.zarr", Scene("s", "r", 0.0, 1.5, (_OIL,)))
    with pytest.raises(FileFormatError, match="holds no recording"):
        open_recording(tmp_path / "s.zarr")
    to_hdf5(tmp_path / "s.h5", Scene("s", "r", 0.0, 1.5, (_OIL,)))
    with pytest.raises(FileFormatError, match="holds a scene"):
        open_recording(tmp_path / "s.h5")
    with pytest.raises(FileFormatError, match="does not exist"):
        open_recording(tmp_path / "gone")
    with pytest.raises(FileFormatError, match=r"folder that is no zarr store; supported are .*CSV.*Parquet"):
        open_recording(tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(FileFormatError, match="is empty"):
        open_recording(tmp_path / "empty")
    (tmp_path / "x.mat").write_bytes(b"MATLAB 5.0\0\1\2")
    with pytest.raises(FileFormatError, match=r"of no known format; supported are .*HDF5.*MATLAB"):
        open_recording(tmp_path / "x.mat")
    np.savez(tmp_path / "other.npz", train=np.zeros(3))
    with pytest.raises(FileFormatError, match="read_train_test"):
        open_recording(tmp_path / "other.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "other.npz").read_bytes()[:50])
    with pytest.raises(FileFormatError, match=r"cannot be read as \.npz"):
        open_recording(tmp_path / "cut.npz")


@pytest.mark.parametrize(
    ("name", "promised"), [("pump.h5", "HDF5"), ("pump.PARQUET", "Parquet"), ("pump.mf4", "MDF 4")]
)
def test_a_text_under_the_name_of_another_format_is_a_slip(tmp_path: Path, name: str, promised: str) -> None:
    path = tmp_path / name
    path.write_text("this is no table\nof anything")
    with pytest.raises(
        FileFormatError, match=rf"is named like .*{promised} and does not begin like it; export it again"
    ):
        open_recording(path)


def test_an_interrupted_store_is_still_opened(tmp_path: Path) -> None:
    write_recording(tmp_path / "r.zarr", _RECORDING)
    (tmp_path / "r.zarr").rename(tmp_path / ".r.zarr.old")
    assert open_recording(tmp_path / "r.zarr").id == "r"


def test_a_pattern_names_tables_by_their_place_and_in_natural_order(tmp_path: Path) -> None:
    for name in ("valve2/0.csv", "valve1/10.csv", "valve1/2.csv"):
        _table(tmp_path / name)
    found = open_recordings(tmp_path / "**" / "*.csv", leave_out=["anomaly"])
    assert [recording.id for recording in found] == ["valve1-2", "valve1-10", "valve2-0"]
    assert [recording.id for recording in open_recordings([tmp_path / "valve2/0.csv"])] == ["0"]


def test_lists_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no file matches"):
        open_recordings(tmp_path / "*.csv")
    with pytest.raises(FileFormatError, match="at least one path"):
        open_recordings([])
    write_recording(tmp_path / "a.zarr", _RECORDING)
    shutil.copytree(tmp_path / "a.zarr", tmp_path / "b.zarr")
    with pytest.raises(DataError, match=r"must be unique.*got r twice"):
        open_recordings(tmp_path / "*.zarr")


def test_every_run_of_skab_is_usable_as_it_is(shared_data: Path) -> None:
    runs = open_recordings(shared_data / "anomaly" / "skab" / "*" / "*.csv")
    assert len(runs) == 35
    assert sum(len(run.streams) for run in runs) == 35 * 8
    for run in runs:
        assert problems_of(run) == []
        assert run.streams[0].rate_hz == 1.0
        kinds = [label.kind for label in run.labels.anomalies]
        assert kinds.count("anomaly") == (0 if run.id == "anomaly-free-anomaly-free" else 1)
    by_id = {run.id: run for run in runs}
    gap_s = np.diff(by_id["other-2"].streams[0].times()).max()
    assert gap_s == 247.0
