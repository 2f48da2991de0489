"""Bus logs in MDF 4: groups are read raw, at their own times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.errors import DataError, FileFormatError, ReadWarning
from sensorgraph.io import open_recording, read_mdf4
from sensorgraph.scenes import Sensor
from sensorgraph.scenes.check import problems_of
from sensorgraph.testing.log_files import write_bus_mdf


def _payloads(*rows: bytes) -> np.ndarray:
    return np.stack([np.frombuffer(row.ljust(8, b"\0"), np.uint8) for row in rows])


def test_frames_of_several_buses_and_lengths(tmp_path: Path) -> None:
    path = tmp_path / "drive.mf4"
    payloads = _payloads(b"\x01\x02\x03", b"\x04\x05\x06", b"\x07\x08", b"\x09\x0a")
    write_bus_mdf(
        path,
        np.array([0.5, 0.6, 0.75, 0.8]),
        np.array([0x123, 0x123, 0x123, 0x18FEF100]),
        payloads,
        np.array([3, 3, 2, 2]),
        bus=np.array([1, 1, 2, 1]),
        extended=np.array([0, 0, 0, 1]),
    )
    recording = read_mdf4(path, byte_order="big")
    assert problems_of(recording) == []
    found = {stream.id: stream.values.tolist() for stream in recording.streams if isinstance(stream, Sensor)}
    assert found == {
        "can1.123.b0-1": [0x0102, 0x0405],
        "can1.123.b2": [3, 6],
        "can1.18FEF100.b0-1": [0x090A],
        "can2.123.b0-1": [0x0708],
    }
    assert np.allclose(recording.stream("can1.123.b2").times(), [0.0, 0.1])
    assert np.allclose(recording.stream("can2.123.b0-1").times(), [0.25])


def test_a_file_of_measured_signals_is_refused(tmp_path: Path) -> None:
    from asammdf import MDF, Signal

    with MDF() as file:
        file.append([Signal(np.arange(3.0), np.arange(3.0), name="oil")])
        file.save(tmp_path / "oil.mf4")
    with pytest.raises(FileFormatError, match="holds no frames of a CAN bus"):
        read_mdf4(tmp_path / "oil.mf4")


def test_what_is_no_frame_of_a_can_bus_is_counted(tmp_path: Path) -> None:
    from asammdf import MDF, Signal

    write_bus_mdf(tmp_path / "a.mf4", np.array([0.0, 1.0]), np.array([9, 9]), _payloads(b"a", b"b"), np.array([1, 1]))
    time_s = np.arange(3.0)
    with MDF(tmp_path / "a.mf4") as file:
        file.append([Signal(time_s, time_s, name="oil")])
        file.append([Signal(np.zeros(3, np.uint8), time_s, name="CAN_ErrorFrame")])
        file.save(tmp_path / "b.mf4")
    with pytest.warns(ReadWarning, match=r"3 records of CAN_ErrorFrame are left out; 1 groups of measured signals"):
        assert [stream.id for stream in read_mdf4(tmp_path / "b.mf4").streams] == ["009.b0"]


def test_a_dbc_of_another_bus_is_refused(tmp_path: Path, shared_data: Path) -> None:
    write_bus_mdf(
        tmp_path / "a.mf4", np.array([0.0, 1.0]), np.array([9, 0x7FF]), _payloads(b"a", b"b"), np.array([1, 1])
    )
    with pytest.raises(DataError, match=r"describes none of its frames.*got ids 009, 7FF in the log"):
        read_mdf4(tmp_path / "a.mf4", dbc=shared_data / "recordings" / "car.dbc")


def test_a_file_that_breaks_off_within_its_payloads_is_read_up_to_there(tmp_path: Path, shared_data: Path) -> None:
    content = (shared_data / "recordings" / "canedge_gps.mf4").read_bytes()
    whole = open_recording(shared_data / "recordings" / "canedge_gps.mf4")
    (tmp_path / "cut.mf4").write_bytes(content[:2_200_000])
    with pytest.warns(
        ReadWarning, match=r"breaks off after byte 2200000, block SD.*; 2029 frames are not there in full"
    ):
        cut = open_recording(tmp_path / "cut.mf4")
    assert problems_of(cut) == []
    assert sum(stream.num_samples for stream in cut.streams) < sum(stream.num_samples for stream in whole.streams)
    for stream in cut.streams:
        other = whole.stream(stream.id)
        assert isinstance(stream, Sensor)
        assert isinstance(other, Sensor)
        assert (stream.values == other.values[: stream.num_samples]).all()


@pytest.mark.parametrize("num_bytes", [100, 3_000, 50_000, 1_000_000])
def test_a_file_of_which_too_little_is_left_says_where_it_breaks_off(
    tmp_path: Path, shared_data: Path, num_bytes: int
) -> None:
    content = (shared_data / "recordings" / "canedge_gps.mf4").read_bytes()
    (tmp_path / "cut.mf4").write_bytes(content[:num_bytes])
    with pytest.raises(FileFormatError, match=f"breaks off after byte {num_bytes}"):
        open_recording(tmp_path / "cut.mf4")


def test_what_is_no_mdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="does not exist"):
        read_mdf4(tmp_path / "gone.mf4")
    (tmp_path / "old.mdf").write_bytes(b"MDF     3.30    TGT     ".ljust(200, b"\1"))
    with pytest.raises(FileFormatError, match=r"is of MDF version 3\.30; convert it"):
        open_recording(tmp_path / "old.mdf")
    (tmp_path / "odd.mf4").write_bytes(b"MDF     4.10".ljust(200, b"\1"))
    with pytest.raises(FileFormatError, match="no block of MDF 4 at byte 64"):
        open_recording(tmp_path / "odd.mf4")


def test_a_real_log_with_its_description(shared_data: Path) -> None:
    folder = shared_data / "recordings"
    recording = open_recording(folder / "canedge_gps.mf4", dbc=folder / "canmod-gps.dbc")
    assert len(recording.streams) == 34
    assert problems_of(recording) == []
    imu = recording.stream("can2.009.b0-1")
    assert isinstance(imu, Sensor)
    assert imu.num_samples == 53524
    assert imu.rate_hz == pytest.approx(100.0, rel=1e-2)
    assert recording.labels.channels["can2.009.b0-1"].fields == ((0, 0, "flag"), (1, 10, "value"), (11, 15, "value"))
    assert [(pair.msb, pair.lsb) for pair in recording.labels.pairs] == [("can2.002.b4-5", "can2.002.b2-3")]
    assert "can1.7E8.b0-1" not in recording.labels.channels
