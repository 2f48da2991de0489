"""The verb 'simulate': what lies where, twice the same, and going on after an interruption."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from sensorgraph.config import load, read_yaml, to_plain
from sensorgraph.run.cli import main
from sensorgraph.run.simulate import SimulationFile
from sensorgraph.scenes.store import read_recording

CONFIG = """
seed: 3
simulate:
  recording_s: 6
  scene_s: 2
  modalities: [sensor, text]
  num_physical: 3
  num_pairs: 1
  fast_rate_hz: 500
  status_every_s: 0.5
dataset: {num_train: 1, num_validation: 0, num_calibration: 0, num_test: 1, num_faulty: 1, contextual: [text]}
"""
NAMES = [f"test/contextual-text-00{number}" for number in range(3)] + [
    "test/faulty-000",
    "test/test-000",
    "train/train-000",
]


def simulate(config: Path, out: Path, *words: str, workers: int = 1) -> int:
    return main(["simulate", str(config), "--out", str(out), "--workers", str(workers), *words])


def content(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        digest.update(str(file.relative_to(folder)).encode() + (file.read_bytes() if file.is_file() else b""))
    return digest.hexdigest()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("config") / "small.yaml"
    file.write_text(CONFIG)
    return file


@pytest.fixture(scope="module")
def made(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process made, to be read only."""
    out = tmp_path_factory.mktemp("made")
    assert simulate(config, out) == 0
    return out


def test_recordings_lie_by_role_beside_their_settings(made: Path, config: Path) -> None:
    assert sorted(str(path.relative_to(made)) for path in made.glob("*/*.zarr")) == [f"{name}.zarr" for name in NAMES]
    assert read_recording(made / "test" / "faulty-000.zarr").labels.anomalies
    assert not read_recording(made / "train" / "train-000.zarr").labels.anomalies
    assert load(made / "simulate.yaml", SimulationFile) == load(config, SimulationFile)


def test_workers_make_what_one_process_makes(
    made: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "again"
    assert simulate(config, out, workers=2) == 0
    assert capsys.readouterr().out == f"6 recordings lie in {out}\n"
    assert content(out) == content(made)


def test_a_seed_makes_another(made: Path, config: Path, tmp_path: Path) -> None:
    only_train = [f"dataset.{name}=0" for name in ("num_test", "num_faulty")]
    assert simulate(config, tmp_path / "other", "seed=4", *only_train) == 0
    assert content(tmp_path / "other" / "train") != content(made / "train")


def test_an_interrupted_run_goes_on(
    made: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    shutil.copytree(made, out)
    shutil.rmtree(out / "train" / "train-000.zarr")
    shutil.rmtree(out / "test" / "contextual-text-002.zarr")
    assert simulate(config, out) == 0
    assert capsys.readouterr().out == f"6 recordings (4 were there already) lie in {out}\n"
    assert content(out) == content(made)


def test_a_folder_of_somebody_else_is_left_alone(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    assert simulate(config, out) == 2
    assert "is not empty and was not made by this verb" in capsys.readouterr().err
    (out / "thesis.txt").rename(out / "simulate.yaml")
    assert simulate(config, out) == 2
    assert "holds recordings made with other settings" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["simulate.yaml"]


def test_all_mistakes_are_told_before_anything_is_made(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    wrong = ["seed=-1", "simulate.fast_rate_hz=-1", "simulate.faults.severity=[2,3]", "dataset.num_trian=3"]
    assert simulate(config, out, *wrong) == 2
    shown = capsys.readouterr().err
    assert "seed: must be greater than or equal to 0 (got -1)\n" in shown
    assert "simulate.fast_rate_hz: must be greater than 0 (got -1.0)\n" in shown
    assert "simulate.faults.severity: must be two numbers" in shown
    assert "dataset.num_trian: this section takes no such setting; did you mean 'num_train'?\n" in shown
    assert not out.exists()


def test_no_worker_is_no_number_of_workers(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", str(config), "--workers", "0"])
    assert "must be a whole number of at least 1 (got '0')" in capsys.readouterr().err


def test_the_shipped_file_is_complete() -> None:
    """A reader of the file sees every setting that there is."""
    shipped = Path(__file__).parents[2] / "configs" / "simulate.yaml"
    assert to_plain(load(shipped, SimulationFile)) == read_yaml(shipped)
