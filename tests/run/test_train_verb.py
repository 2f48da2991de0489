"""The verb 'train', end to end: files, tables, the same scores again, mistakes before data, kills and resumes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from sensorgraph.config import load, read_yaml, to_plain
from sensorgraph.run.cli import main
from sensorgraph.run.run_file import RunFile
from sensorgraph.run.run_folder import open_run
from sensorgraph.training.checkpoint import load_checkpoint
from sensorgraph.training.module import StageModule
from sensorgraph.training.predict import predict

# So little data must provoke a threshold that says how uncertain it is.
pytestmark = pytest.mark.filterwarnings("ignore::sensorgraph.errors.CalibrationWarning")

ROOT = Path(__file__).parents[2]

FILES = {
    *("run.yaml", "schema.json", "value_statistics.json", "summary_statistics.json", "model.safetensors"),
    *("scorer.json", "threshold.json", "metrics.json", "tables.md"),
    *(f"{name}.{kind}" for name in ("scores", "stream_scores", "alarms") for kind in ("parquet", "csv")),
    *(f"{name}.{kind}" for name in ("channels", "pairs", "links") for kind in ("parquet", "csv")),
    *(f"pictures/{name}.png" for name in ("adjacency", "scores", "scene", "reconstruction")),
    "pictures/adjacency.graphml",
}


def test_everything_that_is_promised_lies_in_the_folder(full_run: Any) -> None:
    assert {name for name in FILES if not (full_run.folder / name).is_file()} == set()
    assert not (full_run.folder / "best_of_stage.safetensors").exists()
    assert {entry.name for entry in (full_run.folder / "tensorboard").iterdir()} >= {"pretrain", "fuse", "finetune"}


def test_every_table_has_figures_and_the_results_beside_their_controls(full_run: Any) -> None:
    metrics = json.loads((full_run.folder / "metrics.json").read_text())
    assert set(metrics) == {"detection", "alarms", "structure", "blame", "missing"}
    detection = pd.DataFrame(metrics["detection"])
    assert detection["control"].sum() >= 5
    assert detection["simulated"].all()
    assert np.isfinite(detection["VUS-PR"]).all()
    assert detection["VUS-PR"].between(0, 1).all()
    assert "scene GNN (simulated)" in (full_run.folder / "tables.md").read_text()


def test_tensorboard_holds_the_figures_too(full_run: Any) -> None:
    found = {}
    for part in ("fuse", "figures"):
        board = EventAccumulator(str(full_run.folder / "tensorboard" / part))
        board.Reload()
        found[part] = set(board.Tags()["scalars"])
    assert {f"fuse/validation/{name}_accuracy" for name in ("type", "pair", "overflow")} <= found["fuse"]
    assert "detection/scene GNN/VUS-PR" in found["figures"]


def test_scores_are_finite_and_name_scene_stream_bin_and_time(full_run: Any) -> None:
    machine = pd.read_parquet(full_run.folder / "scores.parquet")
    streams = pd.read_parquet(full_run.folder / "stream_scores.parquet")
    assert np.isfinite(machine["score"]).all()
    assert {"recording", "scene", "bin", "start_s", "end_s", "score"} <= set(machine)
    assert {"recording", "scene", "stream", "modality", "bin", "start_s", "end_s", "score"} <= set(streams)
    assert set(streams["modality"]) == {"sensor", "image", "audio", "text", "video"}
    assert len(pd.read_csv(full_run.folder / "scores.csv")) == len(machine)
    alarms = pd.read_parquet(full_run.folder / "alarms.parquet")
    peaks = alarms.merge(machine, on=["recording", "scene", "bin"])
    assert len(peaks) == len(alarms)
    assert np.allclose(peaks["start_s_y"], peaks["peak_s"])
    assert np.allclose(peaks["score"], peaks["peak_score"])


def test_a_run_that_is_read_back_gives_the_same_scores(full_run: Any) -> None:
    finished = open_run(full_run.folder)
    found = predict(finished.model, finished.dataset("test"), batch_size=3)
    again = finished.calibrated().scorer.score(found.residuals).machine
    assert np.allclose(again["score"], pd.read_parquet(full_run.folder / "scores.parquet")["score"], atol=1e-4)


def test_evaluate_makes_the_same_tables_again(table_run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = (table_run.folder / "tables.md").read_text()
    assert main(["evaluate", str(table_run.folder)]) == 0
    assert (table_run.folder / "tables.md").read_text() == before
    assert capsys.readouterr().out.splitlines()[-1] == f"the run lies in {table_run.folder}"


def test_recordings_without_labels_are_scored_and_drawn(table_run: Any) -> None:
    metrics = json.loads((table_run.folder / "metrics.json").read_text())
    assert set(metrics) == {"detection", "alarms"}
    assert np.isfinite(pd.read_parquet(table_run.folder / "scores.parquet")["score"]).all()
    assert (table_run.folder / "pictures" / "scene.png").is_file()


def test_a_folder_that_holds_a_run_is_not_written_over(table_run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(table_run.config), "--out", str(table_run.folder)]) == 2
    assert "holds a run already" in capsys.readouterr().err


def test_a_resumed_run_must_have_the_same_run_file(table_run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--out", str(table_run.folder), "--resume", "--cache", str(table_run.cache)]
    assert main(["train", str(table_run.config), "model.top_k=1", *words]) == 2
    assert "the run file has changed" in capsys.readouterr().err


def test_all_mistakes_are_told_before_anything_is_opened(
    table_config: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, cache = tmp_path / "run", tmp_path / "cache"
    config = table_config(tmp_path)
    config.write_text(
        config.read_text()
        .replace("kind: message_passing", "kind: mesage_passing")
        .replace("hidden: 8", "hiden: 8")
        .replace("false_alarms_per_day: 2000.0", "false_alarms_per_day: -1")
        .replace("num_bins: 8", "num_bins: many")
    )
    assert main(["train", str(config), "--out", str(out), "--cache", str(cache)]) == 2
    shown = capsys.readouterr().err
    assert "fusion.kind: no kind 'mesage_passing'; did you mean 'message_passing'?" in shown
    assert "encoders.sensor.0.hiden: 'transformer1d' takes no such argument; did you mean 'hidden'?" in shown
    assert "scoring.false_alarms_per_day: must be greater than 0" in shown
    assert "graph.num_bins" in shown
    assert not out.exists()
    assert not cache.exists()


def test_arguments_that_do_not_fit_together_are_told_before_data_too(
    table_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(table_run.config), "fusion.num_heads=3", "--out", str(tmp_path / "run")]) == 2
    assert "num_heads: must divide model.dim, 8 (got 3)" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_rate_that_no_encoder_covers_is_told_before_training(
    table_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["encoders.sensor.0.max_rate_hz=10", "--out", str(tmp_path / "run"), "--cache", str(table_run.cache)]
    assert main(["train", str(table_run.config), *words]) == 2
    shown = capsys.readouterr().err
    for name in ("flow", "pressure", "speed"):
        assert f"no entry covers recording 'pump0', stream '{name}'" in shown
    assert "0 to 10 Hz (got rate_hz 20)" in shown
    assert not (tmp_path / "run" / "checkpoint.safetensors").exists()


def test_data_that_is_not_there(
    table_config: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = table_config(tmp_path)
    words = ["--out", str(tmp_path / "run"), "--cache", str(tmp_path / "cache")]
    assert main(["train", str(config), *words]) == 2
    assert "nothing matches" in capsys.readouterr().err


def test_a_recording_shorter_than_a_scene(
    make_table: Callable[..., Path],
    table_config: Callable[[Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_table(tmp_path / "short.csv", 0, duration_s=6.0)
    config = table_config(tmp_path)
    words = ["--out", str(tmp_path / "run"), "--cache", str(tmp_path / "cache")]
    assert main(["train", str(config), *words]) == 2
    assert "recording 'short', train: 3 s are shorter than a scene of 4 s" in capsys.readouterr().err


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_last_checkpoint(table_run: Any, tmp_path: Path) -> None:
    """Killed by the system in the second epoch of fusion, when nothing can be tidied up any more."""
    out = tmp_path / "run"
    words = ["train", str(table_run.config), "--out", str(out), "--cache", str(table_run.cache), "--no-progress"]
    code = f"""
