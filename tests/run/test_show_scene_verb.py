"""The verb 'show-scene': a picture of a stored scene, or of a slice of anything that can be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.run.cli import main
from sensorgraph.scenes import Anomaly, Labels, Recording, Sensor
from sensorgraph.scenes.store import write_recording, write_scene

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def recording() -> Recording:
    rng = np.random.default_rng(0)
    streams = tuple(Sensor(name, rate_hz=10.0, values=rng.normal(size=100).astype("f4")) for name in ("oil", "water"))
    spike = Anomaly("spike", "point", start_s=4.0, end_s=5.0, root_cause=("oil",), affected=("oil",))
    return Recording("run 7", duration_s=10.0, streams=streams, labels=Labels(anomalies=(spike,)))


def test_a_slice_of_a_recording(recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, out = tmp_path / "run.zarr", tmp_path / "new folder" / "run.png"
    write_recording(store, recording)
    assert main(["show-scene", str(store), "--start-s", "3", "--duration-s", "99", "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "scene run 7@3: 7 s from 3 s of run 7",
        "  sensor  2 streams at 10 Hz",
        "  labelled spike from 1 s to 2 s in oil",
        f"the picture lies in {out}",
    ]
    assert out.read_bytes().startswith(PNG)


def test_a_stored_scene_with_its_scores(recording: Recording, tmp_path: Path) -> None:
    scene = recording.cut(0.0, 10.0)
    write_scene(tmp_path / "scene.zarr", scene)
    scores = pd.DataFrame(
        {"scene": scene.id, "stream": "oil", "start_s": [0.0, 5.0], "end_s": [5.0, 10.0], "score": [9, 1]}
    )
    scores.to_parquet(tmp_path / "scores.parquet")
    with_scores = ["--scores", str(tmp_path / "scores.parquet"), "--threshold", "5"]
    pictures = {name: tmp_path / f"{name}.png" for name in ("plain", "scored")}
    assert main(["show-scene", str(tmp_path / "scene.zarr"), "--out", str(pictures["plain"])]) == 0
    assert main(["show-scene", str(tmp_path / "scene.zarr"), "--out", str(pictures["scored"]), *with_scores]) == 0
    assert pictures["plain"].read_bytes() != pictures["scored"].read_bytes()


def test_a_table_of_another_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pump.csv").write_text("time,flow\n" + "".join(f"{step / 2},{step % 5}\n" for step in range(20)))
    assert main(["show-scene", "pump.csv"]) == 0
    assert Path("pump.png").read_bytes().startswith(PNG)


def test_bad_input_is_a_message(recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, out = str(tmp_path / "run.zarr"), str(tmp_path / "no.png")
    write_recording(store, recording)
    (tmp_path / "other.csv").write_text("scene,stream,start_s,end_s,score\nrun 8@0,oil,0,1,3\n")
    for words, problem in (
        ([str(tmp_path / "nothing.zarr")], "does not exist"),
        ([store, "--start-s", "10"], "the slice must begin in 0..10 s"),
        ([store, "--start-s", "nan"], "the slice must begin in 0..10 s"),
        ([store, "--duration-s", "0"], "be longer than 0"),
        ([store, "--scores", str(tmp_path / "nothing.csv")], "cannot be read as a table of scores"),
        ([store, "--scores", str(tmp_path / "nothing.parquet")], "cannot be read as a table of scores"),
        ([store, "--scores", str(tmp_path / "other.csv")], "no scores of scene 'run 7@0'"),
    ):
        assert main(["show-scene", *words, "--out", out]) == 2
        assert problem in capsys.readouterr().err
    assert not Path(out).exists()


def test_streams_without_a_sample_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{number / 10},{number},nan" for number in range(20)]
    (tmp_path / "pump.csv").write_text("time,flow,dead\n" + "\n".join(rows))
    assert main(["show-scene", str(tmp_path / "pump.csv"), "--out", str(tmp_path / "pump.png")]) == 0
    shown = capsys.readouterr().out
    assert "left out: dead" in shown
    assert "sensor  1 stream at 10 Hz" in shown
