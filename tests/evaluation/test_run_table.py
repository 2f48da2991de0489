"""The table says what is a control, what is simulated and what is absent."""

from __future__ import annotations

import pandas as pd
import pytest
from rich.console import Console

from sensorgraph.errors import DataError
from sensorgraph.evaluation.intervals import Interval
from sensorgraph.evaluation.run_table import RunTable


@pytest.fixture
def table():
    made = RunTable("pump, window 60")
    made.add("model", {"VUS-PR": Interval(0.5, 0.4, 0.61, 7), "alarms": 3}, is_simulated=True)
    made.add("random", {"VUS-PR": 0.35, "F1": float("nan")}, is_control=True)
    made.add("z-score L2", {"VUS-PR": 0.55}, is_control=True)
    return made


def test_markdown_marks_simulated_controls_and_absent_figures(table):
    assert table.to_markdown().splitlines() == [
        "**pump, window 60**",
        "",
        "| | VUS-PR | alarms | F1 |",
        "|---|---|---|---|",
        "| model (simulated) | 0.500 [0.400, 0.610] | 3 | - |",
        "| *random* (control) | 0.350 | - | nan |",
        "| *z-score L2* (control) | 0.550 | - | - |",
    ]


def test_screen_shows_the_same_marks(table):
    console = Console(record=True, width=120, file=open("/dev/null", "w"))  # noqa: SIM115
    table.print(console)
    console.file.close()
    text = console.export_text()
    assert "model (simulated)" in text
    assert "0.500 [0.400, 0.610]" in text
    assert "random (control)" in text


def test_csv_reads_back(table, tmp_path):
    table.to_csv(tmp_path / "table.csv")
    frame = pd.read_csv(tmp_path / "table.csv")
    assert list(frame["name"]) == ["model", "random", "z-score L2"]
    assert list(frame["simulated"]) == [True, False, False]
    assert list(frame["control"]) == [False, True, True]
    assert frame["VUS-PR low"][0] == 0.4
    assert frame["F1"].isna().all()


def test_says_which_controls_are_not_beaten(table):
    assert table.controls_above("model", "VUS-PR") == ["z-score L2"]
    table.add("equal", {"VUS-PR": 0.35}, is_control=True)
    assert table.controls_above("random", "VUS-PR") == ["random", "z-score L2", "equal"]


def test_refuses_a_second_row_of_a_name_and_an_unknown_cell(table):
    with pytest.raises(DataError, match="there already"):
        table.add("random", {})
    with pytest.raises(DataError, match="no 'F1' of 'model'"):
        table.value("model", "F1")