import os, signal
from sensorgraph.run.cli import main
from sensorgraph.training.module import StageModule
step = StageModule.training_step
def killed(self, batch, batch_idx):
    if self.stage == "fuse" and self.progress.next_epoch == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, batch, batch_idx)
StageModule.training_step = killed
main({words!r})
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment).returncode == -9
    left = load_checkpoint(out / "checkpoint.safetensors").progress
    assert (left.stage, left.next_epoch, left.finished) == ("fuse", 1, False)
    assert not (out / "model.safetensors").exists()

    epochs: list[str] = []
    begin = StageModule.on_validation_epoch_start
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            StageModule, "on_validation_epoch_start", lambda self: (epochs.append(self.stage), begin(self))[1]
        )
        assert main([*words, "--resume"]) == 0
    assert epochs == ["fuse"]
    assert (out / "metrics.json").is_file()
    assert all(torch.isfinite(weight).all() for weight in open_run(out).model.state_dict().values())


@pytest.mark.slow
def test_two_processes_train_one_network(table_run: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    words = [str(table_run.config), "--out", str(out), "--cache", str(table_run.cache), "--no-progress"]
    done = subprocess.run(
        [*launch, str(ROOT / "tools" / "train.py"), *words],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("the run lies in") == 1
    assert load_checkpoint(out / "model.safetensors").progress.finished
    assert np.isfinite(pd.read_parquet(out / "scores.parquet")["score"]).all()


@pytest.mark.parametrize("name", ["scene_gnn", "scene_gnn_tiny", "sensors_only", "no_message_passing"])
def test_the_shipped_files_are_complete(name: str) -> None:
    """A reader of the file sees every setting that there is."""
    shipped = ROOT / "configs" / f"{name}.yaml"
    assert to_plain(load(shipped, RunFile)) == read_yaml(shipped)


def test_the_comparisons_differ_from_the_main_run_in_one_thing() -> None:
    whole = read_yaml(ROOT / "configs" / "scene_gnn.yaml")
    alone, apart = (read_yaml(ROOT / "configs" / f"{name}.yaml") for name in ("sensors_only", "no_message_passing"))
    assert {**alone, "encoders": whole["encoders"]} == whole
    assert {name: kind for name, kind in alone["encoders"].items() if kind} == {
        name: whole["encoders"][name] for name in ("sensor", "word")
    }
    assert {**apart, "fusion": whole["fusion"]} == whole
    assert apart["fusion"]["kind"] == "none"
