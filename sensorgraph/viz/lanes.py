"""Many sensors above each other, each in a lane of its own scale, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sensorgraph.scenes import Labels, Scene, Sensor
from sensorgraph.typing import ChannelType
from sensorgraph.viz.envelope import envelope
from sensorgraph.viz.style import FAINT, INK, LANE, PAIR_COLOUR, shorten

# Share of its lane that a line may use, so that neighbours never touch.
_FILL = 0.8
_TYPE_COLOURS = {
    None: "#2F6DB3",
    ChannelType.ONE_WORD: "#17807E",
    ChannelType.TWO_WORD: PAIR_COLOUR,
    ChannelType.COMPLEX_BITS: "#4A4A4A",
}


def lane_order(scene: Scene) -> list[Sensor]:
    """Sensors as they are best read: physical values, single words, both halves of each pair together, packed words.

    Within each part the order of the scene is kept.
    """
    sensors = [stream for stream in scene.streams if isinstance(stream, Sensor)]
    msb_of = {pair.lsb: pair.msb for pair in scene.labels.pairs}
    position = {sensor.id: number for number, sensor in enumerate(sensors)}

    def rank(sensor: Sensor) -> tuple[int, int, int]:
        label = scene.labels.channels.get(sensor.id)
        part = -1 if not sensor.is_word else int(label.type) if label else len(ChannelType)
        lead = msb_of.get(sensor.id, sensor.id)
        return part, position.get(lead, position[sensor.id]), int(lead != sensor.id)

    return sorted(sensors, key=rank)


def draw_lanes(axes: Axes, sensors: Sequence[Sensor], labels: Labels) -> dict[str, int]:
    """Draw one lane per sensor, the first on top; returns stream id to the lower edge of its lane.

    Physical values are lines, words are steps, packed words (by their label) are a raster of 16 rows, bit 15 on top.
    Each lane has its own scale; the range stands at its right end.
    """
    half = {pair.msb: "MSB" for pair in labels.pairs} | {pair.lsb: "LSB" for pair in labels.pairs}
    floor = {sensor.id: len(sensors) - 1 - number for number, sensor in enumerate(sensors)}
    axes.set_ylim(0, max(len(sensors), 1))
    for number, sensor in enumerate(sensors):
        bottom = floor[sensor.id]
        if number % 2 == 0:
            axes.axhspan(bottom, bottom + 1, color=LANE, zorder=0)
        label = labels.channels.get(sensor.id)
        kind = label.type if label and sensor.is_word else None
        if kind is ChannelType.COMPLEX_BITS:
            _draw_bits(axes, sensor, bottom)
            scale = "16 bits"
        else:
            scale = _draw_line(axes, sensor, bottom, _TYPE_COLOURS[kind])
        axes.text(
            1.005, bottom + 0.5, scale, transform=axes.get_yaxis_transform(), va="center", fontsize=7, color=FAINT
        )
        name = shorten(sensor.id, 22) + (f"  {half[sensor.id]}" if sensor.id in half else "")
        axes.text(
            -0.006,
            bottom + 0.5,
            name,
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=7.5,
            color=_TYPE_COLOURS[kind] if kind is not None else INK,
        )
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return floor


def _draw_line(axes: Axes, sensor: Sensor, bottom: int, colour: str) -> str:
    """Draw the samples into their lane and return the text of its scale."""
    unit = str(sensor.meta.get("unit", ""))
    unit = "counts" if sensor.is_word and not unit else "" if unit == "1" else unit
    value = np.where(sensor.validity(), sensor.values.astype(np.float64), np.nan)
    if np.isnan(value).all():
        axes.text(
            0.5,
            bottom + 0.5,
            "no valid sample",
            transform=axes.get_yaxis_transform(),
            ha="center",
            va="center",
            fontsize=7,
            color=FAINT,
        )
        return unit
    low, high = float(np.nanmin(value)), float(np.nanmax(value))
    line = envelope(sensor.times(), value)
    span = high - low
    level = (line.value - low) / span if span > 0 else np.where(np.isnan(line.value), np.nan, 0.5)
    style = "steps-post" if sensor.is_word and len(value) == len(line.value) else "default"
    axes.plot(
        line.time_s, bottom + (1 - _FILL) / 2 + _FILL * level, color=colour, linewidth=0.75, drawstyle=style, zorder=2
    )
    digits = ".0f" if sensor.is_word else ".4g"
    scale = f"{low:{digits}} to {high:{digits}}" if span > 0 else f"constant {low:{digits}}"
    return f"{scale} {unit}".rstrip()


def _draw_bits(axes: Axes, sensor: Sensor, bottom: int, num_columns: int = 600) -> None:
    """Share of set samples per bit and column of the picture, bit 15 on top; missing words stay white."""
    if not sensor.num_samples:
        return
    time_s, valid = sensor.times(), sensor.validity()
    start_s, end_s = time_s[0], time_s[-1] + 1 / sensor.rate_hz
    num_columns = min(num_columns, sensor.num_samples)
    column = np.minimum(((time_s - start_s) / (end_s - start_s) * num_columns).astype(np.int64), num_columns - 1)
    count = np.bincount(column[valid], minlength=num_columns)
    bits = (sensor.values[valid, None] >> np.arange(15, -1, -1)) & 1
    share = np.full((16, num_columns), np.nan)
    for row in range(16):
        total = np.bincount(column[valid], weights=bits[:, row], minlength=num_columns)
        share[row] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    axes.imshow(
        share,
        extent=(start_s, end_s, bottom + 0.06, bottom + 0.94),
        aspect="auto",
        cmap="Greys",
        vmin=0,
        vmax=1.25,
        interpolation="nearest",
        zorder=1,
    )
