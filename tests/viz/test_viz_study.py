"""Bars, curves and matrices: what is drawn is what was given, and the same again gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import DataError
from sensorgraph.viz import draw_bars, draw_curves, draw_matrix

TABLE = pd.DataFrame(
    {"name": ["a", "b"], "group": ["x", "y"], "value": [0.4, 0.6], "low": [0.3, 0.5], "high": [0.5, 0.7]}
)


def test_bars_are_as_long_as_their_values() -> None:
    figure = draw_bars(TABLE, colours={"x": "#112233"}, lines={"chance": 0.2})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.4, 0.6]  # type: ignore[attr-defined]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b"]


def test_bars_without_an_interval_are_refused() -> None:
    with pytest.raises(DataError, match="lacks columns low"):
        draw_bars(TABLE.drop(columns="low"))


def test_a_line_has_one_colour_in_all_panels() -> None:
    figure = draw_curves({"p": {"a": [1, 0], "b": [1, 1]}, "q": {"b": [0, 1]}}, steps=[0, 1])
    colours = [{line.get_label(): line.get_color() for line in axes.lines} for axes in figure.axes]
    assert colours[0]["b"] == colours[1]["b"] != colours[0]["a"]


def test_a_field_without_a_number_stays_empty() -> None:
    figure = draw_matrix(np.array([[0.5, np.nan], [1.0, 0.0]]), ["r", "s"], ["u", "v"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.50", "1.00", "0.00"]


def test_a_matrix_with_too_few_names_is_refused() -> None:
    with pytest.raises(DataError, match="1 rows and 2 columns are named"):
        draw_matrix(np.zeros((2, 2)), ["r"], ["u", "v"])


def test_the_same_picture_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        draw_bars(TABLE, tmp_path / name, title="t")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
