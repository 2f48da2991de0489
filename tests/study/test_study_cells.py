"""Cells are files: whole or not there, and never run twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.errors import FileFormatError
from sensorgraph.study.carry_out import carry_out
from sensorgraph.study.cell import AS_IS, Cell, Result, load_result, save_result

CELLS = [Cell("late", ("text", "audio"), seed) for seed in range(4)]


def result_of(cell: Cell) -> Result:
    return Result(
        cell,
        {"test": 0.5 + cell.seed},
        {"scale": {"text": 1.5}},
        {"test": np.full((3, 2), 0.5, np.float32)},
        {AS_IS: np.arange(3, dtype=np.uint8)},
        "made by a test",
    )


def test_a_result_comes_back_as_it_went_in(tmp_path: Path) -> None:
    save_result(tmp_path, result_of(CELLS[1]))
    found = load_result(tmp_path, CELLS[1])
    assert (found.figures, found.learned, found.made_by) == ({"test": 1.5}, {"scale": {"text": 1.5}}, "made by a test")
    assert np.array_equal(found.answers[AS_IS], [0, 1, 2])
    assert found.probability["test"].shape == (3, 2)


def test_what_a_killed_run_finished_is_not_run_again(tmp_path: Path) -> None:
    ran: list[int] = []

    def killed_at_third(cell: Cell) -> Result:
        ran.append(cell.seed)
        if len(ran) == 3:
            raise KeyboardInterrupt
        return result_of(cell)

    with pytest.raises(KeyboardInterrupt):
        list(carry_out(CELLS, tmp_path, killed_at_third))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{cell.name}.safetensors" for cell in CELLS[:2]]
    found = list(carry_out(CELLS, tmp_path, killed_at_third))
    assert ran == [0, 1, 2, 2, 3]
    assert [result.cell for result in found] == CELLS


def test_a_damaged_file_is_named_and_not_taken_for_a_result(tmp_path: Path) -> None:
    path = save_result(tmp_path, result_of(CELLS[0]))
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(FileFormatError, match="delete it to run the cell again"):
        load_result(tmp_path, CELLS[0])


def test_a_file_of_another_cell_is_refused(tmp_path: Path) -> None:
    save_result(tmp_path, result_of(CELLS[0])).rename(tmp_path / f"{CELLS[1].name}.safetensors")
    with pytest.raises(FileFormatError, match="belongs to another cell"):
        load_result(tmp_path, CELLS[1])


def test_names_of_cells_differ_as_cells_do() -> None:
    cells = [
        *CELLS,
        Cell("late", ("text",), 0),
        Cell("late", ("text", "audio"), 0, dropout=0.3),
        Cell("late", ("text", "audio"), 0, weakness="shortened", weakened="text"),
        Cell("late", ("text", "audio"), 0, weakness="shortened", weakened="audio"),
    ]
    assert len({cell.name for cell in cells}) == len(cells)
