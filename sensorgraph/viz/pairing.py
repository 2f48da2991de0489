"""Which words are halves of one value: the pairing graph, each pair beside the value that it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sensorgraph.scenes import Sensor
from sensorgraph.viz.envelope import envelope
from sensorgraph.viz.style import (
    FAINT,
    INK,
    LANE,
    LINE_COLOURS,
    PAIR_COLOUR,
    house_style,
    new_figure,
    save,
    shorten_middle,
)
from sensorgraph.words.found import TYPE_NAMES, WordsFound
from sensorgraph.words.joined import joined_value

_ROW_IN = 0.36
_MSB, _LSB, _VALUE, _END = 3.2, 6.0, 9.4, 12.6
"""Where things stand, in inches from the left; a row is as high as its number."""


def pairing_graph(found: WordsFound, sensors: Sequence[Sensor]) -> nx.DiGraph:
    """Channels by name as nodes, and a link from the MSB to the LSB of every pair.

    Args:
        found: what was read.
        sensors: [N] the channels, for their names and rates.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> value = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.uint32)
        >>> sensors = [Sensor(n, 50.0, (value >> s).astype(np.uint16)) for n, s in (("lo", 0), ("hi", 16))]
        >>> graph = pairing_graph(read_words_classical(sensors), sensors)
        >>> list(graph.edges), graph.nodes["hi"]["type"]
        ([('hi', 'lo')], 'two word')
    """
    graph = nx.relabel_nodes(found.to_networkx(), {number: sensor.id for number, sensor in enumerate(sensors)})
    for sensor in sensors:
        graph.nodes[sensor.id]["rate_hz"] = sensor.rate_hz
    return graph


def draw_pairing(
    found: WordsFound, sensors: Sequence[Sensor], path: str | Path | None = None, title: str = "", max_pairs: int = 60
) -> Figure:
    """Draw every pair as a row: MSB, arrow, LSB, and the joined value over time.

    A graph of pairs has no crossing links, so rows say it best, and the joined value shows whether to believe it:
    halves of one value make a curve, halves of two make noise. Channels without a partner are counted below.

    Args:
        found: what was read.
        sensors: [N] the channels.
        path: where to save a PNG; None saves nothing.
        title: above the picture.
        max_pairs: only so many of the most probable pairs are drawn, and a line below says so.

    Raises:
        OSError: the picture cannot be written.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> value = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.uint32)
        >>> sensors = [Sensor(n, 50.0, (value >> s).astype(np.uint16)) for n, s in (("lo", 0), ("hi", 16))]
        >>> len(draw_pairing(read_words_classical(sensors), sensors).axes)
        1
    """
    graph = pairing_graph(found, sensors)
    by_name = {sensor.id: sensor for sensor in sensors}
    edges = sorted(graph.edges(data=True), key=lambda edge: -edge[2]["probability"])
    shown = sorted(edges[:max_pairs], key=lambda edge: list(by_name).index(edge[0]))
    with house_style():
        height_in = 1.5 + _ROW_IN * max(len(shown), 2)
        figure = new_figure(_END + 0.3, height_in)
        axes = figure.add_axes((0.0, 0.75 / height_in, 1.0, 1 - 1.45 / height_in))
        axes.set_axis_off()
        axes.set(xlim=(0, _END + 0.3), ylim=(max(len(shown), 2) - 0.4, -0.6))
        figure.text(0.02, 1 - 0.28 / height_in, title, fontsize=13, fontweight="bold", va="center")
        heads = ((_MSB, "high word", "right"), (_LSB, "low word", "left"), (_VALUE, "joined value", "left"))
        for x_in, text, side in heads if shown else ():
            figure.text(x_in / (_END + 0.3), 1 - 0.6 / height_in, text, fontsize=9, color=FAINT, ha=side, va="center")
        if not shown:
            axes.text((_END + 0.3) / 2, 0.5, "no pair was found", ha="center", va="center", color=FAINT, fontsize=11)
        for row, (msb, lsb, facts) in enumerate(shown):
            _draw_pair(axes, row, by_name[msb], by_name[lsb], facts)
        for line, text in enumerate(_summary(found, sensors, len(edges), len(shown))):
            figure.text(0.02, (0.5 - 0.2 * line) / height_in, text, fontsize=8.5, color=FAINT, va="center")
        if path is not None:
            save(figure, path)
    return figure


def _draw_pair(axes: Axes, row: int, msb: Sensor, lsb: Sensor, facts: dict) -> None:
    axes.axhspan(row - 0.44, row + 0.44, color=LANE, zorder=0)
    alpha = 0.35 + 0.65 * facts["probability"]
    arrow = {"arrowstyle": "-|>", "color": PAIR_COLOUR, "linewidth": 1.8, "alpha": alpha, "shrinkA": 5, "shrinkB": 5}
    axes.annotate("", (_LSB - 0.1, row), (_MSB + 0.1, row), arrowprops=arrow)
    axes.plot([_MSB + 0.1, _LSB - 0.1], [row, row], "o", color=PAIR_COLOUR, markersize=5)
    axes.text(_MSB, row, shorten_middle(msb.id, 42), ha="right", va="center", fontsize=8, color=INK)
    axes.text(_LSB, row, shorten_middle(lsb.id, 42), ha="left", va="center", fontsize=8, color=INK)
    parts = [facts["encoding"], f"p {facts['probability']:.2f}"]
    if facts["lag_samples"]:
        parts.append(f"lag {facts['lag_samples']:+d}")
    if facts["num_rollovers"]:
        parts.append(f"{facts['num_rollovers']} roll-overs")
    axes.text((_MSB + _LSB) / 2, row - 0.22, "   ".join(parts), ha="center", va="center", fontsize=7, color=PAIR_COLOUR)
    joined = joined_value(msb, lsb, facts["lag_samples"], facts["encoding"])
    value = np.where(np.isfinite(joined.value), joined.value, np.nan)
    if not np.isfinite(value).any():
        return
    line = envelope(joined.time_s, value, num_columns=300)
    low, high = np.nanmin(line.value), np.nanmax(line.value)
    share = (line.value - low) / (high - low) if high > low else np.full(len(line.value), 0.5)
    begin_s, end_s = joined.time_s[0], joined.time_s[-1]
    place = _VALUE + (_END - _VALUE) * (line.time_s - begin_s) / max(end_s - begin_s, 1e-12)
    axes.plot(place, row + 0.36 - 0.72 * share, color=LINE_COLOURS[0], linewidth=0.9)


def _summary(found: WordsFound, sensors: Sequence[Sensor], num_pairs: int, num_shown: int) -> list[str]:
    reasons = Counter(abstention.reason for abstention in found.abstentions)
    silent = {abstention.channel for abstention in found.abstentions if abstention.reason in ("constant", "too short")}
    paired = {half for pair in found.pairs for half in (pair.msb, pair.lsb)}
    rest = [n for n in range(found.num_channels) if n not in silent | paired]
    types = Counter(TYPE_NAMES[kind] for kind in found.channel_type[rest].tolist())
    pairs = f"{num_pairs} pairs" if num_shown == num_pairs else f"the {num_shown} most probable of {num_pairs} pairs"
    counts = [f"{num} {name}" for name, num in types.most_common()]
    first = f"{len(sensors)} channels: {', '.join([pairs, *counts, f'{len(silent)} that cannot be read'])}"
    second = ", ".join(f"{reason}: {num}" for reason, num in reasons.most_common())
    return [first, f"cannot be told: {second}"] if second else [first]
