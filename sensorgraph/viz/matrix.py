"""A table of numbers as coloured fields, each with its number in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sensorgraph.errors import DataError
from sensorgraph.viz.style import FAINT, INK, finish, house_style, new_figure


def draw_matrix(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    path: str | Path | None = None,
    title: str = "",
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Draw a matrix; a field without a number stays white.

    Args:
        values: [R, C], NaN where there is nothing to say.
        rows, columns: their names.
        path: where to save it as a PNG.
        title: above.
        limits: values of the palest and of the darkest colour; by default the smallest and the largest.

    Raises:
        DataError: names and values differ in number.

    Example:
        >>> figure = draw_matrix(np.array([[0.9, np.nan]]), ["audio"], ["sensor", "text"])
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['0.90']
    """
    if values.shape != (len(rows), len(columns)):
        raise DataError(f"viz.matrix: {len(rows)} rows and {len(columns)} columns are named (got {values.shape})")
    low, high = limits or (float(np.nanmin(values)), float(np.nanmax(values)))
    with house_style():
        figure = new_figure(1.9 + 0.95 * len(columns), 1.2 + 0.34 * len(rows))
        axes = figure.subplots()
        axes.imshow(np.clip(values, low, high), cmap="Blues", vmin=low, vmax=high, aspect="auto", alpha=0.85)
        for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
            value = values[row, column]
            dark = value > low + 0.6 * (high - low)
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if dark else INK, fontsize=8)
        axes.set_xticks(range(len(columns)), columns, rotation=20 if len(columns) > 6 else 0)
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0, color=FAINT)
        axes.spines[:].set_visible(False)
        finish(figure, title, path)
    return figure
