"""Stretches of time that are marked in pictures: alarms, and the truth about what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from sensorgraph.scenes import Anomaly
from sensorgraph.viz.style import ALARM_COLOUR, TRUTH_COLOUR
from sensorgraph.viz.tables import require_columns

ALARM_COLUMNS = ("stream", "start_s", "end_s")


def alarms_of(scores: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Alarms: the bins of ``scores`` that lie above the threshold; neighbouring ones of a stream become one.

    Args:
        scores: columns ``stream``, ``start_s``, ``end_s``, ``score``.
        threshold: alarms lie strictly above it.

    Example:
        >>> bins = {"stream": ["oil"] * 4, "start_s": [0, 1, 2, 3], "end_s": [1, 2, 3, 4], "score": [0, 9, 9, 0]}
        >>> alarms_of(pd.DataFrame(bins), threshold=5.0).to_dict("records")
        [{'stream': 'oil', 'start_s': 1, 'end_s': 3}]
    """
    require_columns("viz.alarms", scores, ["stream", "start_s", "end_s", "score"])
    above = scores[scores["score"] > threshold].sort_values(["stream", "start_s"])
    merged: list[tuple[object, float, float]] = []
    for stream, start_s, end_s in above[list(ALARM_COLUMNS)].itertuples(index=False):
        if merged and merged[-1][0] == stream and start_s <= merged[-1][2] + 1e-9:
            merged[-1] = (stream, merged[-1][1], max(merged[-1][2], end_s))
        else:
            merged.append((stream, start_s, end_s))
    return pd.DataFrame(merged, columns=list(ALARM_COLUMNS))


def mark_alarms(axes: Axes, alarms: pd.DataFrame, bottom: float = 0.0, top: float = 1.0) -> None:
    """Shade alarms over a part of the height of the axes (shares, 0 to 1), with a line that shows on any background.

    Alarms of several streams that overlap are shaded once; one that is shorter than a dot of the picture is a dot wide.
    """
    for start_s, end_s in _union(alarms):
        # Above a raster of bits or a spectrogram, below lines and thumbnails.
        axes.axvspan(start_s, end_s, bottom, top, color=ALARM_COLOUR, alpha=0.16, linewidth=0.7, zorder=1.5)
        edge = bottom + 0.02 * (top - bottom)
        axes.plot(
            [start_s, end_s],
            [edge, edge],
            transform=axes.get_xaxis_transform(),
            color=ALARM_COLOUR,
            linewidth=1.6,
            solid_capstyle="butt",
            # A line within one dot is not drawn at all; its ends are.
            marker="s",
            markersize=2.5,
            markeredgewidth=0.0,
            zorder=3.5,
        )


def _union(alarms: pd.DataFrame) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start_s, end_s in alarms[["start_s", "end_s"]].sort_values(["start_s", "end_s"]).itertuples(index=False):
        if merged and start_s <= merged[-1][1] + 1e-9:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end_s))
        else:
            merged.append((start_s, end_s))
    return merged


def mark_truth(axes: Axes, truth: Sequence[Anomaly]) -> None:
    """Dashed lines where an anomaly begins and ends."""
    for anomaly in truth:
        for time_s in (anomaly.start_s, anomaly.end_s):
            axes.axvline(time_s, color=TRUTH_COLOUR, linewidth=0.9, linestyle=(0, (4, 3)), zorder=4)


def draw_truth(axes: Axes, truth: Sequence[Anomaly]) -> None:
    """One bar per anomaly with its kind; bars that overlap in time stand above each other."""
    free_from_s: list[float] = []
    for anomaly in sorted(truth, key=lambda one: (one.start_s, one.end_s)):
        free = [row for row, time_s in enumerate(free_from_s) if time_s <= anomaly.start_s]
        row = free[0] if free else len(free_from_s)
        free_from_s[row : row + 1] = [anomaly.end_s]
        axes.barh(
            row, anomaly.end_s - anomaly.start_s, left=anomaly.start_s, height=0.8, color=TRUTH_COLOUR, alpha=0.35
        )
        where = ", ".join(anomaly.root_cause[:3]) + (", …" if len(anomaly.root_cause) > 3 else "")
        words = f"{anomaly.kind} ({anomaly.category})" + (f": {where}" if where else "")
        # Words begin inside the picture even if the bar does not.
        left_s, right_s = axes.get_xlim()
        late = anomaly.start_s > left_s + 0.6 * (right_s - left_s)
        axes.text(
            min(anomaly.end_s, right_s) if late else max(anomaly.start_s, left_s),
            row,
            f" {words} ",
            ha="right" if late else "left",
            va="center",
            fontsize=7.5,
        )
    axes.set_ylim(-0.6, max(len(free_from_s), 1) - 0.4)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
