"""What was read of words, as tables for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from sensorgraph.evaluation import Counts, WordAnswer, WordFigures, WordTally, WordTruth
from sensorgraph.scenes import Sensor
from sensorgraph.typing import ChannelType
from sensorgraph.viz import sheet_order
from sensorgraph.viz.style import shorten_middle
from sensorgraph.words.found import TYPE_NAMES, WordsFound

WIDTH = 150
"""Columns of a table that goes into a file or a pipe."""

_NAME = 44
"""Letters of a channel's name; words.json has all of them."""


def table_console() -> Console:
    """Standard output; as wide as the terminal, or wide enough for the table where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=WIDTH, highlight=False)


def pair_table(found: WordsFound, sensors: Sequence[Sensor], truth: WordTruth | None, max_rows: int) -> Table:
    """One row per pair; ``max_rows`` 0 shows all.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> value = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.uint32)
        >>> sensors = [Sensor(n, 50.0, (value >> s).astype(np.uint16)) for n, s in (("lo", 0), ("hi", 16))]
        >>> pair_table(read_words_classical(sensors), sensors, None, 10).row_count
        1
    """
    table = _table(("high word", "low word"), ("rate (Hz)", "p", "as", "lag", "roll-overs"), truth)
    for pair, samples in list(zip(found.pairs, found.overflow, strict=True))[: max_rows or None]:
        row = [shorten_middle(sensors[half].id, _NAME) for half in (pair.msb, pair.lsb)]
        row += [f"{sensors[pair.lsb].rate_hz:.4g}", f"{pair.probability:.2f}", pair.encoding]
        row += [str(pair.lag_samples), str(len(samples))]
        if truth is not None:
            row.append(_told_of_pair(truth, (pair.msb, pair.lsb)))
        table.add_row(*row)
    return table


def word_table(found: WordsFound, sensors: Sequence[Sensor], truth: WordTruth | None, max_rows: int) -> Table:
    """One row per word that changes and has no partner, packed words first; ``max_rows`` 0 shows all.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> speed = Sensor("speed", 50.0, (400 + 90 * np.sin(np.arange(800) / 70)).astype(np.uint16))
        >>> word_table(read_words_classical([speed]), [speed], None, 10).row_count
        1
    """
    table = _table(("channel",), ("rate (Hz)", "type", "p", "fields", "flags", "cannot tell"), truth)
    reasons: dict[int, list[str]] = {}
    for channel, reason in found.abstentions:
        reasons.setdefault(channel, []).append(reason)
    order = sheet_order(found)[2 * len(found.pairs) :]
    for channel in order[: max_rows or None]:
        kind = int(found.channel_type[channel])
        flags = [str(bit) for bit in range(16) if found.flag_bits[channel] >> bit & 1]
        fields = [f"{first}-{last}" for first, last, field in found.fields[channel] if field != "flag"]
        row = [shorten_middle(sensors[channel].id, _NAME), f"{sensors[channel].rate_hz:.4g}"]
        row += [TYPE_NAMES[ChannelType(kind)], f"{found.type_probability[channel, kind]:.2f}"]
        row += [" ".join(fields), " ".join(flags), "; ".join(reasons.get(channel, []))]
        if truth is not None:
            row.append(_told_of_word(truth, kind, channel))
        table.add_row(*row)
    return table


def _table(names: tuple[str, ...], columns: tuple[str, ...], truth: WordTruth | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (*names, *columns, *(("truth",) if truth is not None else ())):
        numeric = name in ("rate (Hz)", "p", "lag", "roll-overs")
        table.add_column(name, justify="right" if numeric else "left", no_wrap=name in names)
    return table


def _told_of_pair(truth: WordTruth, pair: tuple[int, int]) -> str:
    """``right`` or ``wrong``; nothing where it is not known, or can be seen either way."""
    known = truth.known is None or truth.known[list(pair)].any()
    if not known or pair in truth.undecided:
        return ""
    return "right" if pair in truth.pairs else "wrong"


def _told_of_word(truth: WordTruth, kind: int, channel: int) -> str:
    """``right``, or what would have been; nothing where it is not known."""
    if truth.known is not None and not truth.known[channel]:
        return ""
    for msb, lsb in truth.pairs:
        if channel in (msb, lsb):
            return "high word" if channel == msb else "low word"
    true = int(truth.channel_type[channel])
    return "right" if kind == true else TYPE_NAMES[ChannelType(true)]


def summary_of(found: WordsFound, num_shown: int) -> list[str]:
    """What the tables do not show, in words.

    Args:
        found: what was read.
        num_shown: channels that the tables show.

    Example:
        >>> from sensorgraph.words import read_words_classical
        >>> still = Sensor("still", 1.0, np.zeros(9, np.uint16))
        >>> summary_of(read_words_classical([still]), 0)
        ['1 channels, 0 of which change: 0 pairs, 0 one word, 0 complex bits', 'cannot tell: constant (1)']
    """
    live = np.asarray(found.live_bits) != 0
    types = Counter(found.channel_type[live].tolist())
    kinds = ", ".join(f"{types[kind]} {name}" for kind, name in TYPE_NAMES.items() if kind != 1)
    lines = [f"{found.num_channels} channels, {int(live.sum())} of which change: {len(found.pairs)} pairs, {kinds}"]
    num_alone = types[int(ChannelType.TWO_WORD)] - 2 * len(found.pairs)
    if num_alone:
        lines[0] += f", {num_alone} half of a value, of which no pair is sure enough"
    if num_shown < live.sum():
        lines.append(f"shown are {num_shown} of them; --rows 0 shows all, and words.json holds all")
    reasons = Counter(abstention.reason for abstention in found.abstentions)
    if reasons:
        lines.append("cannot tell: " + ", ".join(f"{reason} ({num})" for reason, num in reasons.most_common()))
    return lines


def figure_table(truth: WordTruth, found: WordsFound) -> Table:
    """Figures against the truth, beside those of the answer that every word is a number of its own."""
    num = found.num_channels
    blank = WordAnswer(np.zeros(num, np.int64), {}, {}, np.zeros(num, np.int64), (((0, 15),),) * num)
    columns = [figures_of(truth, WordAnswer.of(found)), figures_of(truth, blank)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("against the truth")
    table.add_column("found", justify="right")
    table.add_column("control: all one word", justify="right")
    table.add_column("hits/false/missed", justify="right")
    for name in columns[0]:
        share, counts = columns[0][name]
        table.add_row(name, _share(share), _share(columns[1][name][0]), counts)
    return table


def figures_of(truth: WordTruth, answer: WordAnswer) -> dict[str, tuple[float, str]]:
    """Name of each figure to its value and the counts that it rests on; what cannot be judged has no entry."""
    tally = WordTally()
    tally.add(truth, answer)
    figures = tally.figures()
    rows: dict[str, tuple[float, str]] = {}
    if figures.types is not None:
        rows["type accuracy"] = figures.types.accuracy, f"{figures.num_known} channels"
        rows["type macro-F1"] = figures.types.macro_f1, ""
    rows.update(_pair_rows(truth, figures))
    for name, counts in (("flag F1", figures.flags), ("field boundary F1", figures.boundaries)):
        rows[name] = counts.f1, _counts(counts)
    return rows


def _pair_rows(truth: WordTruth, figures: WordFigures) -> dict[str, tuple[float, str]]:
    if not truth.pairs:
        return {"pair precision": (figures.pairs.precision, f"{_counts(figures.pairs)}, no true pair ever changes")}
    rows = {
        "pair precision": (figures.pairs.precision, _counts(figures.pairs)),
        "pair recall": (figures.pairs.recall, ""),
        "pair F1": (figures.pairs.f1, ""),
    }
    if truth.identifiable:
        rows["recall of pairs that can be told"] = figures.identifiable.recall, _counts(figures.identifiable)
        rows["overflow F1 (those, false pairs)"] = figures.overflow.f1, _counts(figures.overflow)
    return rows


def _counts(counts: Counts) -> str:
    return f"{counts.num_hits}/{counts.num_false}/{counts.num_missed}"


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"
