"""candump logs: both forms, broken lines, torn ends, and what words they hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.errors import DataError, FileFormatError, ReadWarning
from sensorgraph.io import open_recording, read_candump
from sensorgraph.io.can.candump import read_candump_frames
from sensorgraph.io.can.frames import EXTENDED
from sensorgraph.scenes import Sensor
from sensorgraph.scenes.check import problems_of


def _log(folder: Path, text: str) -> Path:
    path = folder / "drive.log"
    path.write_text(text)
    return path


def _word(path: Path, name: str, **options: object) -> Sensor:
    found = read_candump(path, **options).stream(name)  # type: ignore[arg-type]
    assert isinstance(found, Sensor)
    return found


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    compact = "(1436509052.249713) can0 123#DEADBEEF\n(1436509053.250000) vcan1 18FEF100##1" + "00" * 12 + "\n"
    spaced = (
        " (1436509052.249713)  can0  123   [4]  DE AD BE EF\n"
        " (2015-07-10 06:17:33.250000)  vcan1  18FEF100  [12]  " + " ".join(["00"] * 12) + "   '............'\n"
    )
    one = read_candump_frames(_log(tmp_path, compact))
    other = read_candump_frames(_log(tmp_path, spaced))
    assert one.frame_id.tolist() == other.frame_id.tolist() == [0x123, 0x18FEF100 + EXTENDED]
    assert one.length.tolist() == other.length.tolist() == [4, 12]
    assert one.time_ns.tolist() == other.time_ns.tolist() == [1436509052249713000, 1436509053250000000]
    assert one.data[0, :4].tolist() == other.data[0, :4].tolist() == [0xDE, 0xAD, 0xBE, 0xEF]
    assert one.buses == other.buses == ("can0", "vcan1")


def test_every_letter_that_newer_versions_add_is_understood(tmp_path: Path) -> None:
    log = "(1.000000) can0 123#0102 R\n(1.5) can0 123#0102030405060708_C T\n"
    log += " (2.000000)  can0  TX B -  123   [2]  03 04   '..'\r\n"
    assert read_candump_frames(_log(tmp_path, log)).length.tolist() == [2, 8, 2]


def test_words_keep_their_times_and_their_rates(tmp_path: Path) -> None:
    times_s = [10.0, 10.1, 10.2, 10.35, 10.4]
    log = "".join(f"({time:.6f}) can0 0D1#{number:02X}01FF\n" for number, time in enumerate(times_s))
    recording = read_candump(_log(tmp_path, log + "(10.450000) can0 7FF#AA\n"))
    assert [stream.id for stream in recording.streams] == ["0D1.b0-1", "0D1.b2", "7FF.b0"]
    word = recording.streams[0]
    assert isinstance(word, Sensor)
    assert word.values.dtype == np.uint16
    assert np.allclose(word.times(), np.array(times_s) - 10.0)
    assert word.rate_hz == pytest.approx(10.0)
    assert problems_of(recording) == []
    assert recording.cut(0.0, recording.duration_s).stream("7FF.b0").num_samples == 1


def test_the_order_of_bytes_is_asked_for_or_found(tmp_path: Path) -> None:
    little, big = (
        "".join(
            f"({n / 100:.6f}) can0 {name}#{(n * 41 % 65536).to_bytes(2, order).hex().upper()}\n" for n in range(2000)
        )
        for name, order in (("100", "little"), ("200", "big"))
    )
    path = _log(tmp_path, little + big)
    wanted = [n * 41 % 65536 for n in range(2000)]
    with pytest.raises(DataError, match="time goes back by 19"):
        read_candump(path)
    lines = [line for both in zip(little.splitlines(), big.splitlines(), strict=True) for line in both]
    path = _log(tmp_path, "\n".join(lines) + "\n")
    assert _word(path, "100.b0-1").values.tolist() == wanted
    assert _word(path, "200.b0-1").values.tolist() == wanted
    assert _word(path, "200.b0-1", byte_order="little").values[:3].tolist() == [0, 41 << 8, 82 << 8]
    with pytest.raises(DataError, match="byte_order must be auto, little or big"):
        read_candump(path, byte_order="middle")  # type: ignore[arg-type]


def test_short_frames_hold_fewer_samples_and_half_a_word_is_not_valid(tmp_path: Path) -> None:
    log = "(1.0) can0 123#01020304\n(2.0) can0 123#0102\n(3.0) can0 123#010203\n(4.0) can0 123#01020304\n"
    recording = read_candump(_log(tmp_path, log), byte_order="big")
    first, second = recording.streams
    assert isinstance(first, Sensor)
    assert isinstance(second, Sensor)
    assert (first.num_samples, second.num_samples) == (4, 3)
    assert second.validity().tolist() == [True, False, True]
    assert second.values.tolist() == [0x0304, 0, 0x0304]
    assert second.times().tolist() == [0.0, 2.0, 3.0]


def test_lines_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    log = "# from the test bench\n(1.0) can0 123#0102\nnoise\n(x) can0 123#0102\n(2.0) can0 123#010\n\n"
    log += "(3.0) can0 123#0304\n"
    with pytest.warns(ReadWarning, match=r"3 lines cannot be read and are left out \(lines 3, 4, 5\)"):
        recording = read_candump(_log(tmp_path, log))
    assert recording.streams[0].num_samples == 2


def test_remote_and_error_frames_are_counted(tmp_path: Path) -> None:
    log = "(1.0) can0 123#0102\n(2.0) can0 123#R\n(3.0) can0 20000080#0000000000000000\n"
    log += " (4.0)  can0  123   [0]  remote request\n"
    with pytest.warns(ReadWarning, match=r"2 remote frames hold no data; 1 error frames are left out"):
        assert read_candump(_log(tmp_path, log)).streams[0].num_samples == 1


@pytest.mark.parametrize("torn", ["(3.0) can0 12", "(3.0) can0 123#010", "(3.0) can0 123#01", "(3.0"])
def test_a_log_that_breaks_off_is_read_up_to_there(tmp_path: Path, torn: str) -> None:
    log = "(1.0) can0 123#0102\n(2.0) can0 123#0103\n"
    with pytest.warns(ReadWarning, match="breaks off in line 3"):
        recording = read_candump(_log(tmp_path, log + torn))
    assert recording.streams[0].num_samples == 2


def test_a_last_line_that_only_lacks_its_end_is_kept(tmp_path: Path) -> None:
    log = "(1.0) can0 123#0102\n(2.0) can0 123#0103"
    assert read_candump(_log(tmp_path, log)).streams[0].num_samples == 2


def test_frames_without_time_stamps_are_told(tmp_path: Path) -> None:
    log = "  can0  123   [2]  01 02\n  can0  123   [2]  01 03\n"
    with pytest.warns(ReadWarning, match="2 frames have no time stamp and are put 1 ms apart"):
        recording = open_recording(_log(tmp_path, log))
    assert recording.streams[0].times().tolist() == [0.0, 0.001]


def test_frames_of_several_buses_may_be_slightly_out_of_order(tmp_path: Path) -> None:
    log = "(1.010000) can1 123#0A\n(1.000000) can0 123#0B\n(1.020000) can1 123#0C\n(1.020000) can1 123#0D\n"
    recording = read_candump(_log(tmp_path, log))
    assert [stream.id for stream in recording.streams] == ["can1.123.b0", "can0.123.b0"]
    assert recording.stream("can1.123.b0").times().tolist() == [0.01, 0.02, 0.020000001]
    assert problems_of(recording) == []


def test_a_file_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"holds no data frame of candump.*got 1 lines"):
        read_candump(_log(tmp_path, "hello\n"))
    with pytest.raises(FileFormatError, match="cannot be read as a candump log"):
        read_candump(tmp_path / "gone.log")
    with pytest.raises(DataError, match="no frame holds a byte"):
        read_candump(_log(tmp_path, "(1.0) can0 123#\n"))


def test_a_real_log_is_read_whole(shared_data: Path) -> None:
    recording = open_recording(shared_data / "recordings" / "car_candump.log")
    assert len(recording.streams) == 133
    assert problems_of(recording) == []
    steering = recording.stream("0D0.b0-1")
    assert isinstance(steering, Sensor)
    assert steering.num_samples == 4514
    assert steering.rate_hz == pytest.approx(50.0, rel=1e-3)
    assert steering.meta["clock_start"] == "2021-09-12T03:15:14.717+00:00"
