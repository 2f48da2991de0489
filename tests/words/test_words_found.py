"""The answer about a recording of words: complete, readable as text and tables, honest about what it cannot tell."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.models import read_words
from sensorgraph.typing import ChannelType
from sensorgraph.words import WordsFound, given_channels
from sensorgraph.words.encoding import encoding_of
from sensorgraph.words.rolling import rolling


def split(value: np.ndarray) -> list[np.ndarray]:
    return [(value >> 16).astype(np.uint16), (value & 0xFFFF).astype(np.uint16)]


def mixed() -> tuple[list[np.ndarray], list[float]]:
    time = np.arange(4000)
    value = (7e6 + 9e5 * np.sin(time / 300)).astype(np.uint32)
    flags = ((time // 70) % 2 << 8 | (127 + 120 * np.sin(time / 40)).astype(np.int64)).astype(np.uint16)
    angle = (time * 70 % 36000).astype(np.uint16)
    return [*split(value), flags, angle, np.full(4000, 7, np.uint16)], [50.0] * 5


def test_the_answer_has_one_entry_per_channel_and_pair() -> None:
    values, rates = mixed()
    found = read_words(values, rates)
    assert found.channel_type.tolist() == [1, 1, 2, 0, 0]
    assert found.type_probability.shape == (5, 3)
    np.testing.assert_allclose(found.type_probability.sum(axis=1), 1.0, atol=2e-4)
    assert (found.type_probability.argmax(axis=1) == found.channel_type).all()
    ((msb, lsb, probability, lag, encoding),) = found.pairs
    assert (msb, lsb, lag, encoding) == (0, 1, 0, "u32")
    assert probability > 0.9
    np.testing.assert_array_equal(found.overflow[0], np.flatnonzero(np.diff(values[0])) + 1)
    assert [len(samples) for samples in found.word_overflow] == [0, 0, 0, 7, 0]
    assert found.fields[0] == ((0, 15, "msb"),)
    assert found.fields[2] == ((0, 7, "value"), (8, 8, "flag"))
    assert found.flag_bits.tolist() == [0, 0, 1 << 8, 0, 0]
    assert found.live_bits[4] == 0
    assert (4, "constant") in found.abstentions


def test_text_keeps_everything() -> None:
    found = read_words(*mixed())
    again = WordsFound.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    assert (again.pairs, again.fields, again.abstentions) == (found.pairs, found.fields, found.abstentions)
    for name in ("channel_type", "type_probability", "live_bits", "flag_bits"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
        assert getattr(again, name).dtype == getattr(found, name).dtype
    for name in ("overflow", "word_overflow"):
        for here, there in zip(getattr(again, name), getattr(found, name), strict=True):
            np.testing.assert_array_equal(here, there)
    lines = found.to_json().splitlines()
    assert sum('"channel": ' in line for line in lines) == 5  # one line each, so that a person can compare two files


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: "[1, 2]", "no interface description"),
        (lambda text: text.replace('"version": 1', '"version": 9'), "newer"),
        (lambda text: text.replace('"one word"', '"three word"'), "missing or wrong"),
        (lambda text: text.replace('"lsb"', '"lsp"'), "missing or wrong"),
    ],
)
def test_damaged_text_is_refused(change: object, message: str) -> None:
    text = read_words(*mixed()).to_json()
    with pytest.raises(FileFormatError, match=message):
        WordsFound.from_json(change(text))  # type: ignore[operator]


def test_tables_and_graphs() -> None:
    found = read_words(*mixed())
    frame = found.to_dataframe()
    assert frame["type"].tolist() == ["two word", "two word", "complex bits", "one word", "one word"]
    assert frame["partner"].dropna().tolist() == [1, 0]
    assert frame.loc[4, "cannot_tell"] == "constant"
    graph = found.to_networkx()
    assert list(graph.edges) == [(0, 1)]
    assert graph.edges[0, 1]["num_rollovers"] == len(found.overflow[0])
    assert graph.nodes[2]["type"] == "complex bits"


def test_what_cannot_be_told_is_said() -> None:
    rng = np.random.default_rng(0)
    time = np.arange(3000)
    still = np.full(3000, 9, np.uint16)
    slow = (32000 + 30000 * np.sin(time / 500)).astype(np.uint16)
    wild = rng.integers(0, 65536, 3000).astype(np.uint16)
    found = read_words([still, slow, wild, wild[:3], wild[:0]], [10.0] * 5)
    assert found.pairs == ()
    assert found.abstentions == (
        (0, "constant"),
        (1, "msb never moves"),
        (2, "changes by more than 2^16 per sample"),
        (3, "too short"),
        (4, "too short"),
    )
    twin = (5e6 + np.cumsum(rng.normal(0, 9000, 3000))).astype(np.uint32)
    found = read_words([*split(twin), *split(twin)], [10.0] * 4)
    assert {reason for _, reason in found.abstentions} == {"two redundant partners"}
    assert found.channel_type.tolist() == [ChannelType.TWO_WORD] * 4


def test_nothing_that_moves() -> None:
    found = read_words([np.full(50, number, np.uint16) for number in range(4)], [1.0] * 4)
    assert found.pairs == ()
    assert [reason for _, reason in found.abstentions] == ["constant"] * 4
    assert found.to_dataframe().shape[0] == 4


WORDS = np.arange(100, dtype=np.uint16)


@pytest.mark.parametrize(
    ("values", "rates_hz", "start_s", "message"),
    [
        ([], [], None, "at least one channel"),
        (WORDS, [1.0], None, r"write \[values\]"),
        ([WORDS], [1.0, 2.0], None, "rates_hz must have one entry per channel, 1"),
        ([WORDS, WORDS], [1.0, 2.0], [0.0], "start_s must have one entry per channel, 2"),
        ([WORDS], 50.0, None, "rates_hz must be a list"),
        ([WORDS, WORDS], [1.0, -2.0], None, "channel 1: rate_hz must be positive"),
        ([WORDS], [float("nan")], None, "channel 0: rate_hz must be positive"),
        ([WORDS], ["fast"], None, "rate_hz must be a number"),
        ([WORDS], [1.0], [float("inf")], "start_s must be a finite time"),
        ([WORDS, WORDS.astype(float) + 0.5], [1.0] * 2, None, "channel 1: .* with fractions"),
        ([WORDS.astype(float)], [1.0], None, r"astype\(np.int64\).astype\(np.uint16\)"),
        ([WORDS.astype(np.int16)], [1.0], None, r"view\(np.uint16\)"),
        ([WORDS.astype(np.int64)], [1.0], None, r"astype\(np.uint16\)"),
        ([WORDS.astype(np.int64) << 10], [1.0], None, "split wider ones"),
        ([WORDS[None]], [1.0], None, "1-D"),
        ([[1, 2, 3]], [1.0], None, "1-D numpy array"),
    ],
)
def test_bad_input_is_refused_with_the_way_out(values: object, rates_hz: object, start_s: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        given_channels(values, rates_hz, start_s)  # type: ignore[arg-type]


def test_encodings_of_known_values() -> None:
    time = np.linspace(0, 30, 900)

    def of(value: np.ndarray, recurs: bool = False) -> str:
        return encoding_of((value.view(np.uint32) >> 16).astype(np.uint16), recurs)

    assert of((3.2 * np.sin(time)).astype(np.float32)) == "f32"
    assert of((-12.5 + np.sin(time)).astype(np.float32), recurs=True) == "f32"
    assert of((2e6 * np.sin(time)).astype(np.int32)) == "i32"
    assert of((-90_000_000 + 2e6 * np.sin(time)).astype(np.int32)) == "i32"
    assert of((90_000_000 + 2e6 * np.sin(time)).astype(np.uint32)) == "u32"


def test_only_what_turns_rolls_over() -> None:
    time = np.arange(4000)
    angle = np.cumsum(np.random.default_rng(1).normal(20, 60, 4000)) % 36000
    np.testing.assert_array_equal(rolling(angle.astype(np.uint16)), np.flatnonzero(np.abs(np.diff(angle)) > 18000) + 1)
    assert len(rolling((time % 256).astype(np.uint16))) == 15
    assert len(rolling((time * 37).astype(np.uint16))) == 2
    crossing_zero = (300 * np.sin(time / 50)).astype(np.int16).view(np.uint16)
    assert len(rolling(crossing_zero)) == 0
    flag_above = ((time // 70) % 2 << 8 | (127 + 120 * np.sin(time / 40)).astype(np.int64)).astype(np.uint16)
    assert len(rolling(flag_above)) == 0
    lossy = np.ones(4000, bool)
    lossy[100:120] = False
    words = np.where(lossy, time % 256, 65535).astype(np.uint16)
    np.testing.assert_array_equal(rolling(words, lossy), rolling((time % 256).astype(np.uint16)))


def test_json_is_plain_json() -> None:
    plain = json.loads(read_words(*mixed()).to_json())
    assert plain["pairs"][0]["encoding"] == "u32"
    assert plain["channels"][2]["fields"] == [[0, 7, "value"], [8, 8, "flag"]]
