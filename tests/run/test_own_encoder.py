"""The page about encoders of one's own: its class keeps the rules, and trains from a run file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from sensorgraph.run.class_file import load_class_file
from sensorgraph.run.cli import main
from sensorgraph.testing.application_files import tiny_file

PAGE = Path(__file__).parents[2] / "docs" / "own_encoder.md"


@pytest.fixture
def blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The code of the page, with its module where Python finds it."""
    found = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found[0].startswith("# my_encoders.py\n")
    (tmp_path / "my_encoders.py").write_text(found[0])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_encoders", raising=False)
    return found


def test_the_check_of_the_page_passes(blocks: list[str]) -> None:
    exec(blocks[1], {})


def test_the_encoder_of_the_page_trains(blocks: list[str], tmp_path: Path) -> None:
    override = re.findall(r'"(encoders\.image=.*?)"', PAGE.read_text())[0]
    shipped = Path(__file__).parents[2] / "configs" / "vision_language.yaml"
    chosen = load_class_file(shipped, [override]).encoders.image
    assert chosen is not None
    assert chosen.cls.__name__ == "MeanColour"
    assert chosen.arguments["hidden"] == 16
    words = ["train", str(tiny_file("vision_language")), override, "--out", str(tmp_path / "run"), "--no-progress"]
    assert main(words) == 0
    assert (tmp_path / "run" / "predictions.csv").is_file()


def test_an_argument_out_of_bounds_is_told(blocks: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    wrong = "encoders.image={kind: 'my_encoders:MeanColour', hidden: 0}"
    assert main(["check-config", str(tiny_file("vision_language")), wrong]) == 2
    assert "encoders.image.hidden: must be greater than or equal to 1 (got 0)" in capsys.readouterr().err
