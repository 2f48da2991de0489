"""Figures with their intervals, one bar per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sensorgraph.viz.style import FAINT, GRID, INK, OTHER_COLOUR, finish, house_style, new_figure
from sensorgraph.viz.tables import require_columns

_ROW_IN = 0.24


def draw_bars(
    table: pd.DataFrame,
    path: str | Path | None = None,
    title: str = "",
    label: str = "",
    colours: Mapping[str, str] | None = None,
    lines: Mapping[str, float] | None = None,
) -> Figure:
    """Draw one bar per row, from top to bottom in the order of the table.

    Args:
        table: columns ``name``, ``value``, ``low``, ``high``, and ``group`` if there are colours.
        path: where to save it as a PNG.
        title: above.
        label: of the axis.
        colours: group to colour.
        lines: what is marked across all bars, name to value.

    Raises:
        DataError: a column is missing.

    Example:
        >>> rows = {"name": ["late", "early"], "value": [0.6, 0.7], "low": [0.5, 0.6], "high": [0.7, 0.8]}
        >>> table = pd.DataFrame(rows)
        >>> len(draw_bars(table, lines={"chance": 0.5}).axes[0].patches)
        2
    """
    require_columns("viz.bars", table, ["name", "value", "low", "high", *(["group"] if colours else [])])
    with house_style():
        figure = new_figure(8.0, 1.0 + _ROW_IN * len(table))
        axes = figure.subplots()
        place = range(len(table))
        shown = [OTHER_COLOUR if colours is None else colours.get(group, OTHER_COLOUR) for group in _groups(table)]
        axes.barh(place, table["value"], color=shown, height=0.72)
        reach = [table["value"] - table["low"], table["high"] - table["value"]]
        axes.errorbar(table["value"], place, xerr=reach, fmt="none", ecolor=INK, elinewidth=1.0, capsize=2.0)
        for name, value in (lines or {}).items():
            axes.axvline(value, color=INK, linewidth=0.8, linestyle=":")
            axes.annotate(name, (value, -0.7), fontsize=7, color=INK, ha="center", va="bottom", annotation_clip=False)
        axes.set_yticks(place, list(table["name"]))
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_xlim(left=min(0.0, float(table["low"].min())))
        axes.set_xlabel(label)
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0, color=FAINT)
        finish(figure, title, path)
    return figure


def _groups(table: pd.DataFrame) -> Sequence[str]:
    return [str(group) for group in table["group"]] if "group" in table.columns else [""] * len(table)
