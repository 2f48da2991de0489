"""The pairing graph: every pair a row, everything else counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from sensorgraph.scenes import Sensor
from sensorgraph.viz import draw_pairing, draw_word_sheet, pairing_graph, sheet_order
from sensorgraph.words import Field, Pair, WordsFound
from sensorgraph.words.found import Abstention


def _found(num: int, pairs: tuple[Pair, ...] = (), silent: tuple[int, ...] = ()) -> WordsFound:
    """A record with those pairs; the other channels are numbers, or constant."""
    types = np.zeros(num, np.int64)
    types[[half for pair in pairs for half in pair[:2]]] = 1
    live = np.full(num, 0x0FFF, np.uint16)
    live[list(silent)] = 0
    return WordsFound(
        types,
        np.eye(3)[types],
        pairs,
        tuple(np.array([3]) for _ in pairs),
        tuple(np.zeros(0, np.int64) for _ in range(num)),
        live,
        np.zeros(num, np.uint16),
        tuple((Field(0, 15, "value"),) for _ in range(num)),
        tuple(Abstention(channel, "constant") for channel in silent),
    )


def _sensors(num: int) -> list[Sensor]:
    rng = np.random.default_rng(0)
    return [Sensor(f"word {n}", 10.0, rng.integers(0, 4096, 50).astype(np.uint16)) for n in range(num)]


def _texts(figure: Figure) -> str:
    return "\n".join(
        text.get_text() for text in [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    )


def test_the_graph_knows_channels_by_name() -> None:
    graph = pairing_graph(_found(3, (Pair(2, 0, 0.9, 1, "i32"),)), _sensors(3))
    assert list(graph.edges(data="encoding")) == [("word 2", "word 0", "i32")]
    assert graph.nodes["word 1"] == {"type": "one word", "type_probability": 1.0, "rate_hz": 10.0}


def test_every_pair_is_a_row_and_the_rest_is_counted(tmp_path: Path) -> None:
    found = _found(6, (Pair(2, 0, 0.9, -1, "i32"), Pair(1, 3, 0.6, 0, "f32")), silent=(5,))
    figure = draw_pairing(found, _sensors(6), tmp_path / "pairs.png", title="drive")
    texts = _texts(figure)
    assert "i32   p 0.90   lag -1   1 roll-overs" in texts
    assert "f32   p 0.60   1 roll-overs" in texts
    assert "6 channels: 2 pairs, 1 one word, 1 that cannot be read" in texts
    assert "cannot be told: constant: 1" in texts
    assert (tmp_path / "pairs.png").read_bytes().startswith(b"\x89PNG")


def test_of_hundreds_of_pairs_the_most_probable_are_drawn() -> None:
    pairs = tuple(Pair(2 * n, 2 * n + 1, n / 300, 0, "u32") for n in range(300))
    figure = draw_pairing(_found(600, pairs), _sensors(600), max_pairs=20)
    texts = _texts(figure)
    assert "the 20 most probable of 300 pairs" in texts
    assert "word 598" in texts
    assert "word 0" not in texts.split()
    assert figure.get_size_inches()[1] < 10


def test_without_pairs_the_picture_says_so() -> None:
    assert "no pair was found" in _texts(draw_pairing(_found(2), _sensors(2)))


def test_the_sheet_shows_pairs_first_and_leaves_out_what_never_changes(tmp_path: Path) -> None:
    found = _found(5, (Pair(3, 1, 0.9, 0, "u32"),), silent=(2,))
    assert sheet_order(found) == [3, 1, 0, 4]
    figure = draw_word_sheet(found, _sensors(5), tmp_path / "words.png", title="drive")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["word 3", "word 1", "word 0", "word 4"]
    texts = _texts(figure)
    assert "4 words change; 1 never do" in texts
    assert "high word of u32, p 0.90" in texts
    assert (tmp_path / "words.png").is_file()


def test_the_sheet_of_hundreds_of_words_stays_readable() -> None:
    figure = draw_word_sheet(_found(400), _sensors(400), max_rows=30)
    assert len(figure.axes[0].get_yticklabels()) == 30
    assert "400 words change, of which 370 are not shown" in _texts(figure)
    assert figure.get_size_inches()[1] < 10


def test_dead_bits_are_told_from_live_ones() -> None:
    picture = draw_word_sheet(_found(1), _sensors(1)).axes[0].images[0].get_array()
    assert picture is not None
    assert (picture[0, :4] == picture[0, 0]).all()
    assert (picture[0, 4:] == picture[0, 15]).all()
    assert (picture[0, 0] != picture[0, 15]).any()


@pytest.mark.parametrize("draw", [draw_pairing, draw_word_sheet])
def test_nothing_that_changes_is_no_reason_to_fail(draw: object) -> None:
    still = [Sensor("still", 1.0, np.full(9, 7, np.uint16)), Sensor("short", 1.0, np.zeros(1, np.uint16))]
    assert callable(draw)
    assert isinstance(draw(_found(2, silent=(0, 1)), still), Figure)


def test_halves_that_never_meet_have_no_joined_value() -> None:
    late = Sensor("late", 1.0, np.arange(9, dtype=np.uint16), start_s=100.0)
    early = Sensor("early", 1.0, np.arange(9, dtype=np.uint16))
    assert "early" in _texts(draw_pairing(_found(2, (Pair(0, 1, 0.9, 0, "u32"),)), [late, early]))
