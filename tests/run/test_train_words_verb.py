"""The verb ``train`` with a run file of the word reader: checked first, then one file of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.models.word_judge import WordJudge
from sensorgraph.run.cli import main
from sensorgraph.words import WordChannel, WordEvidence

ROOT = Path(__file__).parents[2]
TINY = ["words.num_simulated=6", "words.num_held_back=2", "network.hidden=8", "training.num_steps=2"]


def test_the_recipe_has_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(ROOT / "configs" / "words.yaml")]) == 0
    assert main(["check-config", str(ROOT / "configs" / "words.yaml"), "network.hiden=8"]) == 2
    assert "did you mean 'hidden'" in capsys.readouterr().err


def test_a_run_leaves_weights_that_judge(tmp_path: Path) -> None:
    words = ["train", str(ROOT / "configs" / "words.yaml"), "words.recordings=null", *TINY]
    assert main([*words, "--out", str(tmp_path / "run")]) == 0
    judge = WordJudge.load(tmp_path / "run" / "words.safetensors")
    evidence = WordEvidence.of([WordChannel(np.arange(300, dtype=np.uint16), 10.0)])
    assert judge.judge(evidence).type_probability.shape == (1, 3)
    assert (tmp_path / "run" / "run.yaml").is_file()


def test_real_words_are_learned_from_by_source(tmp_path: Path, shared_data: Path) -> None:
    words = ["train", str(ROOT / "configs" / "words.yaml"), f"words.recordings={shared_data / 'words'}"]
    tiny = [*TINY, "words.num_varied=1", "words.leave_out=[px4, n2k]"]
    assert main([*words, *tiny, "--out", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "words.safetensors").is_file()


def test_wrong_places_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], shared_data: Path) -> None:
    words = ["train", str(ROOT / "configs" / "words.yaml"), *TINY, "--out", str(tmp_path / "run")]
    assert main([*words, f"words.recordings={tmp_path}"]) == 2
    assert "holds no .npz of labelled words" in capsys.readouterr().err
    assert main([*words, f"words.recordings={shared_data / 'words'}", "words.leave_out=[bike]"]) == 2
    assert "no recording is from bike; known are css, motec, n2k, px4" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
