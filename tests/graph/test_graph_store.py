"""Prepared graphs on disk."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file
from torch_geometric.loader import DataLoader

from sensorgraph.errors import FileFormatError
from sensorgraph.graph.dataset import GraphList, SceneDataset, is_prepared, key_of, prepare
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.store import load_graph, save_graph
from sensorgraph.graph.transforms import DropModality, default_views


@pytest.mark.parametrize("modalities", [("sensor", "image", "audio", "text", "video"), ("text",)])
def test_round_trip(modalities, make_scene, graph_of, assert_same, tmp_path):
    graph = graph_of(make_scene(1, modalities))
    save_graph(tmp_path / "graph", graph)
    assert_same(load_graph(tmp_path / "graph"), graph)


def test_missing_truncated_and_foreign_files_are_refused(make_scene, graph_of, tmp_path):
    path = tmp_path / "graph"
    with pytest.raises(FileFormatError, match="not a prepared graph"):
        load_graph(path)
    save_graph(path, graph_of(make_scene(1)))
    content = path.read_bytes()
    for broken in (content[: len(content) // 2], content[:5], b"", b"not tensors at all"):
        path.write_bytes(broken)
        with pytest.raises(FileFormatError, match="not a prepared graph"):
            load_graph(path)
    for metadata in (None, {"sensorgraph": "no json"}, {"other": "{}"}, {"sensorgraph": "[]"}):
        save_file({"x": torch.zeros(2)}, path, metadata=metadata)
        with pytest.raises(FileFormatError, match="not a prepared graph"):
            load_graph(path)


@pytest.fixture
def scenes(make_scene):
    return [make_scene(number) for number in range(3)]


def test_prepared_scenes_are_those_that_were_built(scenes, schema, statistics, graph_of, assert_same, tmp_path):
    folder = prepare(tmp_path / "prepared", scenes, schema, statistics)
    dataset = SceneDataset(folder)
    assert len(dataset) == 3
    assert dataset.scene_ids == [scene.id for scene in scenes]
    for graph, scene in zip(dataset, scenes, strict=True):
        assert_same(graph, graph_of(scene))
    batch = next(iter(DataLoader(SceneDataset(folder, default_views(0)), batch_size=3)))
    assert batch["scene"].num_nodes == 3


def test_prepared_once(scenes, schema, statistics, tmp_path):
    folder = prepare(tmp_path / "prepared", scenes, schema, statistics)
    taken = []
    assert prepare(folder, (taken.append(scene) or scene for scene in scenes), schema, statistics) == folder
    assert not taken


def test_killed_in_the_middle_leaves_nothing(scenes, schema, statistics, tmp_path):
    def interrupted():
        yield scenes[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path / "prepared", interrupted(), schema, statistics)
    assert list(tmp_path.iterdir()) == []
    assert not is_prepared(tmp_path / "prepared")
    assert len(SceneDataset(prepare(tmp_path / "prepared", scenes, schema, statistics))) == 3


def test_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="holds no prepared scenes"):
        SceneDataset(tmp_path)


def test_folder_of_another_version_is_refused(scenes, schema, statistics, tmp_path):
    folder = prepare(tmp_path / "prepared", scenes, schema, statistics)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": ', '"version": 9'))
    with pytest.raises(FileFormatError, match="prepared by another version"):
        SceneDataset(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"version": 1}'])
def test_damaged_manifest_is_refused(content, tmp_path):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(FileFormatError):
        SceneDataset(tmp_path)


def test_key_follows_what_made_the_graphs():
    schema = GraphSchema(duration_s=4.0, num_bins=8).to_json()
    other = GraphSchema(duration_s=4.0, num_bins=9).to_json()
    assert key_of(schema, "a") == key_of(schema, "a")
    assert len({key_of(schema, "a"), key_of(other, "a"), key_of(schema, "b"), key_of(schema), key_of("a", schema)}) == 5


def test_graph_list_gives_copies(make_scene, graph_of, assert_same):
    graphs = [graph_of(make_scene(number)) for number in range(2)]
    plain = GraphList(graphs)
    plain[0]["sensor"].summary.zero_()
    assert_same(plain[0], graph_of(make_scene(0)))
    dropped = GraphList(graphs, DropModality(["audio"]))
    assert dropped[1]["audio"].num_nodes == 0
    views = GraphList(graphs, default_views(0))
    assert not torch.equal(views[1]["sensor"].value, graphs[1]["sensor"].value)
    assert_same(plain[1], graph_of(make_scene(1)))
