"""Scores of a whole recording over time: which streams, when, and above which threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sensorgraph.scenes import Anomaly
from sensorgraph.viz.score_panel import draw_score_panel
from sensorgraph.viz.spans import draw_truth, mark_alarms, mark_truth
from sensorgraph.viz.style import ALARM_COLOUR, TRUTH_COLOUR, house_style, new_figure, save, say_empty, shorten
from sensorgraph.viz.tables import require_columns

# Pale below the threshold, red above it: the eye finds alarms before it reads a number.
_HEAT = LinearSegmentedColormap.from_list(
    "heat", [(0, "#FFFFFF"), (0.5, "#9DB8D6"), (0.5, "#F2B0A5"), (1, "#8E0B15")]
).with_extremes(bad="#ECECEC")


@dataclass(frozen=True)
class HeatMap:
    """Scores on a regular picture: ``value`` [streams, columns] (NaN: none), ``edges_s`` [columns + 1]."""

    streams: tuple[str, ...]
    edges_s: np.ndarray
    value: np.ndarray


def draw_scores(
    table: pd.DataFrame,
    path: str | Path | None = None,
    *,
    threshold: float | None = None,
    events: pd.DataFrame | None = None,
    truth: Sequence[Anomaly] = (),
    title: str = "Scores",
    max_streams: int = 40,
) -> Figure:
    """Draw a heat map of streams over time above the curve of the largest score.

    Args:
        table: columns ``stream``, ``start_s``, ``end_s``, ``score`` on the clock of the recording (s).
        path: where to save a PNG; None saves nothing.
        threshold: where alarms begin: the heat map turns red there.
        events: columns ``start_s``, ``end_s`` (as `sensorgraph.scoring.events_table` gives them), shaded.
        truth: anomalies that are known, on the same clock.
        title: above the picture.
        max_streams: only so many streams with the highest scores get a row, and the title says so.

    Raises:
        DataError: a table lacks columns.
        OSError: the picture cannot be written.

    Example:
        >>> table = pd.DataFrame({"stream": "oil", "start_s": [0.0, 1.0], "end_s": [1.0, 2.0], "score": [0.3, 5.0]})
        >>> draw_scores(table, threshold=3.0).axes[1].get_ylabel()
        'score'
    """
    require_columns("viz.scores", table, ["stream", "start_s", "end_s", "score"])
    if events is not None:
        require_columns("viz.scores: events", events, ["start_s", "end_s"])
    with house_style():
        num_streams = int(table["stream"].nunique())
        num_rows = min(num_streams, max_streams)
        truth_in = 0.26 * min(len(truth), 6)
        heights_in = [truth_in] * bool(truth) + [max(0.2 * num_rows, 0.6), 2.0]
        height_in = sum(heights_in) + 1.3
        figure = new_figure(12.5, height_in)
        shown = title if num_rows == num_streams else f"{title}   {num_rows} of {num_streams} streams shown"
        figure.text(0.02, 1 - 0.27 / height_in, shown, fontsize=12, fontweight="bold", va="center")
        grid = figure.add_gridspec(
            len(heights_in),
            1,
            height_ratios=heights_in,
            left=0.15,
            right=0.9,
            top=1 - 0.5 / height_in,
            bottom=0.5 / height_in,
            hspace=0.12 * len(heights_in) / sum(heights_in),
        )
        panels = [figure.add_subplot(grid[row]) for row in range(len(heights_in))]
        if not np.isfinite(table["score"].to_numpy(np.float64)).any():
            say_empty(panels[-2], "no scores")
            say_empty(panels[-1], "")
        else:
            _fill(figure, panels, table, threshold, events, truth, max_streams)
        if path is not None:
            save(figure, path)
    return figure


def heat_map(table: pd.DataFrame, max_streams: int = 40, num_columns: int = 600) -> HeatMap:
    """Largest score per stream and column of the picture, the streams with the highest peaks on top.

    Example:
        >>> bins = {"stream": ["a", "a", "b"], "start_s": [0.0, 1.0, 1.0], "end_s": [1.0, 2.0, 2.0], "score": [1, 2, 9]}
        >>> picture = heat_map(pd.DataFrame(bins))
        >>> picture.streams, picture.value.tolist()
        (('b', 'a'), [[nan, 9.0], [1.0, 2.0]])
    """
    peak = table.groupby("stream")["score"].max().sort_values(ascending=False, kind="stable")
    streams = tuple(str(name) for name in peak.index[:max_streams])
    first_s, last_s = float(table["start_s"].min()), float(table["end_s"].max())
    shortest_s = max(float((table["end_s"] - table["start_s"]).min()), 1e-9)
    num_columns = int(np.clip(round((last_s - first_s) / shortest_s), 1, num_columns))
    edges_s = np.linspace(first_s, last_s, num_columns + 1)
    value = np.full((len(streams), num_columns), -np.inf)
    kept = table[table["stream"].astype(str).isin(streams) & np.isfinite(table["score"])]
    row = kept["stream"].astype(str).map({name: number for number, name in enumerate(streams)}).to_numpy()
    width_s = (last_s - first_s) / num_columns
    begin = np.clip(((kept["start_s"].to_numpy() - first_s) / width_s + 1e-6).astype(np.int64), 0, num_columns - 1)
    end = np.clip(np.ceil((kept["end_s"].to_numpy() - first_s) / width_s - 1e-6).astype(np.int64), 1, num_columns)
    length = np.maximum(end - begin, 1)
    # A bin longer than a column fills all columns that it covers.
    column = np.repeat(begin - (length.cumsum() - length), length) + np.arange(length.sum())
    np.maximum.at(value, (np.repeat(row, length), column), np.repeat(kept["score"].to_numpy(np.float64), length))
    return HeatMap(streams, edges_s, np.where(np.isinf(value), np.nan, value))


def _fill(
    figure: Figure,
    panels: list[Axes],
    table: pd.DataFrame,
    threshold: float | None,
    events: pd.DataFrame | None,
    truth: Sequence[Anomaly],
    max_streams: int,
) -> None:
    heat_axes, curve_axes = panels[-2:]
    picture = heat_map(table, max_streams)
    for axes in panels:
        axes.set_xlim(picture.edges_s[0], picture.edges_s[-1])
    if truth:
        draw_truth(panels[0], truth)
        panels[0].text(
            -0.01,
            0.5,
            "truth",
            transform=panels[0].transAxes,
            ha="right",
            va="center",
            color=TRUTH_COLOUR,
            fontweight="bold",
        )
    low, high = np.nanmin(picture.value), np.nanmax(picture.value)
    centre = threshold if threshold is not None else (low + high) / 2
    low, high = min(low, centre - 1e-9), max(high, centre + 1e-9)
    rows = np.arange(len(picture.streams) + 1)
    mesh = heat_axes.pcolormesh(
        picture.edges_s,
        rows,
        np.ma.masked_invalid(picture.value),
        cmap=_HEAT,
        norm=TwoSlopeNorm(centre, low, high),
        rasterized=True,
    )
    heat_axes.invert_yaxis()
    heat_axes.set_yticks(rows[:-1] + 0.5, [shorten(name, 24) for name in picture.streams], fontsize=7.5)
    heat_axes.tick_params(axis="y", length=0)
    box = heat_axes.get_position()
    bar = figure.colorbar(mesh, cax=figure.add_axes((0.915, box.y0, 0.012, box.height)))
    # A tick outside the range, be it by rounding, breaks a scale with two slopes: round the words, not the places.
    bar.set_ticks([low, centre, high], labels=[f"{value:.3g}" for value in (low, centre, high)])
    bar.outline.set_visible(False)
    bar.set_label("score" if threshold is None else "score, red above threshold", fontsize=7.5)
    draw_score_panel(curve_axes, table, threshold)
    if events is not None:
        mark_alarms(curve_axes, events)
        count = f"{len(events)} event" + "s" * (len(events) != 1)
        curve_axes.text(0.995, 0.95, count, transform=curve_axes.transAxes, ha="right", va="top", color=ALARM_COLOUR)
    for axes in panels:
        mark_truth(axes, truth)
        _time_axis(axes, float(picture.edges_s[-1] - picture.edges_s[0]), labelled=axes is curve_axes)


def _time_axis(axes: Axes, span_s: float, labelled: bool) -> None:
    """Seconds, minutes or hours, whichever a reader would choose."""
    unit, scale = ("s", 1.0) if span_s < 300 else ("min", 60.0) if span_s < 4 * 3600 else ("h", 3600.0)
    axes.tick_params(axis="x", labelbottom=labelled, bottom=labelled)
    if not labelled:
        return
    # Ticks at round numbers of the unit that is read, not of seconds.
    left_s, right_s = axes.get_xlim()
    ticks = MaxNLocator(nbins=10).tick_values(left_s / scale, right_s / scale)
    axes.set_xticks([tick * scale for tick in ticks if left_s - 1e-9 <= tick * scale <= right_s + 1e-9])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda time_s, _: f"{time_s / scale:g}"))
    axes.set_xlabel(f"time ({unit})")
