"""One scene with everything in it, on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sensorgraph.scenes import Anomaly, Audio, Image, Scene, Sensor, Text, Video
from sensorgraph.viz.lanes import draw_lanes, lane_order
from sensorgraph.viz.media import draw_lines, draw_spectrogram, draw_strip
from sensorgraph.viz.score_panel import draw_score_panel
from sensorgraph.viz.spans import alarms_of, draw_truth, mark_alarms, mark_truth
from sensorgraph.viz.style import INK, TRUTH_COLOUR, house_style, modality_colour, new_figure, save, say_empty
from sensorgraph.viz.tables import require_columns

_BELOW_SENSORS = ("audio", "image", "video", "text")
_WIDTH_IN = 14.0
_LEFT, _RIGHT = 0.145, 0.895
_PANEL_IN = _WIDTH_IN * (_RIGHT - _LEFT)


@dataclass(frozen=True)
class _Panel:
    """One row of the picture: its height, its name at the left, and what draws it."""

    height_in: float
    name: str
    colour: str
    draw: Callable[[Axes], object]
    streams: tuple[str, ...] = ()


def draw_scene(
    scene: Scene,
    path: str | Path | None = None,
    *,
    scores: pd.DataFrame | None = None,
    threshold: float | None = None,
    alarms: pd.DataFrame | None = None,
    truth: Sequence[Anomaly] | None = None,
    max_sensors: int = 60,
) -> Figure:
    """Draw all streams of a scene, their scores, the threshold, alarms and truth above each other.

    From the top: what truly went wrong, sensors (each in a lane of its own scale), microphones as spectrograms,
    pictures and videos as strips of thumbnails, log lines, and scores. Alarms shade the stream that raised them; dashed
    lines show where an anomaly begins and ends, a mark at the left which streams are its cause.

    Args:
        scene: what to draw.
        path: where to save a PNG; None saves nothing.
        scores: columns ``stream``, ``start_s``, ``end_s``, ``score`` on the scene's clock (s).
        threshold: where alarms begin.
        alarms: columns ``start_s``, ``end_s`` and perhaps ``stream``; None takes the bins whose score is above the
            threshold.
        truth: None takes the labels of the scene.
        max_sensors: only so many sensors are drawn: causes and the highest scores first; the title says so.

    Raises:
        DataError: a table lacks columns.
        OSError: the picture cannot be written.

    Example:
        >>> from sensorgraph.scenes import Scene, Sensor
        >>> scene = Scene("s", "r", 0.0, 2.0, (Sensor("oil", 10.0, np.arange(20, dtype=np.float32)),))
        >>> len(draw_scene(scene).axes)
        1
    """
    truth = scene.labels.anomalies if truth is None else tuple(truth)
    if scores is not None:
        require_columns("viz.scene: scores", scores, ["stream", "start_s", "end_s", "score"])
    if alarms is not None:
        require_columns("viz.scene: alarms", alarms, ["start_s", "end_s"])
    elif scores is not None and threshold is not None:
        alarms = alarms_of(scores, threshold)
    with house_style():
        ordered = lane_order(scene)
        sensors = _most_telling(ordered, scores, truth, max_sensors)
        panels = _panels(scene, sensors, scores, threshold, truth)
        height_in = sum(panel.height_in for panel in panels) + 0.12 * len(panels) + 1.0
        figure = new_figure(_WIDTH_IN, height_in)
        grid = figure.add_gridspec(
            len(panels),
            1,
            height_ratios=[panel.height_in for panel in panels],
            left=_LEFT,
            right=_RIGHT,
            top=1 - 0.5 / height_in,
            bottom=0.5 / height_in,
            hspace=0.12 * len(panels) / sum(panel.height_in for panel in panels),
        )
        for number, panel in enumerate(panels):
            axes = figure.add_subplot(grid[number])
            axes.set_xlim(0, scene.duration_s)
            panel.draw(axes)
            # Pictures set the limits to their own extent.
            axes.set_xlim(0, scene.duration_s)
            _name(axes, panel)
            _mark(axes, panel, sensors, alarms, truth)
            last = number == len(panels) - 1
            axes.tick_params(axis="x", labelbottom=last, bottom=last)
            if last:
                axes.set_xlabel("time in the scene (s)")
                axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= scene.duration_s])
            else:
                axes.spines["bottom"].set_color("#E4E6E8")
        title = f"Scene {scene.id}   ({scene.duration_s:g} s from {scene.start_s:g} s of {scene.recording_id})"
        if len(sensors) < len(ordered):
            title += f"   {len(sensors)} of {len(ordered)} sensors shown"
        figure.text(0.02, 1 - 0.25 / height_in, title, fontsize=12, fontweight="bold", va="center")
        if path is not None:
            save(figure, path)
    return figure


def _most_telling(
    sensors: list[Sensor], scores: pd.DataFrame | None, truth: Sequence[Anomaly], max_sensors: int
) -> list[Sensor]:
    """At most ``max_sensors`` sensors, in their order: those to blame, then those with the highest scores."""
    causes = {stream for anomaly in truth for stream in anomaly.root_cause}
    peak = {} if scores is None else scores.groupby("stream")["score"].max().to_dict()
    ranked = sorted(sensors, key=lambda sensor: (sensor.id not in causes, -peak.get(sensor.id, -np.inf)))
    kept = {sensor.id for sensor in ranked[:max_sensors]}
    return [sensor for sensor in sensors if sensor.id in kept]


def _panels(
    scene: Scene,
    sensors: list[Sensor],
    scores: pd.DataFrame | None,
    threshold: float | None,
    truth: Sequence[Anomaly],
) -> list[_Panel]:
    panels = []
    if truth:
        panels.append(_Panel(0.26 * min(len(truth), 6), "truth", TRUTH_COLOUR, partial(draw_truth, truth=truth)))
    if sensors:
        draw: Callable[[Axes], object] = partial(draw_lanes, sensors=sensors, labels=scene.labels)
        names = tuple(sensor.id for sensor in sensors)
        panels.append(_Panel(max(0.27 * len(sensors), 0.4), "", modality_colour("sensor"), draw, names))
    others = [stream for modality in _BELOW_SENSORS for stream in scene.of_modality(modality)]
    for stream in others:
        if isinstance(stream, Audio):
            height_in, draw = 0.95, partial(draw_spectrogram, audio=stream)
        elif isinstance(stream, Image | Video):
            height_in = 0.72
            draw = partial(
                draw_strip, stream=stream, duration_s=scene.duration_s, width_in=_PANEL_IN, height_in=height_in
            )
        elif isinstance(stream, Text):
            height_in, draw = 0.95, partial(draw_lines, text=stream, duration_s=scene.duration_s, width_in=_PANEL_IN)
        panels.append(_Panel(height_in, stream.id, modality_colour(stream.modality), draw, (stream.id,)))
    if scores is not None:
        draw = partial(draw_score_panel, scores=scores, threshold=threshold)
        panels.append(_Panel(1.7, "", INK, draw))
    if not panels:
        panels.append(_Panel(1.5, "", INK, partial(say_empty, message="no streams")))
    return panels


def _name(axes: Axes, panel: _Panel) -> None:
    if panel.name:
        x = -0.045 if axes.get_ylabel() else -0.006
        axes.text(
            x,
            0.5,
            panel.name,
            transform=axes.transAxes,
            ha="right",
            va="center",
            fontsize=8.5,
            color=panel.colour,
            fontweight="bold",
        )


def _mark(
    axes: Axes, panel: _Panel, sensors: list[Sensor], alarms: pd.DataFrame | None, truth: Sequence[Anomaly]
) -> None:
    mark_truth(axes, truth)
    causes = {stream for anomaly in truth for stream in anomaly.root_cause}
    parts = _parts(panel, sensors)
    for stream, (bottom, top) in parts.items():
        if alarms is not None and "stream" in alarms:
            mark_alarms(axes, alarms[alarms["stream"] == stream], bottom, top)
        if stream in causes:
            axes.plot(
                [0, 0],
                [bottom, top],
                transform=axes.transAxes,
                color=TRUTH_COLOUR,
                linewidth=5,
                clip_on=False,
                solid_capstyle="butt",
                zorder=6,
            )
    if alarms is not None and (not parts or "stream" not in alarms) and panel.name != "truth":
        mark_alarms(axes, alarms)


def _parts(panel: _Panel, sensors: list[Sensor]) -> dict[str, tuple[float, float]]:
    """Stream id to the part of the panel's height (shares) that is its own."""
    if len(panel.streams) == 1 and panel.name:
        return {panel.streams[0]: (0.0, 1.0)}
    count = max(len(panel.streams), 1)
    return {stream: (1 - (row + 1) / count, 1 - row / count) for row, stream in enumerate(panel.streams)}
