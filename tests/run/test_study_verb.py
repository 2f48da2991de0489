"""The verb 'study': from a run file to pages, and on from where it stopped."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sensorgraph.run.cli import main

CONFIG = Path(__file__).parents[2] / "configs" / "study.yaml"
TINY = (
    "quick.task.num_recordings=120",
    "quick.task.modalities=[image, text]",
    "quick.fit.dim=8",
    "quick.fit.num_epochs=1",
    "quick.plan.kinds=[late, mean_of_probabilities]",
    "quick.plan.closer=[late]",
    "quick.plan.num_seeds=1",
    "quick.plan.weakened=[text]",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    assert main(["study", str(CONFIG), "--quick", "--workers", "1", "--out", str(folder), *TINY]) == 0
    return folder


def test_it_writes_pages_tables_and_pictures(folder: Path) -> None:
    names = {path.name for path in folder.iterdir() if path.is_file()}
    pictures = {"comparison.png", "noise.png", "r2.png", "weights.png"}
    assert names == {"study.yaml", "experiments.md", "postmortem.md", "cells.csv"} | pictures
    for name in ("experiments.md", "postmortem.md"):
        page = (folder / name).read_text()
        assert "**Everything here is simulated.**" in page
        assert "sensorgraph study" in page, "the command that made it"
        assert "nan" not in page


def test_the_postmortem_answers_six_questions(folder: Path) -> None:
    page = (folder / "postmortem.md").read_text()
    assert [line[3] for line in page.splitlines() if line.startswith("## ")] == list("123456")


def test_every_picture_of_a_page_is_there(folder: Path) -> None:
    page = (folder / "experiments.md").read_text()
    named = {part.split(")")[0] for part in page.split("](")[1:] if part.split(")")[0].endswith(".png")}
    assert named == {path.name for path in folder.glob("*.png")}


def test_the_table_holds_every_cell_and_condition(folder: Path) -> None:
    table = pd.read_csv(folder / "cells.csv", keep_default_na=False)
    cells = table[["kind", "modalities", "seed", "dropout", "weakened", "weakness"]].drop_duplicates()
    assert len(cells) == len(list((folder / "cells").iterdir()))
    assert table["test_accuracy"].astype(float).between(0, 1).all()
    assert not table.duplicated(["kind", "modalities", "seed", "dropout", "weakened", "weakness", "condition"]).any()


def test_a_second_run_trains_nothing_that_is_there(folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "cells").iterdir()}
    lost = sorted(before)[0]
    (folder / "cells" / lost).unlink()
    assert main(["study", str(CONFIG), "--quick", "--workers", "1", "--out", str(folder), *TINY]) == 0
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "cells").iterdir()}
    assert {name for name in before if after[name] != before[name]} == {lost}


def test_a_folder_of_other_scenes_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = ["study", str(CONFIG), "--quick", "--workers", "1", "--out", str(folder), *TINY, "quick.task.seed=1"]
    assert main(other) == 2
    assert "holds a study with other settings" in capsys.readouterr().err


def test_mistakes_are_told_before_anything_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ["full.plan.kinds=[late, lathe]", "quick.plan.num_closer_seeds=9"]
    assert main(["study", str(CONFIG), "--out", str(tmp_path / "new"), *wrong]) == 2
    said = capsys.readouterr().err
    assert "no kind of fusion 'lathe'" in said
    assert "must not exceed num_seeds" in said
    assert not (tmp_path / "new").exists()
