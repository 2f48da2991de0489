"""A graph without a stream is the graph of a scene without it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Batch

from sensorgraph.errors import ConfigError, DataError, UnknownNameError
from sensorgraph.graph.schema import CANDIDATE, LINK_TYPES, NODE_TYPES
from sensorgraph.graph.transforms import DropModality, DropStream, keep_streams
from sensorgraph.typing import MODALITIES


def _without(scene, names):
    return replace(scene, streams=tuple(stream for stream in scene.streams if stream.id not in names))


@pytest.mark.parametrize("modality", MODALITIES)
def test_dropped_modality_equals_scene_without_it(modality, make_scene, graph_of, assert_same):
    scene = make_scene(1)
    names = {stream.id for stream in scene.of_modality(modality)}
    assert names
    dropped = DropModality([modality])(graph_of(scene))
    assert_same(dropped, graph_of(_without(scene, names)))
    assert set(dropped.node_types) == set(NODE_TYPES)
    assert set(dropped.edge_types) == set(LINK_TYPES)
    assert dropped[modality].num_nodes == 0


def test_several_modalities(make_scene, graph_of, assert_same):
    scene = make_scene(2)
    dropped = DropModality(["audio", "image", "video"])(graph_of(scene))
    assert_same(dropped, graph_of(_without(scene, {"microphone", "camera", "film"})))


@pytest.mark.parametrize("names", [["physical0"], ["physical1", "log"], ["physical0", "physical1", "camera"]])
def test_dropped_streams_equal_scene_without_them(names, make_scene, graph_of, assert_same):
    scene = make_scene(1)
    assert_same(DropStream(names)(graph_of(scene)), graph_of(_without(scene, names)))


def test_cause_that_is_gone_is_no_anomaly(make_scene, graph_of):
    graph = graph_of(make_scene(1))
    assert graph["scene"].anomalous.any()
    assert not DropStream("physical0")(graph)["scene"].anomalous.any()


def test_dropped_word_takes_its_candidates_along(make_scene, graph_of):
    graph = graph_of(make_scene(1))
    before = graph[CANDIDATE].edge_index
    assert before.shape[1], "the scene must have candidates, or nothing is tested"
    names = graph.stream_id["sensor"]
    dropped = DropStream("physical0")(graph)
    kept_names = dropped.stream_id["sensor"]
    old = [(names[a], names[b]) for a, b in before.t().tolist()]
    new = [(kept_names[a], kept_names[b]) for a, b in dropped[CANDIDATE].edge_index.t().tolist()]
    assert new == old
    assert not DropStream("high")(graph)[CANDIDATE].edge_attr.shape[0] or "high" not in kept_names


def test_input_is_not_changed(make_scene, graph_of, assert_same):
    scene = make_scene(1)
    graph = graph_of(scene)
    DropModality(["sensor", "text"])(graph)
    DropStream(["camera"])(graph)
    assert_same(graph, graph_of(scene))


def test_unknown_stream_is_left_alone(make_scene, graph_of, assert_same):
    graph = graph_of(make_scene(1))
    assert_same(DropStream(["nobody"])(graph), graph)


def test_dropped_scenes_batch_with_whole_ones(make_scene, graph_of):
    graph = graph_of(make_scene(1))
    batch = Batch.from_data_list([DropModality(["audio", "image"])(graph), graph])
    assert batch["audio"].num_nodes == 1
    assert batch["audio"].batch.tolist() == [1]


def test_errors_say_what_is_wrong(make_scene, graph_of):
    graph = graph_of(make_scene(1))
    with pytest.raises(ConfigError, match="no modality 'smell'"):
        DropModality(["smell"])
    with pytest.raises(UnknownNameError, match="no modality 'smell'"):
        keep_streams(graph, "smell", torch.ones(1, dtype=torch.bool))
    with pytest.raises(DataError, match="one entry per audio stream"):
        keep_streams(graph, "audio", torch.ones(5, dtype=torch.bool))
    batch = Batch.from_data_list([graph])
    with pytest.raises(DataError, match="before batching"):
        keep_streams(batch, "audio", torch.ones(1, dtype=torch.bool))
    for drop in (DropStream(["log"]), DropModality(["text"])):
        with pytest.raises(DataError, match="before batching"):
            drop(batch)
