"""Sources whose recordings begin with normal operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorgraph.errors import ConfigError
from sensorgraph.run.sources import FirstNormal


def _table(path: Path, num_rows: int, period_s: float = 1.0, more: str = "") -> str:
    head, tail = ("time,flow", "") if not more else (f"time,flow,{more}", ",0")
    path.write_text("\n".join([head, *(f"{row * period_s},{row % 3}{tail}" for row in range(num_rows)), ""]))
    return str(path)


def test_rows_are_counted_whatever_time_they_take(tmp_path: Path) -> None:
    source = FirstNormal([_table(tmp_path / "pump.csv", 100, period_s=1.5)], normal_rows=40, calibration_share=0.25)
    pieces = {piece.split: (piece.start_s, piece.end_s) for piece in source.pieces(0, tmp_path, print)}
    assert pieces == {"train": (0.0, 45.0), "calibration": (45.0, 60.0), "test": (60.0, 150.0)}


def test_normal_files_are_never_tested_and_have_options_of_their_own(tmp_path: Path) -> None:
    paths, normal = [_table(tmp_path / "pump.csv", 100, more="label")], [_table(tmp_path / "normal.csv", 50)]
    source = FirstNormal(paths, normal_s=40.0, normal=normal, options={"leave_out": ["label"]}, normal_options={})
    pieces = source.pieces(0, tmp_path, print)
    assert {piece.split for piece in pieces if piece.recording_id == "normal"} == {"train", "calibration"}
    assert {piece.split for piece in pieces if piece.recording_id == "pump"} == {"train", "calibration", "test"}


@pytest.mark.parametrize("both", [{}, {"normal_s": 3.0, "normal_rows": 3}])
def test_the_beginning_is_told_in_one_way(both: dict) -> None:
    with pytest.raises(ConfigError, match="normal_s or normal_rows"):
        FirstNormal(["x.csv"], **both)
