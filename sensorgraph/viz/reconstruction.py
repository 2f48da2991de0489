"""What the model expected of each stream, and what was true."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sensorgraph.viz.style import ALARM_COLOUR, INK, house_style, modality_colour, new_figure, save, say_empty, shorten
from sensorgraph.viz.tables import require_columns

_COLUMNS = ("stream", "start_s", "end_s", "target", "mean", "sigma")
_EXPECTED = modality_colour("sensor")
# Beyond three standard deviations a Gaussian expectation is wrong or the stream is.
_ODD = 3.0


def draw_reconstruction(
    table: pd.DataFrame,
    path: str | Path | None = None,
    *,
    title: str = "Reconstruction",
    max_panels: int = 30,
    num_columns: int = 3,
) -> Figure:
    """Draw truth over the expected mean with bands of one and two standard deviations, one panel per stream.

    Bins that lie more than three standard deviations off are red; shaded bins were hidden from the model.

    Args:
        table: one row per stream and bin (and feature): columns ``stream``, ``start_s``, ``end_s``, ``target``,
            ``mean``, ``sigma`` (standard deviation); perhaps ``feature`` (its name, a panel each), ``hidden`` (bool).
        path: where to save a PNG; None saves nothing.
        title: above the picture.
        max_panels: only so many panels, those with the largest deviations; the title says so.
        num_columns: panels side by side.

    Raises:
        DataError: the table lacks columns.
        OSError: the picture cannot be written.

    Example:
        >>> table = pd.DataFrame({"stream": "oil", "start_s": [0.0, 1.0], "end_s": [1.0, 2.0], "target": [0.1, 4.0],
        ...                       "mean": [0.0, 0.0], "sigma": [1.0, 1.0]})
        >>> len(draw_reconstruction(table).axes)
        1
    """
    require_columns("viz.reconstruction", table, _COLUMNS)
    with house_style():
        table = table.assign(deviation=deviation(table))
        keys = ["stream", "feature"] if "feature" in table.columns else ["stream"]
        groups = {key: rows for key, rows in table.groupby(keys, sort=False)}
        worst = {key: float(np.nan_to_num(rows["deviation"].abs().max())) for key, rows in groups.items()}
        chosen = set(sorted(groups, key=lambda key: -worst[key])[:max_panels])
        kept = [key for key in groups if key in chosen]
        num_columns = max(1, min(num_columns, len(kept)))
        num_rows = max(math.ceil(len(kept) / num_columns), 1)
        height_in = 1.25 * num_rows + 1.1
        figure = new_figure(max(4.6 * num_columns, 7.0), height_in)
        shown = title if len(kept) == len(groups) else f"{title}   {len(kept)} of {len(groups)} series shown"
        figure.text(0.02, 1 - 0.25 / height_in, shown, fontsize=12, fontweight="bold", va="center")
        grid = figure.add_gridspec(
            num_rows,
            num_columns,
            left=0.06,
            right=0.98,
            top=1 - 0.85 / height_in,
            bottom=0.5 / height_in,
            hspace=0.75,
            wspace=0.16,
        )
        if not kept:
            say_empty(figure.add_subplot(grid[0]), "nothing was reconstructed")
        for number, key in enumerate(kept):
            axes = figure.add_subplot(grid[number // num_columns, number % num_columns])
            _draw_panel(axes, groups[key], " ".join(shorten(str(part), 26) for part in key))
            if number + num_columns >= len(kept):
                axes.set_xlabel("time (s)")
            else:
                axes.tick_params(axis="x", labelbottom=False)
        if kept:
            figure.legend(
                handles=[
                    Line2D([], [], color=INK, linewidth=1.2, marker=".", label="truth"),
                    Line2D([], [], color=_EXPECTED, linewidth=1.2, label="expected"),
                    Patch(color=_EXPECTED, alpha=0.28, label="1 and 2 standard deviations"),
                    Line2D([], [], color=ALARM_COLOUR, marker="o", linestyle="none", label="beyond 3"),
                    Patch(color="#EEEEEE", label="hidden"),
                ],
                loc="upper right",
                bbox_to_anchor=(0.985, 1 - 0.08 / height_in),
                ncols=5,
            )
        if path is not None:
            save(figure, path)
    return figure


def deviation(table: pd.DataFrame) -> np.ndarray:
    """Truth minus mean, in standard deviations; NaN where the truth is unknown.

    Example:
        >>> deviation(pd.DataFrame({"target": [3.0, 1.0], "mean": [1.0, 1.0], "sigma": [0.5, 0.0]})).tolist()
        [4.0, 0.0]
    """
    off = table["target"].to_numpy(np.float64) - table["mean"].to_numpy(np.float64)
    sigma = table["sigma"].to_numpy(np.float64)
    return np.divide(off, np.maximum(sigma, 1e-12), out=np.zeros_like(off), where=~((off == 0) & (sigma == 0)))


def _draw_panel(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    rows = rows.sort_values("start_s")
    start_s, end_s = rows["start_s"].to_numpy(np.float64), rows["end_s"].to_numpy(np.float64)
    middle_s = (start_s + end_s) / 2
    target, mean = rows["target"].to_numpy(np.float64), rows["mean"].to_numpy(np.float64)
    sigma, off = rows["sigma"].to_numpy(np.float64), rows["deviation"].to_numpy(np.float64)
    if "hidden" in rows.columns:
        for left_s, right_s in zip(start_s[rows["hidden"]], end_s[rows["hidden"]], strict=True):
            axes.axvspan(left_s, right_s, color="#EEEEEE", linewidth=0, zorder=0)
    for width, strength in ((2, 0.14), (1, 0.2)):
        axes.fill_between(
            middle_s, mean - width * sigma, mean + width * sigma, color=_EXPECTED, alpha=strength, linewidth=0
        )
    axes.plot(middle_s, mean, color=_EXPECTED, linewidth=1.2)
    axes.plot(middle_s, target, color=INK, linewidth=0.9, marker=".", markersize=3)
    odd = np.abs(off) > _ODD
    axes.plot(middle_s[odd], target[odd], "o", color=ALARM_COLOUR, markersize=4, zorder=5)
    worst = np.nanmax(np.abs(off)) if np.isfinite(off).any() else math.nan
    axes.set_title(name, fontsize=8.5)
    axes.set_title(
        f"largest {worst:.1f} sigma" if np.isfinite(worst) else "truth unknown",
        loc="right",
        fontsize=7.5,
        fontweight="normal",
        color=ALARM_COLOUR if worst > _ODD else INK,
    )
    if len(start_s):
        axes.set_xlim(start_s.min(), end_s.max())
    axes.tick_params(labelsize=7)
    axes.locator_params(axis="y", nbins=4)
