"""Figures of read words: counted over recordings, and only where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.evaluation import Counts, WordAnswer, WordTally, WordTruth, word_truth
from sensorgraph.scenes import ChannelLabel, Labels, Pair, Sensor
from sensorgraph.typing import ChannelType
from sensorgraph.words import WordChannel, read_words_classical

HALF = ChannelLabel(ChannelType.TWO_WORD)


def _answer(types: list[int], pairs: dict[tuple[int, int], int], **more: object) -> WordAnswer:
    num = len(types)
    rollovers = {pair: np.zeros(0, int) for pair in pairs}
    rest: dict = {"rollovers": rollovers, "flag_bits": np.zeros(num, int), "fields": (((0, 15),),) * num, **more}
    return WordAnswer(np.array(types), pairs, **rest)


def test_pairs_in_the_wrong_order_are_false_and_counted_as_swapped() -> None:
    tally = WordTally()
    tally.add(WordTruth(np.array([1, 1, 1, 1]), {(0, 1): 0, (2, 3): 1}), _answer([1] * 4, {(1, 0): 0, (2, 3): 0}))
    figures = tally.figures()
    assert figures.pairs == Counts(1, 1, 1)
    assert figures.num_swapped == 1
    assert figures.lags == Counts(0, 0, 1)


def test_recordings_add_up() -> None:
    tally = WordTally()
    for found in (0, 1):
        truth = WordTruth(np.array([0]), {}, flag_bits=np.array([0b11]), fields=(((0, 3), (4, 15)),))
        tally.add(truth, _answer([found], {}, flag_bits=np.array([0b01]), num_abstained=2))
    figures = tally.figures()
    assert figures.types is not None
    assert figures.types.accuracy == 0.5
    assert figures.flags == Counts(2, 0, 2)
    assert figures.boundaries == Counts(0, 0, 2)
    assert (figures.num_known, figures.num_abstained) == (2, 4)


def test_what_nobody_knows_is_not_judged() -> None:
    known = np.array([True, False, False])
    truth = WordTruth(np.array([0, 0, 0]), {}, known=known)
    tally = WordTally()
    tally.add(truth, _answer([0, 1, 1], {(1, 2): 0}))
    assert tally.figures().pairs == Counts(0, 0, 0)
    tally.add(truth, _answer([1, 1, 0], {(0, 1): 0}))
    assert tally.figures().pairs == Counts(0, 1, 0)
    nobody = WordTally()
    nobody.add(WordTruth(np.array([0]), {}, known=np.array([False])), _answer([0], {}))
    assert nobody.figures().types is None


def test_rollovers_of_pairs_that_cannot_be_told_are_not_judged() -> None:
    rollovers = {(0, 1): np.array([5, 9]), (2, 3): np.array([7])}
    truth = WordTruth(np.ones(4, int), dict.fromkeys(rollovers), frozenset({(0, 1)}), rollovers)
    tally = WordTally()
    tally.add(truth, _answer([1] * 4, {(0, 1): 0, (2, 3): 0}, rollovers={(0, 1): np.array([5]), (2, 3): np.array([8])}))
    assert tally.figures().overflow == Counts(1, 0, 1)
    assert tally.figures().identifiable == Counts(1, 0, 0)


def _sensors(**values: list[int] | np.ndarray) -> list[Sensor]:
    return [Sensor(name, 10.0, np.asarray(words).astype(np.uint16)) for name, words in values.items()]


def test_only_what_the_data_can_show_is_truth() -> None:
    slow = np.arange(0, 10_000, 100)
    sensors = _sensors(
        still=[7] * 100, low=slow, high=[3] * 100, packed=[1, 3] * 50, unsaid=slow, beyond=[0, 0x101] * 50
    )
    channels = {
        "still": ChannelLabel(ChannelType.ONE_WORD),
        "low": HALF,
        "high": HALF,
        "packed": ChannelLabel(ChannelType.COMPLEX_BITS, 0b111, 0b110, ((0, 0, "value"), (1, 1, "flag"))),
        "beyond": ChannelLabel(ChannelType.ONE_WORD, 0x00FF),
    }
    truth = word_truth(sensors, Labels(channels, (Pair("high", "low"),)))
    assert truth.pairs == {}
    assert truth.known is not None
    assert truth.known.tolist() == [False, True, False, True, False, False]
    assert truth.channel_type[[1, 3]].tolist() == [ChannelType.ONE_WORD, ChannelType.COMPLEX_BITS]
    assert truth.flag_bits is not None
    assert truth.flag_bits[3] == 0b010


@pytest.mark.parametrize(
    ("step", "encoding", "wanted"),
    [(500, "u32", True), (100, "u32", False), (140_000, "i32", False), (500, "f32", True)],
)
def test_a_pair_is_identifiable_by_its_carries(step: int, encoding: str, wanted: bool) -> None:
    count = np.arange(0, 500 * step, step)
    sensors = _sensors(low=count & 0xFFFF, high=count >> 16)
    pair = Pair("high", "low", encoding)  # type: ignore[arg-type]
    truth = word_truth(sensors, Labels({"low": HALF, "high": HALF}, (pair,)))
    assert truth.identifiable == (frozenset({(1, 0)}) if wanted else frozenset())


def test_a_reader_that_is_right_gets_full_marks() -> None:
    value = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.int64)
    sensors = _sensors(low=value & 0xFFFF, high=value >> 16)
    changes_s = np.flatnonzero(np.diff(value >> 16)) / 10 + 0.1
    labels = Labels({"low": HALF, "high": HALF}, (Pair("high", "low", overflow_s=changes_s),))
    tally = WordTally()
    found = read_words_classical([WordChannel(sensor.values, 10.0) for sensor in sensors])
    tally.add(word_truth(sensors, labels), WordAnswer.of(found))
    figures = tally.figures()
    assert figures.pairs == figures.identifiable == Counts(1, 0, 0)
    assert figures.overflow == Counts(len(changes_s), 0, 0)
    assert figures.types is not None
    assert figures.types.accuracy == 1.0
