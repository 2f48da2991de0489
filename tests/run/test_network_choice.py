"""``--fusion`` and ``--modalities`` on the command line, and what a network weighs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensorgraph.config import load, read_yaml, with_overrides
from sensorgraph.fusion import KINDS
from sensorgraph.run.cli import main
from sensorgraph.run.coverage import unseen
from sensorgraph.run.parameters import parameter_counts, parameter_line
from sensorgraph.run.run_file import RunFile
from sensorgraph.testing import tiny_run

TINY = Path(__file__).parents[2] / "configs" / "scene_gnn_tiny.yaml"


def resolved(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["check-config", str(TINY), "--resolved", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_chosen_on_the_command_line(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"kind: {kind}\n" in resolved(capsys, "--fusion", kind).split("fusion:")[1]


def test_the_kind_of_the_file_keeps_its_arguments_and_another_gets_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(TINY), "fusion.num_layers=3", "--resolved", "--fusion", "message_passing"]
    assert main(["check-config", *words]) == 0
    assert "num_layers: 3" in capsys.readouterr().out.split("fusion:")[1]
    assert "num_factors" not in resolved(capsys, "--fusion", "concat").split("fusion:")[1]


def test_modalities_leave_the_others_without_encoder() -> None:
    overrides = ["encoders.image=null", "encoders.text=null", "encoders.video=null"]
    overrides += ["encoders.sensor=[]", "encoders.word=null"]
    assert load(TINY, RunFile, overrides).encoders.modalities == ("audio",)
    assert with_overrides(read_yaml(TINY), overrides)["encoders"]["audio"] is not None  # type: ignore[arg-type]


def test_modalities_are_taken_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = resolved(capsys, "--modalities", "sensor", "audio").split("encoders:")[1]
    assert "image: null" in text
    assert "video: null" in text
    assert "kind: audio" in text


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--fusion", "concatt"], r"no kind 'concatt'; did you mean 'concat'\?"),
        (["encoders.audio=null", "--modalities", "sensor", "audio"], "the run file has no encoders.audio"),
        (["encoders.audio=null", "--modalities", "audio"], "encoders.sensor: must have at least one entry"),
    ],
)
def test_mistakes_are_told_before_data_is_opened(
    words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("check-config", "train"):
        assert main([verb, str(TINY), *words]) == 2
        assert re.search(problem, capsys.readouterr().err)


def test_a_modality_that_the_data_lack_is_told(
    tmp_path: Path,
    make_table: Callable[..., Path],
    table_config: Callable[[Path], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    for seed in range(2):
        make_table(tmp_path / f"pump{seed}.csv", seed)
    config = table_config(tmp_path)
    words = ["encoders.audio={kind: audio}", "--modalities", "sensor", "audio", "--cache", str(tmp_path / "cache")]
    assert main(["train", str(config), *words, "--out", str(tmp_path / "run")]) == 2
    assert "--modalities: the training data hold only sensor" in capsys.readouterr().err
    assert not (tmp_path / "run").exists(), "a run that cannot begin leaves no folder behind"


def test_a_modality_that_no_encoder_looks_at_is_said() -> None:
    """Allowed, since a comparison may leave a modality out; but nobody is to overlook it."""
    graphs, encoders = tiny_run(seeds=[0]).graphs(), load(TINY, RunFile, ["encoders.audio=null"]).encoders
    assert unseen(graphs, encoders) == ["audio: in the data, and not looked at; add encoders.audio to use it\n"]
    assert unseen(graphs, load(TINY, RunFile).encoders) == []


def test_parameter_counts_add_up() -> None:
    model: Any = tiny_run(seeds=[0]).model(dim=8, kind="concat")
    counts = parameter_counts(model)
    assert sum(counts.values()) == sum(weight.numel() for weight in model.parameters())
    assert counts["encoders.audio"] == sum(weight.numel() for weight in model.encoders["audio"].parameters())
    line = parameter_line(model, "concat")
    assert f"fusion (concat) {counts['fusion']:,}" in line
    assert parameter_line(tiny_run(seeds=[0]).model(dim=8, kind="none"), "none").startswith("parameters: ")
