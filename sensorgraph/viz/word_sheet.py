"""Every word on one sheet: its 16 bits and what they are, and what it does over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sensorgraph.scenes import Sensor
from sensorgraph.viz.envelope import envelope
from sensorgraph.viz.style import FAINT, INK, LINE_COLOURS, house_style, new_figure, save, shorten_middle
from sensorgraph.words.found import Pair, WordsFound

_COLOURS = {"value": "#2F6DB3", "counter": "#1B9E77", "flag": "#E39A1B", "msb": "#C2185B", "lsb": "#E58AAE"}
_NEXT_VALUE = "#7FA8D8"
"""Fields that stand side by side in one word need two tones to be told apart."""

_DEAD = "#EEF0F2"
_ROW_IN = 0.19
_WIDTH_IN = 12.6


def draw_word_sheet(
    found: WordsFound, sensors: Sequence[Sensor], path: str | Path | None = None, title: str = "", max_rows: int = 80
) -> Figure:
    """Draw one row per word that changes: the fields among its bits, and its values over time.

    Bits that never change are grey, those of a field have its colour, and a pair stands in two rows one below the
    other. Where there are too many words, pairs come first, then packed words, then the others; the rest is counted.

    Args:
        found: what was read.
        sensors: [N] the channels.
        path: where to save a PNG; None saves nothing.
        title: above the picture.
        max_rows: of the sheet.

    Raises:
        OSError: the picture cannot be written.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> speed = Sensor("speed", 50.0, (400 + 90 * np.sin(np.arange(800) / 70)).astype(np.uint16))
        >>> len(draw_word_sheet(read_words_classical([speed]), [speed]).axes)
        2
    """
    order = sheet_order(found)
    shown = order[:max_rows]
    partner = {half: pair for pair in found.pairs for half in (pair.msb, pair.lsb)}
    num_rows = max(len(shown), 2)
    with house_style():
        height_in = 1.35 + _ROW_IN * num_rows
        figure = new_figure(_WIDTH_IN, height_in)
        bottom, height = 0.6 / height_in, _ROW_IN * num_rows / height_in
        bits = figure.add_axes((0.215, bottom, 0.3, height))
        lines = figure.add_axes((0.53, bottom, 0.25, height), sharey=bits)
        figure.text(0.015, 1 - 0.27 / height_in, title, fontsize=13, fontweight="bold", va="center")
        _draw_bits(bits, found, sensors, shown, num_rows)
        _draw_lines(lines, found, sensors, shown)
        for row, channel in enumerate(shown):
            text = _remark(found, sensors, channel, partner.get(channel))
            lines.text(1.02, row, text, transform=lines.get_yaxis_transform(), fontsize=7, va="center", color=INK)
        figure.text(0.015, 0.2 / height_in, _summary(found, len(order), len(shown)), fontsize=8.5, color=FAINT)
        _explain(figure, found, shown, 1 - 0.62 / height_in)
        if path is not None:
            save(figure, path)
    return figure


def sheet_order(found: WordsFound) -> list[int]:
    """Channels that change, in the order in which they are worth a look: pairs, packed words, others.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> still = Sensor("still", 1.0, np.zeros(9, np.uint16))
        >>> sheet_order(read_words_classical([still]))
        []
    """
    order = [half for pair in found.pairs for half in (pair.msb, pair.lsb)]
    rest = [n for n in range(found.num_channels) if found.live_bits[n] and n not in set(order)]
    return order + sorted(rest, key=lambda n: (len(found.fields[n]) < 2 and not found.flag_bits[n], n))


def _draw_bits(axes: Axes, found: WordsFound, sensors: Sequence[Sensor], shown: Sequence[int], num_rows: int) -> None:
    picture = np.ones((num_rows, 16, 3))
    for row, channel in enumerate(shown):
        picture[row] = to_rgb(_DEAD)
        for number, (first, last, kind) in enumerate(found.fields[channel]):
            colour = to_rgb(_NEXT_VALUE if kind == "value" and number % 2 else _COLOURS[kind])
            for bit in range(first, last + 1):
                if found.live_bits[channel] >> bit & 1:
                    picture[row, 15 - bit] = colour
    axes.imshow(picture, aspect="auto", interpolation="nearest", extent=(-0.5, 15.5, num_rows - 0.5, -0.5))
    axes.set_xticks(np.arange(16), [str(15 - place) for place in range(16)], fontsize=6.5)
    axes.set_xticks(np.arange(17) - 0.5, minor=True)
    axes.set_yticks(np.arange(num_rows + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.1)
    axes.tick_params(which="both", length=0)
    axes.set_yticks(range(len(shown)), [shorten_middle(sensors[channel].id, 42) for channel in shown], fontsize=7)
    axes.axvline(7.5, color=FAINT, linewidth=0.7)
    axes.spines[:].set_visible(False)
    if not shown:
        axes.text(7.5, 0.5, "no word ever changes", ha="center", va="center", color=FAINT, fontsize=11)


def _draw_lines(axes: Axes, found: WordsFound, sensors: Sequence[Sensor], shown: Sequence[int]) -> None:
    """Each word over the time of the recording, from its smallest to its largest value."""
    spans = [sensors[channel].times()[[0, -1]] for channel in shown]
    begin_s, end_s = (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else (0.0, 1.0)
    rows = []
    for row, channel in enumerate(shown):
        valid = sensors[channel].validity()
        words = sensors[channel].values[valid]
        value = words.astype(np.int64)
        if len(found.fields[channel]) == 1:
            # A signed number that crosses 0 would jump from one end to the other.
            value = min(value, words.view(np.int16).astype(np.int64), key=np.ptp)
        line = envelope(sensors[channel].times()[valid], value, num_columns=400)
        low, high = line.value.min(), line.value.max()
        rows.append(np.stack([line.time_s, row + 0.4 - 0.8 * (line.value - low) / max(high - low, 1)], axis=1))
    axes.add_collection(LineCollection(rows, colors=LINE_COLOURS[0], linewidths=0.6), autolim=False)
    axes.set_xlim(begin_s, max(end_s, begin_s + 1e-9))
    axes.tick_params(axis="y", which="both", length=0, labelleft=False)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.set_xlabel("s", fontsize=7, loc="right", labelpad=-2)
    axes.spines[["left", "right", "top"]].set_visible(False)


def _remark(found: WordsFound, sensors: Sequence[Sensor], channel: int, pair: Pair | None) -> str:
    rate = f"{sensors[channel].rate_hz:.3g} Hz"
    if pair is not None:
        half = "high" if pair.msb == channel else "low"
        lag = f", lag {pair.lag_samples:+d}" if pair.lag_samples else ""
        return f"{rate}   {half} word of {pair.encoding}, p {pair.probability:.2f}{lag}"
    reasons = [one.reason for one in found.abstentions if one.channel == channel]
    rolls = len(found.word_overflow[channel])
    return "   ".join([rate, *([f"rolls over {rolls} times"] if rolls else []), *reasons])


def _summary(found: WordsFound, num_live: int, num_shown: int) -> str:
    still = found.num_channels - num_live
    more = f", of which {num_live - num_shown} are not shown" if num_shown < num_live else ""
    return f"{num_live} words change{more}; {still} never do, and are left out.  Bit 15 is the most significant."


def _explain(figure: Figure, found: WordsFound, shown: Sequence[int], top: float) -> None:
    names = {"value": "number", "counter": "counter", "flag": "flag", "msb": "high word", "lsb": "low word"}
    kinds = [kind for kind in names if any(field.kind == kind for channel in shown for field in found.fields[channel])]
    handles = [Patch(color=_COLOURS[kind], label=names[kind]) for kind in kinds]
    if any(len(found.fields[channel]) > 1 for channel in shown):
        handles.append(Patch(color=_NEXT_VALUE, label="next number of the word"))
    handles.append(Patch(color=_DEAD, label="never changes"))
    figure.legend(handles=handles, loc="center left", bbox_to_anchor=(0.21, top), ncols=len(handles), fontsize=7.5)
