"""PX4 logs: fields of every width become words, and their truth is known."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from sensorgraph.errors import FileFormatError, ReadWarning
from sensorgraph.io import open_recording, read_ulog
from sensorgraph.scenes import Recording, Sensor
from sensorgraph.scenes.check import problems_of
from sensorgraph.testing.log_files import ulog_message, write_ulog
from sensorgraph.typing import ChannelType

_FIELDS = (
    "uint64_t timestamp;double far;float near;int32_t lat;uint16_t[2] raw;uint8_t mode;bool armed;int8_t trim;"
    "uint8_t[5] _padding0;"
)
_PACK = "<QdfiHHB?b"


def _samples(num: int = 4) -> list[bytes]:
    rows = [(250_000 * n, 1.5 * n, 0.5 * n, n - 2, 7 * n, 65535 - n, n, n % 2 == 1, -n) for n in range(num)]
    return [struct.pack(_PACK, *row) for row in rows]


def _values(recording: Recording, name: str) -> np.ndarray:
    stream = recording.stream(name)
    assert isinstance(stream, Sensor)
    return stream.values


@pytest.fixture
def flight(tmp_path: Path) -> Path:
    write_ulog(tmp_path / "flight.ulg", "nav", _FIELDS, _samples())
    return tmp_path / "flight.ulg"


def test_every_width_becomes_words(flight: Path) -> None:
    recording = read_ulog(flight)
    assert problems_of(recording) == []
    assert [stream.id for stream in recording.streams] == [
        "nav.far.w0",
        "nav.far.w1",
        "nav.far.w2",
        "nav.far.w3",
        "nav.near.w0",
        "nav.near.w1",
        "nav.lat.w0",
        "nav.lat.w1",
        "nav.raw[0]",
        "nav.raw[1]",
        "nav.mode+armed",
        "nav.trim",
    ]
    assert _values(recording, "nav.lat.w1").tolist() == [0xFFFF, 0xFFFF, 0, 0]
    assert _values(recording, "nav.lat.w0").tolist() == [0xFFFE, 0xFFFF, 0, 1]
    assert _values(recording, "nav.raw[1]").tolist() == [65535, 65534, 65533, 65532]
    assert _values(recording, "nav.mode+armed").tolist() == [0, 0x0101, 2, 0x0103]
    assert _values(recording, "nav.trim").tolist() == [0, 255, 254, 253]
    halves = [_values(recording, f"nav.near.w{place}") for place in (0, 1)]
    assert np.stack(halves, axis=1).copy().view("<f4")[:, 0].tolist() == [0.0, 0.5, 1.0, 1.5]
    assert {stream.times().tolist()[2] for stream in recording.streams} == {0.5}
    assert {stream.rate_hz for stream in recording.streams if isinstance(stream, Sensor)} == {4.0}


def test_the_truth_is_that_of_the_definitions(flight: Path) -> None:
    labels = read_ulog(flight).labels
    assert {(pair.msb, pair.lsb, pair.encoding) for pair in labels.pairs} == {
        ("nav.far.w1", "nav.far.w0", "u32"),
        ("nav.far.w3", "nav.far.w2", "u32"),
        ("nav.near.w1", "nav.near.w0", "f32"),
        ("nav.lat.w1", "nav.lat.w0", "i32"),
    }
    overflow = next(pair.overflow_s for pair in labels.pairs if pair.encoding == "i32")
    assert overflow.tolist() == [0.5]
    assert labels.channels["nav.lat.w0"].type == ChannelType.TWO_WORD
    assert labels.channels["nav.raw[0]"].type == ChannelType.ONE_WORD
    packed = labels.channels["nav.mode+armed"]
    assert (packed.type, packed.used_bits, packed.flag_bits) == (ChannelType.COMPLEX_BITS, 0x01FF, 0x0100)
    assert packed.fields == ((0, 7, "value"), (8, 8, "flag"))


def test_instances_of_a_topic_are_told_apart(tmp_path: Path) -> None:
    write_ulog(tmp_path / "two.ulg", "gps", "uint64_t timestamp;uint16_t fix;", [struct.pack("<QH", 0, 3)], 2)
    assert [stream.id for stream in read_ulog(tmp_path / "two.ulg").streams] == ["gps.fix", "gps.1.fix"]


def test_samples_out_of_order_are_sorted_and_told(tmp_path: Path) -> None:
    rows = [struct.pack("<QH", time_us, time_us // 1000) for time_us in (1000, 3000, 2000, 4000)]
    write_ulog(tmp_path / "odd.ulg", "gps", "uint64_t timestamp;uint16_t fix;", rows)
    with pytest.warns(ReadWarning, match="1 samples were logged out of order"):
        recording = read_ulog(tmp_path / "odd.ulg")
    assert _values(recording, "gps.fix").tolist() == [1, 2, 3, 4]


def test_a_log_that_breaks_off_is_read_up_to_there(flight: Path) -> None:
    content = flight.read_bytes()
    last = len(content) - len(ulog_message(b"D", b"\0\0" + _samples()[-1]))
    flight.write_bytes(content[:-5])
    with pytest.warns(ReadWarning, match=f"breaks off within the message that begins at byte {last}"):
        recording = read_ulog(flight)
    assert {stream.num_samples for stream in recording.streams} == {3}


def test_dropouts_of_the_logger_are_told(flight: Path) -> None:
    flight.write_bytes(flight.read_bytes() + ulog_message(b"O", struct.pack("<H", 30)))
    with pytest.warns(ReadWarning, match=r"the logger itself lost data 1 times, 0\.03 s in all"):
        read_ulog(flight)


def test_what_holds_no_samples_is_refused(tmp_path: Path) -> None:
    write_ulog(tmp_path / "none.ulg", "gps", "uint64_t timestamp;uint16_t fix;", [])
    with pytest.raises(FileFormatError, match="holds no sample of any topic"):
        open_recording(tmp_path / "none.ulg")
    (tmp_path / "head.ulg").write_bytes(b"ULog\x01\x12\x35\x01")
    with pytest.raises(FileFormatError, match="no ULog file, or only its first bytes"):
        open_recording(tmp_path / "head.ulg")
    with pytest.raises(FileFormatError, match="does not exist"):
        read_ulog(tmp_path / "gone.ulg")


def test_a_real_flight(shared_data: Path) -> None:
    with pytest.warns(ReadWarning, match="the logger itself lost data 1 times"):
        recording = open_recording(shared_data / "recordings" / "px4_flight.ulg")
    assert len(recording.streams) == 1736
    assert len(recording.labels.pairs) == 736
    assert problems_of(recording) == []
    gyro = [_values(recording, f"vehicle_angular_velocity.xyz[0].w{place}") for place in (0, 1)]
    rates_rad_s = np.stack(gyro, axis=1).copy().view("<f4")[:, 0]
    assert len(rates_rad_s) == 1812
    assert np.abs(rates_rad_s).max() < 10
    assert recording.stream("vehicle_angular_velocity.xyz[0].w0").rate_hz == pytest.approx(404, abs=1)  # type: ignore[union-attr]
