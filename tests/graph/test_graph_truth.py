"""Labels as tensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.graph.schema import CANDIDATE
from sensorgraph.graph.truth import bins_of, channel_truth, pair_truth, stream_truth
from sensorgraph.scenes import Anomaly, ChannelLabel, Clock, Labels, Pair, Scene, Sensor
from sensorgraph.typing import ChannelType

CLOCK = Clock(duration_s=4.0, num_bins=8)


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0.0, 4.0, list(range(8))),
        (1.0, 2.0, [2, 3]),
        (1.1, 1.2, [2]),
        (1.4, 1.6, [2, 3]),
        (1.5, 1.5, [3]),
        (-3.0, 0.1, [0]),
        (3.9, 99.0, [7]),
        (0.3 * 5, 0.5 * 4, [3]),
    ],
)
def test_bins_of_an_anomaly(start_s, end_s, expected):
    assert list(range(8))[bins_of(Anomaly("a", "point", start_s, end_s), CLOCK)] == expected


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 3.999), st.floats(0, 4))
def test_anomaly_always_has_a_bin_within_the_scene(start_s, length_s):
    bins = bins_of(Anomaly("a", "point", start_s, min(start_s + length_s, 4.0)), CLOCK)
    assert 0 <= bins.start < bins.stop <= 8
    assert bins.start * CLOCK.bin_s <= start_s + 1e-6


def test_cause_is_affected_too(make_scene):
    scene = make_scene(0)
    truth = stream_truth(scene, "sensor", CLOCK)
    assert truth["cause"][0].nonzero().squeeze(1).tolist() == [2, 3]
    assert not truth["cause"][1:].any()
    assert truth["affected"][0].equal(truth["cause"][0])
    assert stream_truth(scene, "audio", CLOCK)["affected"].any()
    assert not stream_truth(scene, "audio", CLOCK)["cause"].any()


def test_live_bits_are_those_that_move_and_belong_to_a_field():
    words = np.array([0b1000_0000_0001, 0b1000_0000_0010, 0b1000_0000_0001], np.uint16)
    sensors = [Sensor("w", 1.0, words), Sensor("other", 1.0, words), Sensor("p", 1.0, np.ones(3, np.float32))]
    label = ChannelLabel(ChannelType.COMPLEX_BITS, used_bits=0x0FFE, flag_bits=0x0802)
    labels = Labels(channels={"w": label, "p": ChannelLabel(ChannelType.ONE_WORD)})
    truth = channel_truth(Scene("s", "r", 0.0, 3.0, tuple(sensors), labels), sensors)
    assert truth["channel_type"].tolist() == [2, -1, -1]
    assert truth["bits_known"].tolist() == [True, False, False]
    assert truth["live_bits"][0].nonzero().squeeze(1).tolist() == [1]
    assert truth["flag_bits"][0].nonzero().squeeze(1).tolist() == [1]
    assert not truth["live_bits"][1:].any()


def test_missing_words_do_not_make_bits_live():
    sensor = Sensor("w", 1.0, np.array([1, 0xFFFF, 1], np.uint16), valid=np.array([True, False, True]))
    labels = Labels(channels={"w": ChannelLabel(ChannelType.ONE_WORD)})
    truth = channel_truth(Scene("s", "r", 0.0, 3.0, (sensor,), labels), [sensor])
    assert not truth["live_bits"].any()


def _words(*names):
    return [Sensor(name, 1.0, np.zeros(4, np.uint16)) for name in names]


def test_pairs_in_both_orders_and_the_unknown():
    sensors = _words("a", "b", "c", "stranger")
    label = ChannelLabel(ChannelType.TWO_WORD)
    labels = Labels(
        channels={name: label for name in "abc"}, pairs=(Pair("a", "b", overflow_s=np.array([0.6, 0.7, 9.0])),)
    )
    scene = Scene("s", "r", 0.0, 4.0, tuple(sensors), labels)
    link = np.array([[0, 1], [1, 0], [0, 2], [0, 3]])
    truth = pair_truth(scene, sensors, link, CLOCK)
    assert truth["is_pair"].tolist() == [1, 1, 0, -1]
    assert truth["swapped"].tolist() == [0, 1, -1, -1]
    assert truth["overflow"][0].nonzero().squeeze(1).tolist() == [1]
    assert truth["overflow"][0].equal(truth["overflow"][1])
    assert not truth["overflow"][2:].any()


def test_pair_whose_half_is_absent_has_no_link():
    sensors = _words("a", "c")
    scene = Scene("s", "r", 0.0, 4.0, tuple(sensors), Labels(pairs=(Pair("a", "b"), Pair("x", "c"))))
    truth = pair_truth(scene, sensors, np.array([[0, 1]]), CLOCK)
    assert truth["is_pair"].tolist() == [-1]


def test_no_links():
    truth = pair_truth(Scene("s", "r", 0.0, 4.0, (), Labels()), [], np.zeros((0, 2), np.int64), CLOCK)
    assert truth["overflow"].shape == (0, 8)


def test_true_pair_is_among_the_candidates(make_scene, graph_of):
    graph = graph_of(make_scene(1))
    store, names = graph[CANDIDATE], graph.stream_id["sensor"]
    pairs = {
        frozenset((names[a], names[b]))
        for (a, b), is_pair in zip(store.edge_index.t().tolist(), store.is_pair.tolist(), strict=True)
        if is_pair == 1
    }
    assert pairs == {frozenset(("high", "low"))}
    assert store.overflow[store.is_pair == 1][0].nonzero().squeeze(1).tolist() == [1, 4]


def test_truth_without_labels(make_scene, graph_of):
    graph = graph_of(replace(make_scene(1), labels=Labels()))
    assert (graph["sensor"].channel_type == -1).all()
    assert (graph[CANDIDATE].is_pair == -1).all()
    assert not graph["scene"].anomalous.any()
