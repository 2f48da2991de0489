"""The ready applications: from a run file or a folder to answers, with every control in the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorgraph.applications import Application, AudioVideo, Robot, TriModal, VisionLanguage
from sensorgraph.config import load, read_yaml, to_plain
from sensorgraph.errors import ConfigError, DataError, FileFormatError
from sensorgraph.run.class_file import ClassFile
from sensorgraph.run.cli import main
from sensorgraph.run.train_classes import parts_of
from sensorgraph.simulate.tasks import TASKS
from sensorgraph.testing.application_files import tiny_file

CONFIGS = Path(__file__).parents[2] / "configs"
ALL: dict[str, type[Application]] = {
    "vision_language": VisionLanguage,
    "audio_video": AudioVideo,
    "robot": Robot,
    "tri_modal": TriModal,
}


@pytest.mark.parametrize("task", ALL)
def test_an_application_is_trained_opened_again_and_judged(task: str, tmp_path: Path) -> None:
    model = ALL[task](tiny_file(task)).fit(out=tmp_path / "run")
    examples = TASKS[task].examples(5, seed=1)
    answers = model.predict(examples)
    assert answers[[f"p({name})" for name in sorted(TASKS[task].classes)]].sum(axis=1).to_numpy() == pytest.approx(1)
    again = ALL[task].open(tmp_path / "run")
    assert again.predict(examples).equals(answers)
    rows = [row.label for row in again.evaluate().rows]
    assert rows[1] == "commonest class (simulated)"
    assert {f"{modality} hidden (simulated)" for modality in model.modalities} <= set(rows)


@pytest.mark.parametrize("task", ALL)
def test_the_shipped_files_are_complete(task: str) -> None:
    """A reader of the file sees every setting that there is, but the losses that say nothing here."""
    shipped = CONFIGS / f"{task}.yaml"
    found = to_plain(load(shipped, ClassFile))
    assert isinstance(found, dict)
    assert isinstance(found["training"], dict)
    del found["training"]["losses"]
    assert found == read_yaml(shipped)
    assert set(load(shipped, ClassFile).encoders.modalities) == set(ALL[task].modalities)


def test_each_part_of_the_modalities_is_a_control(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tiny_file("vision_language", classes="{controls: true}")
    assert main(["train", str(file), "--out", str(tmp_path / "run"), "--no-progress"]) == 0
    shown = capsys.readouterr().out
    assert "control: image alone\ncontrol: text alone\n" in shown
    table = (tmp_path / "run" / "tables.md").read_text()
    assert "| *image alone (simulated)* (control) |" in table
    assert "| *text alone (simulated)* (control) |" in table
    assert len(parts_of(("image", "audio", "text"))) == 6


def test_a_run_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    file = tiny_file("robot")
    words = ["train", str(file), "--out", str(tmp_path / "run"), "--no-progress"]
    assert main(words) == 0
    before = Robot.open(tmp_path / "run").predict(TASKS["robot"].examples(3, seed=1))
    assert main([*words, "--resume"]) == 0
    assert Robot.open(tmp_path / "run").predict(TASKS["robot"].examples(3, seed=1)).equals(before)


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VisionLanguage looks at image and text; name an encoder for each"):
        VisionLanguage(tiny_file("robot"))
    model = VisionLanguage(tiny_file("vision_language"))
    with pytest.raises(DataError, match="nothing was trained yet; call fit first"):
        model.predict([])
    (tmp_path / "run.yaml").write_text(tiny_file("vision_language").read_text())
    with pytest.raises(FileFormatError, match=r"tells no scenes apart, it lacks model\.safetensors"):
        VisionLanguage.open(tmp_path)
    with pytest.raises(
        ConfigError, match=r"examples.task: no such task; known are vision_language, .* \(got 'chess'\)"
    ):
        VisionLanguage(tiny_file("vision_language", examples="{kind: simulated, task: chess}")).fit()
    with pytest.raises(ConfigError, match=r"classes\.losses: no such term"):
        VisionLanguage(tiny_file("vision_language", classes="{losses: {own_clas: 1.0}}"))
    with pytest.raises(ConfigError, match=r"training\.losses: says nothing where scenes have classes"):
        VisionLanguage(tiny_file("vision_language", training="{losses: {pair: 1.0}}"))


def test_check_config_tells_a_task_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(CONFIGS / "robot.yaml"), "examples.task=chess"]) == 2
    assert "no such task" in capsys.readouterr().err
