"""Scenes become graphs: every type always there, batches that come apart again, and bad scenes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch
from torch_geometric.loader import DataLoader

from sensorgraph.errors import SceneError
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.nodes import LARGEST_VALUE
from sensorgraph.graph.ragged import Ragged
from sensorgraph.graph.schema import CANDIDATE, LINK_TYPES, NODE_TYPES, RELATES, WIRED, GraphSchema
from sensorgraph.graph.statistics import Affine, ValueStatistics
from sensorgraph.scenes import Audio, Image, Scene, Sensor, Text, Video
from sensorgraph.typing import MODALITIES


def _scene(*streams, duration_s=4.0, **more):
    return Scene("scene", "recording", 0.0, duration_s, tuple(streams), **more)


def _finite(graph):
    for kind in (*graph.node_types, *graph.edge_types):
        for name, value in graph[kind].items():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                assert torch.isfinite(value).all(), (kind, name)


@pytest.mark.parametrize("modalities", [MODALITIES, *[(m,) for m in MODALITIES]], ids=str)
def test_every_type_is_there_with_every_attribute(modalities, make_scene, graph_of):
    graph, whole = graph_of(make_scene(0, modalities)), graph_of(make_scene(1))
    graph.validate()
    assert set(graph.node_types) == set(NODE_TYPES)
    assert set(graph.edge_types) == set(LINK_TYPES)
    _finite(graph)
    for kind in (*NODE_TYPES, *LINK_TYPES):
        assert set(graph[kind].keys()) == set(whole[kind].keys())
        for name, value in whole[kind].items():
            if isinstance(value, torch.Tensor):
                assert graph[kind][name].dtype == value.dtype, (kind, name)
                assert graph[kind][name].dim() == value.dim(), (kind, name)
    for modality in MODALITIES:
        assert (graph[modality].num_nodes > 0) == (modality in modalities)


def test_attribute_names_survive_batching(make_scene, graph_of):
    graph = graph_of(make_scene(0))
    for kind in (*NODE_TYPES, *LINK_TYPES):
        for name in graph[kind]:
            changed = [part for part in ("index", "batch", "ptr", "face", "adj") if part in name]
            assert name == "edge_index" or not changed, name


@pytest.fixture(scope="module")
def mixed(make_scene, graph_of):
    """The first scene lacks sensors altogether; the others differ in size."""
    scenes = [
        make_scene(0, ["text", "audio"]),
        make_scene(1),
        make_scene(2, ["sensor"], num_physical=5, num_words=3),
        make_scene(3, ["image", "sensor"]),
    ]
    return [graph_of(scene) for scene in scenes]


def test_batch_comes_apart_again(mixed, assert_same):
    batch = Batch.from_data_list(mixed)
    for graph, again in zip(mixed, batch.to_data_list(), strict=True):
        assert_same(graph, again)


def test_batch_holds_every_sample_and_link(mixed):
    batch = Batch.from_data_list(mixed)
    for modality in MODALITIES:
        assert batch[modality].num_nodes == sum(graph[modality].num_nodes for graph in mixed)
        assert len(batch[modality].value) == sum(len(graph[modality].value) for graph in mixed)
        assert int(batch[modality].length.sum()) == len(batch[modality].value)
    for kind in LINK_TYPES:
        edge, sender, receiver = batch[kind].edge_index, batch[kind[0]].batch, batch[kind[2]].batch
        assert edge.shape[1] == sum(graph[kind].edge_index.shape[1] for graph in mixed)
        assert torch.equal(sender[edge[0]], receiver[edge[1]]), "a link joined two scenes"


def test_streams_of_a_batch_are_those_of_the_scenes(mixed):
    streams = Ragged.of_store(Batch.from_data_list(mixed)["sensor"])
    first = mixed[1]["sensor"].num_nodes
    alone = Ragged.of_store(mixed[2]["sensor"])
    among = streams.select(torch.arange(first, first + alone.num_streams))
    for name in ("value", "length", "bin", "valid", "time_s", "rate_hz"):
        assert torch.equal(getattr(among, name), getattr(alone, name))


def test_loader_mixes_scenes(mixed):
    batches = list(DataLoader(mixed, batch_size=3))
    assert [batch["scene"].num_nodes for batch in batches] == [3, 1]
    assert batches[0].scene_id == ["scene0", "scene1", "scene2"]


def test_links_follow_from_the_streams(make_scene, graph_of):
    graph = graph_of(make_scene(1))
    num_sensors = graph["sensor"].num_nodes
    for medium in ("image", "audio", "text", "video"):
        links = set(map(tuple, graph[medium, "informs", "sensor"].edge_index.t().tolist()))
        assert links == {(0, row) for row in range(num_sensors)}
        back = set(map(tuple, graph["sensor", "informs", medium].edge_index.t().tolist()))
        assert back == {(row, 0) for row in range(num_sensors)}
    assert graph["sensor", "within", "scene"].edge_index.tolist() == [list(range(num_sensors)), [0] * num_sensors]
    assert graph["scene", "frames", "sensor"].edge_index.tolist() == [[0] * num_sensors, list(range(num_sensors))]
    assert graph[RELATES].edge_index.shape == (2, 0), "the model learns these"
    for kind in LINK_TYPES:
        if kind != CANDIDATE:
            receiver = graph[kind].edge_index[1]
            assert torch.equal(receiver, receiver.sort().values), kind


def test_wires_run_both_ways_once(make_scene, graph_of):
    scene = make_scene(1)
    names = [stream.id for stream in scene.of_modality("sensor")]
    wires = (("low", "physical0"), ("physical0", "low"), ("high", "low"), ("low", "low"), ("camera", "low"))
    edges = graph_of(replace(scene, topology=wires))[WIRED].edge_index.t().tolist()
    found = [(names[a], names[b]) for a, b in edges]
    assert len(found) == len(set(found))
    assert set(found) == {("low", "physical0"), ("physical0", "low"), ("high", "low"), ("low", "high")}


def test_values_are_normalised_and_words_are_not(schema):
    values = np.array([10.0, 20.0, np.nan, 30.0] * 10, np.float32)
    words = np.arange(40, dtype=np.uint16) * 1000
    statistics = ValueStatistics("run", {"oil": Affine(20.0, 10.0)})
    scene = _scene(Sensor("oil", 10.0, values), Sensor("word", 10.0, words, valid=np.arange(40) != 3))
    store = build_graph(scene, schema, statistics)["sensor"]
    assert store.value[:4].tolist() == [-1.0, 0.0, 0.0, 1.0]
    assert store.valid[:4].tolist() == [True, True, False, True]
    assert store.value[40:45].tolist() == [0, 1000, 2000, 0, 4000]
    assert store.valid[40:45].tolist() == [True, True, True, False, True]
    assert store.is_word.tolist() == [False, True]


def test_samples_outside_the_scene_lie_in_no_bin(graph_of):
    scene = _scene(Sensor("oil", 2.0, np.ones(10, np.float32), start_s=-0.5))
    store = graph_of(scene)["sensor"]
    assert store.bin.tolist() == [-1, 0, 1, 2, 3, 4, 5, 6, 7, -1]
    assert store.observed[0, :, 0].all()


def test_pictures_fit_the_schema(graph_of):
    grey = np.full((2, 5, 7, 1), 51, np.uint8)
    store = graph_of(_scene(Image("new", grey, np.array([0.1, 3.0]))))["image"]
    assert store.value.shape == (2, 3, 8, 8)
    torch.testing.assert_close(store.value, torch.full_like(store.value, 0.2))


def test_other_duration_is_refused(make_scene, graph_of):
    with pytest.raises(SceneError, match=r"scene 'scene1': this run's scenes are 4 s long; cut it so \(got 5 s\)"):
        graph_of(replace(make_scene(1), duration_s=5.0))


def test_no_stream_is_refused(graph_of):
    with pytest.raises(SceneError, match="has no stream"):
        graph_of(_scene())


def test_one_sensor_alone(graph_of):
    graph = graph_of(_scene(Sensor("only", 10.0, np.arange(40, dtype=np.float32))))
    _finite(graph)
    assert graph["sensor"].num_nodes == 1
    assert graph[CANDIDATE].edge_index.shape == (2, 0)
    assert graph[CANDIDATE].bin_evidence.shape[1:] == (8, 4)


@pytest.mark.parametrize(
    "stream",
    [
        Sensor("s", 100.0, np.ones(3, np.float32)),
        Sensor("s", 100.0, np.ones(1, np.uint16)),
        Sensor("s", 100.0, np.zeros(0, np.float32)),
        Sensor("s", 100.0, np.zeros(0, np.uint16)),
        Sensor("s", 100.0, np.full(400, np.nan, np.float32)),
        Sensor("s", 100.0, np.full(400, 7, np.uint16), valid=np.zeros(400, bool)),
        Sensor("s", 100.0, np.full(400, 7.0, np.float32)),
        Sensor("s", 100.0, np.full(400, 7, np.uint16)),
        Sensor("s", 100.0, np.where(np.arange(400) % 7 == 0, np.inf, np.arange(400)).astype(np.float32)),
        Sensor("s", 100.0, np.where(np.arange(400) % 9 == 0, -3e38, 3e38).astype(np.float32)),
        Sensor("s", 0.5, np.array([1.0, 2.0], np.float32)),
        Sensor("s", 100.0, np.arange(5, dtype=np.float32), time_s=np.array([0.0, 0.1, 0.1, 3.0, 9.0])),
        Audio("a", 8000.0, np.zeros(100, np.float32)),
        Audio("a", 8000.0, np.full(32000, np.nan, np.float32)),
        Audio("a", 8000.0, np.zeros(32000, np.float32)),
        Image("i", np.zeros((0, 4, 4, 1), np.uint8), np.zeros(0)),
        Image("i", np.zeros((1, 4, 4, 1), np.uint8), np.array([9.0])),
        Video("v", np.zeros((1, 4, 4, 3), np.uint8), np.array([1.0])),
        Text("t", (), np.zeros(0)),
        Text("t", ("",), np.array([0.0])),
    ],
    ids=lambda stream: f"{type(stream).__name__}-{stream.num_samples}",
)
def test_odd_streams_make_finite_graphs(stream, graph_of, make_scene):
    graph = graph_of(_scene(stream, Sensor("other", 50.0, np.arange(200, dtype=np.float32))))
    _finite(graph)
    store = graph[stream.modality]
    assert int(store.length[0]) == len(store.value) - int(store.length[1:].sum())
    assert (store.value[~store.valid] == 0).all()
    if stream.modality == "sensor" and not stream.is_word:
        assert (store.value.abs() <= LARGEST_VALUE).all()
    Batch.from_data_list([graph, graph_of(make_scene(1))])


def test_infinite_samples_are_missing(graph_of):
    values = np.arange(400, dtype=np.float32)
    values[5], values[6] = np.inf, -np.inf
    store = graph_of(_scene(Sensor("s", 100.0, values)))["sensor"]
    assert (~store.valid).nonzero().squeeze(1).tolist() == [5, 6]


def test_gap_in_sound_is_not_silence(graph_of):
    sound = np.random.default_rng(0).normal(0, 0.1, 32000).astype(np.float32)
    holed = sound.copy()
    holed[4000:8000] = np.nan
    whole, gap = (graph_of(_scene(Audio("a", 8000.0, values)))["audio"] for values in (sound, holed))
    assert not gap.observed[0, 1].any()
    seen = gap.observed
    assert seen[0, 3:].all()
    assert torch.equal(gap.summary[0, 3:], whole.summary[0, 3:])
    assert gap.summary[seen].min() > -6, "a gap was taken for silence"


def test_graph_does_not_depend_on_the_bin_count_of_others(make_scene, statistics):
    schema = GraphSchema(duration_s=4.0, num_bins=5)
    graph = build_graph(make_scene(0), schema, statistics)
    assert all(graph[m].summary.shape[1] == 5 for m in MODALITIES)
    assert graph["scene"].anomalous.shape == (1, 5)
