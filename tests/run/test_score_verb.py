"""The verbs 'score' and 'show-graph': recordings that training never saw, whole and damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from sensorgraph.run.cli import main
from sensorgraph.scenes import Recording, Sensor
from sensorgraph.scenes.store import read_recording, write_recording


@pytest.fixture
def pump(make_table: Callable[..., Path], tmp_path: Path) -> Callable[..., list[str]]:
    """Words of a call that scores a table of its own."""

    def words(run: Any, seed: int = 9, **columns: Any) -> list[str]:
        table = make_table(tmp_path / "fresh.csv", seed, **columns)
        return ["score", str(run.folder), str(table), "--out", str(tmp_path / "scored")]

    return words


def sensors(*streams: Sensor, duration_s: float = 8.0) -> Recording:
    return Recording("odd", duration_s, streams)


def test_a_simulated_recording_gets_the_scores_of_the_training_run(full_run: Any, tmp_path: Path) -> None:
    store = next(full_run.cache.glob("simulated-*/test/faulty-000.zarr"))
    assert main(["score", str(full_run.folder), str(store), "--out", str(tmp_path)]) == 0
    of_run = pd.read_parquet(full_run.folder / "scores.parquet")
    of_run = of_run[of_run["recording"] == "faulty-000"].reset_index(drop=True)
    own = pd.read_parquet(tmp_path / "scores.parquet")
    pd.testing.assert_frame_equal(own, of_run, atol=1e-4)
    assert (tmp_path / "faulty-000.png").is_file()
    assert set(pd.read_csv(tmp_path / "alarms.csv")) >= {"recording", "scene", "bin", "start_s", "blamed", "modality"}


def test_a_recording_without_a_modality_and_with_odd_sensors(
    full_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No sound, no pictures; a constant channel, gaps, an unknown channel, and one that ends within the first bin."""
    whole = read_recording(next(full_run.cache.glob("simulated-*/test/test-000.zarr")))
    kept = [stream for stream in whole.streams if stream.modality in ("sensor", "text")]
    physical = [number for number, s in enumerate(kept) if isinstance(s, Sensor) and not s.is_word]
    constant, gaps = kept[physical[0]], kept[physical[1]]
    assert isinstance(constant, Sensor)
    assert isinstance(gaps, Sensor)
    holes = np.array(gaps.values)
    holes[: len(holes) // 3] = np.nan
    kept[physical[0]] = replace(constant, values=np.full_like(constant.values, 3.0))
    kept[physical[1]] = replace(gaps, values=holes)
    kept.append(Sensor("brief", 50.0, np.ones(5, np.float32)))
    write_recording(tmp_path / "odd.zarr", replace(whole, id="odd", streams=tuple(kept)))
    assert main(["score", str(full_run.folder), str(tmp_path / "odd.zarr"), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "training did not know" in shown
    assert "sensor:brief" in shown
    assert "that training knew are missing: audio:mic" in shown
    assert np.isfinite(pd.read_parquet(tmp_path / "out" / "scores.parquet")["score"]).all()
    streams = pd.read_parquet(tmp_path / "out" / "stream_scores.parquet")
    assert set(streams["modality"]) == {"sensor", "text"}
    assert np.isfinite(streams.loc[streams["stream"] == constant.id, "score"]).all()


def test_one_sensor_alone(full_run: Any, tmp_path: Path) -> None:
    values = np.sin(np.arange(400) / 9).astype(np.float32)
    write_recording(tmp_path / "odd.zarr", sensors(Sensor("oil", 50.0, values)))
    assert main(["score", str(full_run.folder), str(tmp_path / "odd.zarr"), "--out", str(tmp_path / "out")]) == 0
    assert pd.read_parquet(tmp_path / "out" / "stream_scores.parquet")["stream"].unique().tolist() == ["oil"]
    assert main(["show-graph", str(tmp_path / "out")]) == 0


def test_a_scene_with_infinite_samples_is_left_out_with_its_reason(
    full_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = np.zeros(400, np.float32)
    values[7] = np.inf
    write_recording(tmp_path / "odd.zarr", sensors(Sensor("oil", 50.0, values)))
    words = ["score", str(full_run.folder), str(tmp_path / "odd.zarr"), "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert "scene 'odd@0' left out: " in (shown := capsys.readouterr().out)
    assert "1 samples are infinite" in shown
    assert set(pd.read_parquet(tmp_path / "out" / "scores.parquet")["scene"]) == {"odd@4"}

    write_recording(tmp_path / "bad.zarr", sensors(Sensor("oil", 50.0, np.full(400, np.inf, np.float32))))
    assert main(["score", str(full_run.folder), str(tmp_path / "bad.zarr"), "--out", str(tmp_path / "no")]) == 2
    assert capsys.readouterr().err.count("left out") == 2
    assert not (tmp_path / "no").exists()


def test_a_table_and_its_alarm(table_run: Any, pump: Callable[..., list[str]], tmp_path: Path) -> None:
    flow = np.sin(np.arange(1600) / 30)
    flow[1000:1200] += 100.0
    assert main(pump(table_run, flow=flow)) == 0
    machine = pd.read_parquet(tmp_path / "scored" / "scores.parquet")
    assert len(machine) == 160
    alarms = pd.read_parquet(tmp_path / "scored" / "alarms.parquet")
    worst = alarms.loc[alarms["peak_score"].idxmax()]
    assert 48.0 <= worst["peak_s"] <= 62.0
    assert "flow" in worst["blamed"].split()


def test_fewer_false_alarms_a_day_need_a_higher_threshold(
    table_run: Any, pump: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for rate in ("20", "20000"):
        assert main([*pump(table_run), "--false-alarms-per-day", rate]) == 0
        line = next(line for line in capsys.readouterr().out.splitlines() if " alarms above " in line)
        found.append(float(line.split(" above ")[1].split()[0]))
    assert found[0] > found[1]
    with pytest.raises(SystemExit):
        main([*pump(table_run), "--false-alarms-per-day", "0"])


def test_the_last_scene_ends_with_the_recording(table_run: Any, pump: Callable[..., list[str]], tmp_path: Path) -> None:
    assert main(pump(table_run, duration_s=10.0)) == 0
    machine = pd.read_parquet(tmp_path / "scored" / "scores.parquet")
    assert machine["scene"].unique().tolist() == ["fresh@0", "fresh@4", "fresh@6"]
    assert machine["end_s"].max() == pytest.approx(10.0)
    assert not machine["start_s"].duplicated().any()


def test_what_cannot_be_scored_is_a_message(
    table_run: Any, pump: Callable[..., list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(pump(table_run, duration_s=3.0)) == 2
    assert "recording 'fresh', test: 3 s are shorter than a scene of 4 s" in capsys.readouterr().err
    write_recording(tmp_path / "fast.zarr", sensors(Sensor("oil", 500.0, np.zeros(4000, np.float32))))
    assert main(["score", str(table_run.folder), str(tmp_path / "fast.zarr")]) == 2
    assert "no entry covers recording 'fast', stream 'oil'" in capsys.readouterr().err
    write_recording(tmp_path / "words.zarr", sensors(Sensor("word", 50.0, np.arange(400, dtype=np.uint16))))
    assert main(["score", str(table_run.folder), str(tmp_path / "words.zarr")]) == 2
    assert "encoders.word: recording 'words', stream 'word' holds raw words" in capsys.readouterr().err
    assert main(["score", str(tmp_path), str(tmp_path / "fast.zarr")]) == 2
    assert "is no finished run" in capsys.readouterr().err
    assert main(["score", str(table_run.folder), str(tmp_path / "none*.csv")]) == 2
    assert "nothing matches" in capsys.readouterr().err


def test_show_graph_writes_the_links_of_the_worst_scene(
    full_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show-graph", str(full_run.folder), "--out", str(tmp_path), "--links", "3"]) == 0
    shown = capsys.readouterr().out.splitlines()
    machine = pd.read_parquet(full_run.folder / "scores.parquet")
    worst = machine.loc[machine["score"].idxmax(), "scene"]
    assert shown[0].startswith(f"scene {worst}: ")
    assert len(shown) == 6
    graph = nx.read_graphml(tmp_path / f"adjacency-{worst}.graphml")
    assert {facts["modality"] for _, facts in graph.nodes(data=True)} >= {"sensor"}
    assert graph.number_of_edges() > 0
    assert (tmp_path / f"adjacency-{worst}.png").read_bytes().startswith(b"\x89PNG")


def test_show_graph_knows_its_scenes(full_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show-graph", str(full_run.folder), "nothing@0"]) == 2
    assert "no scene 'nothing@0'" in capsys.readouterr().err
    assert main(["show-graph", str(tmp_path)]) == 2
    assert "holds no results" in capsys.readouterr().err
