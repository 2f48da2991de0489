"""Scenes that are small, complete and known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
import torch
from torch_geometric.data import HeteroData

from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.scenes import Anomaly, Audio, ChannelLabel, Image, Labels, Pair, Scene, Sensor, Stream, Text, Video
from sensorgraph.typing import MODALITIES, ChannelType

DURATION_S = 4.0
NUM_BINS = 8

SceneMaker = Callable[..., Scene]


@pytest.fixture(scope="session")
def make_scene() -> SceneMaker:
    """Makes scenes of 4 s with any modalities; ``num_physical`` and ``num_words`` size the sensors."""

    def make(
        number: int = 0,
        modalities: Iterable[str] = MODALITIES,
        num_physical: int = 2,
        num_words: int = 1,
        recording_id: str | None = None,
    ) -> Scene:
        random = np.random.default_rng(number)
        chosen = set(modalities)
        streams: list[Stream] = []
        if "sensor" in chosen:
            streams += _sensors(random, num_physical, num_words)
        if "image" in chosen:
            times = np.arange(8) / 2
            streams.append(Image("camera", random.integers(0, 256, (8, 12, 10, 3), np.uint8), times))
        if "audio" in chosen:
            streams.append(Audio("microphone", 8000.0, random.normal(0, 0.1, 32000).astype(np.float32)))
        if "text" in chosen:
            lines = tuple(f"speed {100 * number + k} rpm, mode {'IDLE' if k % 2 else 'RUN'}" for k in range(5))
            streams.append(Text("log", lines, np.array([0.1, 0.9, 1.7, 2.5, 3.3])))
        if "video" in chosen:
            times = np.arange(20) / 5
            streams.append(Video("film", random.integers(0, 256, (20, 8, 8, 1), np.uint8), times))
        present = {stream.id for stream in streams}
        labels = Labels(
            channels={
                name: label
                for name, label in {
                    "high": ChannelLabel(ChannelType.TWO_WORD),
                    "low": ChannelLabel(ChannelType.TWO_WORD),
                    "word0": ChannelLabel(ChannelType.COMPLEX_BITS, used_bits=0x00FF, flag_bits=0x0003),
                }.items()
                if name in present
            },
            pairs=(Pair("high", "low", overflow_s=np.array([0.6, 2.2])),) if {"high", "low"} <= present else (),
            anomalies=(Anomaly("leak", "system", 1.0, 2.0, ("physical0",), ("microphone",)),),
        )
        return Scene(
            id=f"scene{number}",
            recording_id=recording_id or f"recording{number}",
            start_s=10.0 * number,
            duration_s=DURATION_S,
            streams=tuple(streams),
            labels=labels,
            topology=(("physical0", "physical1"),) if {"physical0", "physical1"} <= present else (),
        )

    return make


def _sensors(random: np.random.Generator, num_physical: int, num_words: int) -> list[Stream]:
    sensors: list[Stream] = []
    for k in range(num_physical):
        values = random.normal(5 * k, 1 + k, 400).astype(np.float32)
        values[37 * k : 37 * k + 20 * k] = np.nan
        sensors.append(Sensor(f"physical{k}", 100.0, values))
    for k in range(num_words):
        sensors.append(Sensor(f"word{k}", 50.0, random.integers(0, 1 << 16, 200, np.uint16)))
    count = np.cumsum(random.integers(100, 900, 800)).astype(np.uint32)
    sensors.append(Sensor("high", 200.0, (count >> 16).astype(np.uint16)))
    sensors.append(Sensor("low", 200.0, (count & 0xFFFF).astype(np.uint16), start_s=0.001))
    return sensors


@pytest.fixture(scope="session")
def schema(make_scene: SceneMaker) -> GraphSchema:
    scenes = [make_scene(number) for number in range(3)]
    return GraphSchema.fit(scenes, duration_s=DURATION_S, num_bins=NUM_BINS, picture_size=(8, 8))


@pytest.fixture(scope="session")
def statistics(make_scene: SceneMaker) -> ValueStatistics:
    return ValueStatistics.fit([make_scene(number) for number in range(3)])


@pytest.fixture(scope="session")
def graph_of(schema: GraphSchema, statistics: ValueStatistics) -> Callable[[Scene], HeteroData]:
    """Builds with the schema and statistics of the tests."""
    return lambda scene: build_graph(scene, schema, statistics)


@pytest.fixture(scope="session")
def assert_same() -> Callable[[HeteroData, HeteroData], None]:
    """Two graphs hold the same types, attributes, types of numbers and numbers."""

    def check(one: HeteroData, two: HeteroData) -> None:
        assert one.node_types == two.node_types
        assert one.edge_types == two.edge_types
        for kind in (*one.node_types, *one.edge_types):
            assert set(one[kind].keys()) == set(two[kind].keys()), kind
            for name, value in one[kind].items():
                _same_value(value, two[kind][name], (kind, name))
        for name in ("scene_id", "recording_id", "start_s", "stream_id"):
            _same_value(one[name], two[name], name)

    return check


def _same_value(value: object, other: object, place: object) -> None:
    if isinstance(value, torch.Tensor) and isinstance(other, torch.Tensor):
        assert value.dtype == other.dtype, place
        assert value.shape == other.shape, place
        assert torch.equal(value, other), place
    else:
        assert value == other, place
