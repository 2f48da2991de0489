"""``sensorgraph read-words``: any log in, tables, words.json and pictures out."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from sensorgraph.io import open_recording
from sensorgraph.run.cli import main
from sensorgraph.run.word_streams import word_streams
from sensorgraph.testing.log_files import write_ulog
from sensorgraph.words import WordsFound

_POSITION = (7e6 + 9e5 * np.sin(np.arange(3000) / 300)).astype(np.uint32)

_DBC = """VERSION ""

NS_ :

BS_:

BU_: ECU

BO_ 417 Drive: 6 ECU
 SG_ Position : 0|32@1+ (1,0) [0|0] "" ECU
 SG_ Speed : 32|16@1+ (1,0) [0|0] "" ECU
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A value of 32 bits beside one of 16."""
    path = tmp_path / "drive.log"
    speeds = (400 + 90 * np.sin(np.arange(3000) / 70)).astype(int)
    payloads = [struct.pack("<IH", position, speed) for position, speed in zip(_POSITION, speeds, strict=True)]
    lines = [f"({number / 50:.6f}) can0 1A1#{data.hex().upper()}\n" for number, data in enumerate(payloads)]
    path.write_text("".join(lines))
    (tmp_path / "drive.dbc").write_text(_DBC)
    return path


def test_a_log_is_read_drawn_and_judged(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["read-words", str(log), "--dbc", str(tmp_path / "drive.dbc"), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "3 channels, 3 of which change: 1 pairs, 1 one word, 0 complex bits" in shown
    row = next(line for line in shown.splitlines() if line.startswith("1A1.b2-3"))
    assert row.split()[:2] == ["1A1.b2-3", "1A1.b0-1"]
    assert row.split()[-1] == "right"
    assert "pair F1 1.000 0.000" in " ".join(shown.split())
    assert shown.rstrip().endswith(f"the results lie in {out / 'drive'}")
    assert {path.name for path in (out / "drive").iterdir()} == {
        "words.json",
        "words.png",
        "pairs.png",
        "pairs.graphml",
    }
    assert list(nx.read_graphml(out / "drive" / "pairs.graphml").edges) == [("1A1.b2-3", "1A1.b0-1")]


def test_the_file_names_channels_and_is_read_again(log: Path, tmp_path: Path) -> None:
    assert main(["read-words", str(log), "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "drive" / "words.json").read_text()
    plain = json.loads(text)
    assert [row["id"] for row in plain["channels"]] == ["1A1.b0-1", "1A1.b2-3", "1A1.b4-5"]
    assert plain["channels"][0]["byte_order"] == "little"
    assert (plain["pairs"][0]["msb_id"], plain["pairs"][0]["lsb_id"]) == ("1A1.b2-3", "1A1.b0-1")
    found = WordsFound.from_json(text)
    assert [(pair.msb, pair.lsb) for pair in found.pairs] == [(1, 0)]
    assert len(found.overflow[0]) == (np.diff(_POSITION >> 16) != 0).sum()


def test_a_table_of_whole_numbers_holds_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"{n / 50},{value >> 16},{value & 0xFFFF},{n / 7},{n % 9 - 4}" for n, value in enumerate(_POSITION.tolist())
    ]
    (tmp_path / "bench.csv").write_text("\n".join(["time,high,low,oil,trim", *rows]) + "\n")
    streams = word_streams(open_recording(tmp_path / "bench.csv"))
    assert [sensor.id for sensor in streams.sensors] == ["high", "low", "trim"]
    assert streams.sensors[2].values[:5].tolist() == [0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF, 0]
    assert main(["read-words", str(tmp_path / "bench.csv"), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "note: 1 streams hold no 16-bit words and are left out: oil" in shown.err
    assert "high" in shown.out.splitlines()[3]


def test_several_files_and_what_was_left_out_of_them(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = [struct.pack("<QI", 20_000 * n, value) for n, value in enumerate(_POSITION.tolist())]
    write_ulog(tmp_path / "flight.ulg", "nav", "uint64_t timestamp;uint32_t position;", samples)
    log.write_text(log.read_text() + "(60.1) can0 1A1#0")
    files = [str(log), str(tmp_path / "flight.ulg")]
    assert main(["read-words", *files, "--rows", "0", "--max-lag", "0", "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "breaks off in line 3001, which is left out" in shown.err
    assert shown.out.rstrip().endswith(f"{tmp_path / 'out' / 'drive'}, {tmp_path / 'out' / 'flight'}")
    assert (tmp_path / "out" / "flight" / "words.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bench.csv", "--dbc", "drive.dbc"], "of format 'text', which takes no --dbc"),
        (["drive.log", "--rate-hz", "9"], "of format 'candump', which knows its rates"),
        (["gone.log"], "nothing matches"),
        (["drive.dbc"], "a DBC file describes logs and is none"),
        (["oil.csv"], "holds no 16-bit words"),
    ],
)
def test_what_cannot_be_read_says_why(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (tmp_path / "bench.csv").write_text("time,low\n0,1\n1,2\n")
    (tmp_path / "oil.csv").write_text("time,oil\n0,1.5\n1,2.5\n")
    placed = [str(tmp_path / word) if "." in word else word for word in arguments]
    assert main(["read-words", *placed, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err


def test_the_help_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["read-words", "--help"])
    shown = capsys.readouterr().out
    assert "candump text, ASAM MDF 4" in shown
    assert "--byte-order {auto,little,big}" in shown


def test_a_real_log_with_its_dbc(shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_data / "recordings"
    arguments = [str(folder / "car_candump.log"), "--dbc", str(folder / "car.dbc"), "--out", str(tmp_path)]
    assert main(["read-words", *arguments]) == 0
    shown = capsys.readouterr().out
    assert "133 channels, 59 of which change" in shown
    assert "control: all one word" in shown
