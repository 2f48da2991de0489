"""Scores over time in one panel: the largest of all streams, and the streams that carry it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sensorgraph.viz.style import ALARM_COLOUR, FAINT, INK, LINE_COLOURS, say_empty, shorten

# From this ratio between the largest and the middle score on, a linear axis would show one spike and a flat line.
_WIDE = 30.0
# From this number of bins on, lines of several streams hide each other.
_MANY_BINS = 150


def draw_score_panel(axes: Axes, scores: pd.DataFrame, threshold: float | None, num_named: int = 4) -> None:
    """Steps per bin: every stream faintly, the streams with the highest peaks by name, the largest in ink.

    Where there are too many bins to follow several lines, only the largest score is drawn, and a named stream where it
    is the largest (and above the threshold).

    Args:
        axes: x is time (s).
        scores: columns ``stream``, ``start_s``, ``end_s``, ``score``; NaN leaves a gap.
        threshold: drawn as a dashed line with its value.
        num_named: how many streams get a colour and an entry in the legend.
    """
    axes.set_ylabel("score")
    scores = scores[np.isfinite(scores["score"].to_numpy(np.float64))].reset_index(drop=True)
    if scores.empty:
        say_empty(axes, "no scores")
        return
    peak = scores.groupby("stream")["score"].max().sort_values(ascending=False, kind="stable")
    largest = scores.groupby("start_s", as_index=False).agg(end_s=("end_s", "max"), score=("score", "max"))
    named = list(zip(peak.index[:num_named], LINE_COLOURS, strict=False))
    drawn = scores
    if len(largest) > _MANY_BINS:
        _draw_many(axes, scores, largest, threshold, named)
        drawn = largest
    else:
        _draw_few(axes, scores, largest, named)
    if threshold is not None:
        axes.axhline(threshold, color=ALARM_COLOUR, linewidth=1.1, linestyle="--", zorder=5)
        axes.annotate(
            f"threshold {threshold:.3g}",
            (1.0, threshold),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=7.5,
            color=ALARM_COLOUR,
            va="center",
        )
    _scale(axes, drawn["score"].to_numpy(np.float64), threshold)
    axes.grid(axis="y", color="#E4E6E8", linewidth=0.6)
    handles, names = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], names[::-1], loc="upper left", ncols=len(names), borderaxespad=0.2, columnspacing=1.2)


def _draw_few(axes: Axes, scores: pd.DataFrame, largest: pd.DataFrame, named: list[tuple[str, str]]) -> None:
    colours = dict(named)
    for stream, rows in scores.groupby("stream", sort=False):
        if stream not in colours:
            axes.plot(*_steps(rows), color=FAINT, linewidth=0.5, alpha=0.5, zorder=1)
    for stream, colour in reversed(named):
        rows = scores[scores["stream"] == stream]
        axes.plot(*_steps(rows), color=colour, linewidth=1.4, label=shorten(str(stream), 24), zorder=3)
    if scores["stream"].nunique() > 1:
        axes.plot(*_steps(largest), color=INK, linewidth=0.8, linestyle=":", label="largest", zorder=4)


def _draw_many(
    axes: Axes,
    scores: pd.DataFrame,
    largest: pd.DataFrame,
    threshold: float | None,
    named: list[tuple[str, str]],
) -> None:
    leading = scores.loc[scores.groupby("start_s")["score"].idxmax()]
    if threshold is not None:
        leading = leading[leading["score"] > threshold]
    for stream, colour in reversed(named):
        rows = leading[leading["stream"] == stream]
        if len(rows):
            axes.plot(*_steps(rows), color=colour, linewidth=1.6, label=shorten(str(stream), 24), zorder=3)
    axes.plot(*_steps(largest), color=INK, linewidth=0.5, alpha=0.7, label="largest", zorder=2)


def _steps(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A step line over bins; bins that do not touch are parted by a gap."""
    rows = rows.sort_values("start_s")
    start_s, end_s = rows["start_s"].to_numpy(np.float64), rows["end_s"].to_numpy(np.float64)
    score = rows["score"].to_numpy(np.float64)
    time_s = np.stack([start_s, end_s, end_s], axis=1)
    apart = np.append(start_s[1:] - end_s[:-1] > 1e-6 * (end_s[:-1] - start_s[:-1]), True)
    value = np.stack([score, score, np.where(apart, np.nan, score)], axis=1)
    return time_s.reshape(-1), value.reshape(-1)


def _scale(axes: Axes, score: np.ndarray, threshold: float | None) -> None:
    shown = np.append(score, [] if threshold is None else [threshold])
    middle = float(np.median(score))
    if shown.min() > 0 and shown.max() / middle > _WIDE:
        axes.set_yscale("log")
        axes.set_ylim(shown.min() / 1.3, shown.max() ** 1.25 / shown.min() ** 0.25)
        axes.set_ylabel("score (log)")
        return
    # Room above for the legend.
    low, high = min(float(shown.min()), 0.0), float(shown.max())
    axes.set_ylim(low, high + 0.28 * max(high - low, 1e-9))
