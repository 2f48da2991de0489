"""What a run does instead of what was asked is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sensorgraph.run.sources import Recordings


def test_too_few_recordings_are_split_by_time_and_it_is_said(make_table: Callable[..., Path], tmp_path: Path) -> None:
    said: list[str] = []
    make_table(tmp_path / "one.csv", seed=0)
    pieces = Recordings([str(tmp_path / "*.csv")], gap_s=1.0).pieces(0, tmp_path, said.append)
    assert [piece.split for piece in pieces] == ["train", "validation", "calibration", "test"]
    assert all(first.end_s is not None for first in pieces[:-1])
    assert len(said) == 1
    assert "1 recordings are too few for 4 splits" in said[0]
