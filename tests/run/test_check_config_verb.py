"""The verb 'check-config': every mistake at once, and the complete file where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorgraph.config import load
from sensorgraph.run.cli import main
from sensorgraph.run.run_file import RunFile

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("name", sorted(file.name for file in CONFIGS.glob("*.yaml")))
def test_every_shipped_file_is_right(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(CONFIGS / name)]) == 0
    assert capsys.readouterr().out == f"# {CONFIGS / name}: no mistakes\n"


def test_the_resolved_file_is_the_same_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(CONFIGS / "scene_gnn.yaml")
    assert main(["check-config", config, "model.dim=32", "--resolved"]) == 0
    (tmp_path / "again.yaml").write_text(capsys.readouterr().out)
    assert load(tmp_path / "again.yaml", RunFile) == load(config, RunFile, ["model.dim=32"])


def test_all_mistakes_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ["model.dmi=3", "data.dataset.num_train=-1", "fusion.kind=nnoe", "graph.num_bins=many"]
    assert main(["check-config", str(CONFIGS / "scene_gnn.yaml"), *wrong]) == 2
    shown = capsys.readouterr().err
    assert "model.dmi: this section takes no such setting; did you mean 'dim'?" in shown
    assert "data.dataset.num_train: must be 0 or greater (got -1)" in shown
    assert "fusion.kind: no kind 'nnoe'" in shown
    assert "graph.num_bins" in shown


def test_arguments_that_do_not_fit_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(CONFIGS / "scene_gnn.yaml"), "fusion.num_heads=7"]) == 2
    assert "num_heads: must divide model.dim, 64 (got 7)" in capsys.readouterr().err


def test_a_machine_that_the_rest_of_the_file_cannot_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ["graph.duration_s=100", "encoders.sensor.1.min_rate_hz=300", "encoders.word=null"]
    assert main(["check-config", str(CONFIGS / "scene_gnn.yaml"), *wrong]) == 2
    shown = capsys.readouterr().err
    assert "graph.duration_s: must not exceed data.simulate.recording_s, 60;" in shown
    assert "encoders.sensor: no entry covers data.simulate.middle_rate_hz;" in shown
    assert "(got rate_hz 200)" in shown
    assert "encoders.word: the simulated machine has raw words;" in shown
    assert "fast_rate_hz" not in shown
    assert "slow_rate_hz" not in shown
