"""What a DBC says becomes labels; the words stay what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.errors import DataError, FileFormatError, MissingDependencyError, ReadWarning
from sensorgraph.io import open_recording, read_candump
from sensorgraph.io.can.dbc import read_dbc, signal_bits
from sensorgraph.io.extras import import_extra
from sensorgraph.scenes import Recording, Sensor
from sensorgraph.typing import ChannelType

_HEAD = 'VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: ECU\n\n'
_MESSAGES = """BO_ 256 Mixed: 8 ECU
 SG_ Distance : 0|32@1+ (1,0) [0|0] "m" ECU
 SG_ Speed : 32|16@1- (1,0) [0|0] "" ECU
 SG_ Valid : 48|1@1+ (1,0) [0|0] "" ECU
 SG_ Gear : 49|4@1+ (1,0) [0|0] "" ECU

BO_ 512 Motorola: 4 ECU
 SG_ Pressure : 7|32@0- (1,0) [0|0] "" ECU

BO_ 768 Switched: 4 ECU
 SG_ Page M : 0|8@1+ (1,0) [0|0] "" ECU
 SG_ Oil m0 : 16|16@1+ (1,0) [0|0] "" ECU
 SG_ Lamp m1 : 16|1@1+ (1,0) [0|0] "" ECU

VAL_ 256 Gear 0 "P" 1 "R" ;
"""


@pytest.fixture
def dbc(tmp_path: Path) -> Path:
    path = tmp_path / "bus.dbc"
    path.write_text(_HEAD + _MESSAGES)
    return path


def _log(folder: Path, frames: list[tuple[str, bytes]]) -> Path:
    path = folder / "drive.log"
    lines = [f"({number / 100:.6f}) can0 {name}#{data.hex().upper()}\n" for number, (name, data) in enumerate(frames)]
    path.write_text("".join(lines))
    return path


def _label(recording: Recording, name: str) -> tuple[ChannelType, int, int]:
    label = recording.labels.channels[name]
    return label.type, label.used_bits, label.flag_bits


def test_fields_become_types_pairs_and_bits(tmp_path: Path, dbc: Path) -> None:
    value = 65534 + np.arange(4)
    frames = [("100", int(v).to_bytes(4, "little") + b"\x01\x02\x03\x00") for v in value]
    recording = read_candump(_log(tmp_path, frames), dbc=dbc)
    assert _label(recording, "100.b0-1") == (ChannelType.TWO_WORD, 0xFFFF, 0)
    assert _label(recording, "100.b4-5") == (ChannelType.ONE_WORD, 0xFFFF, 0)
    assert _label(recording, "100.b6-7") == (ChannelType.COMPLEX_BITS, 0x1F, 1)
    assert recording.labels.channels["100.b6-7"].fields == ((0, 0, "flag"), (1, 4, "enum"))
    (pair,) = recording.labels.pairs
    assert (pair.msb, pair.lsb, pair.encoding) == ("100.b2-3", "100.b0-1", "u32")
    assert pair.overflow_s.tolist() == [0.02]
    low, high = (recording.stream(name) for name in ("100.b0-1", "100.b2-3"))
    assert isinstance(low, Sensor)
    assert isinstance(high, Sensor)
    assert (high.values.astype(np.int64) << 16 | low.values).tolist() == value.tolist()


def test_a_big_endian_message_makes_big_endian_words(tmp_path: Path, dbc: Path) -> None:
    recording = read_candump(_log(tmp_path, [("200", b"\x01\x02\x03\x04")] * 3), dbc=dbc)
    assert [stream.meta["byte_order"] for stream in recording.streams] == ["big", "big"]
    (pair,) = recording.labels.pairs
    assert (pair.msb, pair.lsb, pair.encoding) == ("200.b0-1", "200.b2-3", "i32")
    wrong = read_candump(_log(tmp_path, [("200", b"\x01\x02\x03\x04")] * 3), dbc=dbc, byte_order="little")
    assert wrong.labels.pairs == ()
    assert _label(wrong, "200.b0-1")[0] == ChannelType.COMPLEX_BITS


def test_each_value_of_a_selector_makes_channels_of_its_own(tmp_path: Path, dbc: Path) -> None:
    frames = [("300", bytes([page, 7, number, page])) for number, page in enumerate([0, 1, 0, 2, 1])]
    recording = read_candump(_log(tmp_path, frames), dbc=dbc)
    lengths = {stream.id: stream.num_samples for stream in recording.streams}
    assert lengths == {"300.b0-1": 5, "300.m0.b2-3": 2, "300.m1.b2-3": 2, "300.m2.b2-3": 1}
    assert _label(recording, "300.b0-1") == (ChannelType.ONE_WORD, 0xFF, 0)
    assert _label(recording, "300.m0.b2-3") == (ChannelType.ONE_WORD, 0xFFFF, 0)
    assert _label(recording, "300.m1.b2-3") == (ChannelType.COMPLEX_BITS, 1, 1)
    assert "300.m2.b2-3" not in recording.labels.channels


def test_nested_selectors_count_only_where_they_are_sent(tmp_path: Path) -> None:
    text = (
        _HEAD + "BO_ 768 Deep: 4 ECU\n"
        ' SG_ Page M : 0|8@1+ (1,0) [0|0] "" ECU\n'
        ' SG_ Leaf m1M : 8|8@1+ (1,0) [0|0] "" ECU\n'
        ' SG_ Oil m3 : 16|16@1+ (1,0) [0|0] "" ECU\n\n'
        "SG_MUL_VAL_ 768 Leaf Page 1-1;\nSG_MUL_VAL_ 768 Oil Leaf 3-3;\n"
    )
    (tmp_path / "deep.dbc").write_text(text)
    frames = [("300", bytes([page, leaf, 9, 9])) for page, leaf in [(0, 3), (0, 5), (1, 3), (1, 4)]]
    recording = read_candump(_log(tmp_path, frames), dbc=tmp_path / "deep.dbc")
    lengths = {stream.id: stream.num_samples for stream in recording.streams if stream.id.endswith("b2-3")}
    assert lengths == {"300.m0_-.b2-3": 2, "300.m1_3.b2-3": 1, "300.m1_4.b2-3": 1}
    assert [name for name in recording.labels.channels if name.endswith("b2-3")] == ["300.m1_3.b2-3"]


def test_a_dbc_of_another_bus_is_refused_with_the_ids(tmp_path: Path, dbc: Path) -> None:
    with pytest.raises(
        DataError, match=r"describes none of its frames.*got ids 7E8 in the log, 100, 200, 300 in the DBC"
    ):
        read_candump(_log(tmp_path, [("7E8", b"\x01\x02")]), dbc=dbc)


def test_a_dbc_that_fits_by_chance_alone_is_doubted(tmp_path: Path, dbc: Path) -> None:
    log = _log(tmp_path, [(f"{number:03X}", b"\x01\x02" * 4) for number in range(0x100, 0x110)])
    with pytest.warns(ReadWarning, match=r"describes 1 of the 16 frame ids; is it the DBC of this bus\?"):
        read_candump(log, dbc=dbc)


def test_a_parameter_group_is_known_whoever_sends_it(tmp_path: Path) -> None:
    text = (
        _HEAD + f"BO_ {0x80000000 + 0x0CF004FE} EEC1: 8 ECU\n"
        ' SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031] "rpm" ECU\n\n'
        'BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";\n'
        'BA_DEF_DEF_ "VFrameFormat" "J1939PG";\n'
        f'BA_ "VFrameFormat" BO_ {0x80000000 + 0x0CF004FE} 3;\n'
    )
    (tmp_path / "truck.dbc").write_text(text)
    log = _log(tmp_path, [("18F00400", bytes(8)), ("18F00517", bytes(8))])
    recording = read_candump(log, dbc=tmp_path / "truck.dbc")
    assert {stream.meta.get("message") for stream in recording.streams if stream.id.startswith("18F00400")} == {"EEC1"}
    assert set(recording.labels.channels) == {"18F00400.b2-3", "18F00400.b4-5"}
    assert recording.labels.links == (("18F00400.b4-5", "18F00400.b2-3"),)


def test_signals_beyond_the_end_of_the_frames_are_told(tmp_path: Path, dbc: Path) -> None:
    with pytest.warns(ReadWarning, match=r"frames 100 hold 4 bytes where .* says 8: Speed, Valid, Gear are not there"):
        recording = read_candump(_log(tmp_path, [("100", b"\x01\x02\x03\x04")] * 2), dbc=dbc)
    assert set(recording.labels.channels) == {"100.b0-1", "100.b2-3"}


def test_what_is_no_dbc_is_refused(tmp_path: Path) -> None:
    log = _log(tmp_path, [("100", b"\x01\x02")])
    with pytest.raises(FileFormatError, match="does not exist"):
        read_candump(log, dbc=tmp_path / "gone.dbc")
    with pytest.raises(FileFormatError, match="cannot be read as DBC"):
        read_candump(log, dbc=log)


def test_a_dbc_alone_is_no_recording(dbc: Path) -> None:
    with pytest.raises(FileFormatError, match="a DBC file describes logs and is none"):
        open_recording(dbc)


def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(MissingDependencyError, match=r"car\.dbc: needs the package 'nosuch'.*'sensorgraph\[can\]'"):
        import_extra("nosuch.database", "can", "car.dbc")


def test_bits_are_counted_as_cantools_counts_them(dbc: Path, shared_data: Path) -> None:
    """The library decodes random payloads to the same raw numbers."""
    from cantools.database import load_file

    rng = np.random.default_rng(0)
    for path in (dbc, shared_data / "recordings" / "car.dbc", shared_data / "recordings" / "canmod-gps.dbc"):
        ours = read_dbc(path)
        for message in load_file(path).messages:
            data = rng.integers(0, 256, (20, message.length), np.uint8)
            if message.is_multiplexed():
                data[:, 0] = rng.integers(0, 2, 20)
            for row in data:
                told = message.decode(row.tobytes(), decode_choices=False, scaling=False)
                for signal in ours[message.frame_id].signals:
                    if signal.name in told:
                        wanted = int(told[signal.name]) & ((1 << len(signal.bits)) - 1)
                        assert int(signal.raw(row[None])[0]) == wanted
    assert signal_bits(7, 16, little_endian=False)[0] == (1, 0)


def test_a_real_log_is_described_by_its_dbc(shared_data: Path) -> None:
    folder = shared_data / "recordings"
    recording = open_recording(folder / "car_candump.log", dbc=folder / "car.dbc")
    assert len(recording.streams) == 133
    assert len(recording.labels.channels) == 16
    assert _label(recording, "0D0.b0-1") == (ChannelType.ONE_WORD, 0xFFFF, 0)
    assert _label(recording, "0D0.b6-7") == (ChannelType.COMPLEX_BITS, 0xFFFF, 0)
    assert _label(recording, "154.b6") == (ChannelType.COMPLEX_BITS, 0b1010, 0b1010)
    plain = open_recording(folder / "car_candump.log")
    assert plain.labels.channels == {}
    for named in recording.labels.channels:
        one, other = recording.stream(named), plain.stream(named)
        assert isinstance(one, Sensor)
        assert isinstance(other, Sensor)
        # Without the DBC the order of bytes is found from the carries, and is the one that the DBC states.
        assert one.values.tolist() == other.values.tolist()
