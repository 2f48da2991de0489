"""The verb 'detect', and run files of a detector: from files to alarms, tables and pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import CalibrationWarning
from sensorgraph.run.cli import main

ROOT = Path(__file__).parents[2]
RATE = ["--false-alarms-per-day", "20"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``train.csv`` and ``test.csv``: three channels of one wave at 1 Hz; in test, ``b`` is stuck from 300 to 340 s."""
    place = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    for name, num in (("train", 8000), ("test", 900)):
        rows = np.sin(np.arange(num) / 20)[:, None] * [1.0, 2.0, -1.0] + rng.normal(size=(num, 3)) * 0.1
        if name == "test":
            rows[300:340, 1] = 1.5
        table = pd.DataFrame(rows, columns=["a", "b", "c"])
        table.insert(0, "time", np.arange(num, dtype=float))
        table.to_csv(place / f"{name}.csv", index=False)
    return place


def test_alarms_are_printed_and_everything_is_written(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["detect", str(files / "train.csv"), str(files / "test.csv"), "--out", str(tmp_path / "out"), *RATE]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "test: 1 alarms above" in lines[0]
    assert ": b " in lines[1]
    assert lines[-1] == f"the results lie in {tmp_path / 'out'}"
    scores = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    assert 280 <= scores["time_s"][scores["score"].idxmax()] <= 360
    assert list(pd.read_csv(tmp_path / "out" / "channel_scores.csv")) == ["time_s", "a", "b", "c"]
    assert pd.read_csv(tmp_path / "out" / "alarms.csv")["blamed"][0].startswith("b")
    assert (tmp_path / "out" / "scores.png").stat().st_size > 10_000


def test_a_detected_folder_scores_further_recordings(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["detect", str(files / "train.csv"), str(files / "test.csv"), "--out", out, "--causal", *RATE]) == 0
    first = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    assert main(["score", out, str(files / "test.csv"), "--out", str(tmp_path / "again"), *RATE]) == 0
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "again" / "scores.parquet"), first)
    assert capsys.readouterr().out.splitlines()[-1] == f"the results lie in {tmp_path / 'again'}"


def test_a_run_file_of_a_detector(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "pump.yaml"
    config.write_text(
        f"train: {files / 'train.csv'}\ntest: [{files / 'test.csv'}]\n"
        "false_alarms_per_day: 20.0\ndetector: {links: [[a, b]]}\n"
    )
    assert main(["check-config", str(config)]) == 0
    assert main(["train", str(config), "--out", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "scored" / "test" / "alarms.csv").is_file()
    assert main(["score", str(tmp_path / "run"), str(files / "test.csv")]) == 0
    assert capsys.readouterr().out.count("1 alarms above") == 2


def test_options_of_the_reader(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables as their tool wrote them: another time column, commas in numbers, rows out of order."""
    paths = []
    for name in ("train", "test"):
        table = pd.read_csv(files / f"{name}.csv").rename(columns={"time": "stamp"}).sample(frac=1, random_state=0)
        paths.append(str(tmp_path / f"{name}.csv"))
        table.to_csv(paths[-1], index=False, sep=";", decimal=",")
    options = ["--option", "time_column=stamp", "--option", "decimal=,", "--option", "sort=true"]
    folder = str(tmp_path / "out")
    assert main(["detect", *paths, "--out", folder, *RATE, *options]) == 0
    assert main(["score", folder, paths[1], "--out", str(tmp_path / "again"), *RATE, *options]) == 0
    assert capsys.readouterr().out.count("1 alarms above") == 2
    assert main(["score", folder, paths[1], *RATE, "--option", "dbc=car.dbc"]) == 2
    assert "has no option 'dbc'" in capsys.readouterr().err
    assert main(["score", folder, paths[1], "--option", "sort"]) == 2
    assert "NAME=VALUE" in capsys.readouterr().err


def test_warnings_are_sentences(files: Path, tmp_path: Path) -> None:
    """A process of its own: here pytest takes what Python would print."""
    pd.read_csv(files / "test.csv").drop(columns="c").to_csv(tmp_path / "test.csv", index=False)
    words = ["detect", str(files / "train.csv"), str(tmp_path / "test.csv"), "--out", str(tmp_path / "out"), *RATE]
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "detect.py", *words[1:]], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "warning: test: 'c' missing; scored without\n" in done.stderr
    assert ".py" not in done.stderr


def test_mistakes_are_messages(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train, test = str(files / "train.csv"), str(files / "test.csv")
    assert main(["detect", str(tmp_path / "no.csv"), test]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["detect", train, test, "--link", "a", "pump"]) == 2
    assert "pump" in capsys.readouterr().err
    config = tmp_path / "pump.yaml"
    config.write_text(f"train: {train}\ndetector: {{casual: true}}\n")
    assert main(["train", str(config), "--out", str(tmp_path / "run")]) == 2
    assert "did you mean 'causal'" in capsys.readouterr().err


def test_an_archive_holds_both(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "machine.npz", train=rng.normal(size=(300, 4)), test=rng.normal(size=(80, 4)))
    archive = str(tmp_path / "machine.npz")
    with pytest.warns(CalibrationWarning):
        assert main(["detect", archive, archive, "--out", str(tmp_path / "out")]) == 0
    assert len(pd.read_parquet(tmp_path / "out" / "scores.parquet")) == 80


def test_the_tool_is_the_verb() -> None:
    shown = subprocess.run(
        [sys.executable, ROOT / "tools" / "detect.py", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert "sensorgraph detect" in shown
