"""Remembered bins: relations of any order are known, any set of modalities gives an answer, newness is no fault."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, HeteroData

from sensorgraph.evaluation.metrics import auroc
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms import DropModality
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.models.scene_memory import SceneMemory
from sensorgraph.simulate import break_relation, three_way
from sensorgraph.typing import MODALITIES

TOLD = ("sensor", "audio", "image")
SCHEMA = GraphSchema(2.0, 2, ("audio:hum", "image:lamp", "sensor:dial"), audio_rate_hz=2000.0, picture_size=(8, 8))


@pytest.fixture(scope="module")
def graphs() -> dict[str, list[HeteroData]]:
    """Normal scenes to learn from, others, and those others with their lamps swapped."""
    training, fresh = three_way(400, seed=1), three_way(60, seed=2)
    schema = GraphSchema.fit(training.scenes, duration_s=2.0, num_bins=2, picture_size=(8, 8))
    values = ValueStatistics.fit(training.scenes)
    normalise = NormaliseSummary(
        SummaryStatistics.fit((build_graph(scene, schema, values) for scene in training.scenes), schema)
    )
    swapped = break_relation(fresh.scenes, fresh.place[:, 2], np.random.default_rng(0))
    made = {"training": training.scenes, "fresh": fresh.scenes, "swapped": swapped}
    return {name: [normalise(build_graph(scene, schema, values)) for scene in scenes] for name, scenes in made.items()}


@pytest.fixture(scope="module")
def memory(graphs: dict[str, list[HeteroData]]) -> SceneMemory:
    """Of all training scenes."""
    out = SceneMemory(SCHEMA, 800)
    out.fit(graphs["training"])
    return out


def _told(memory: SceneMemory, graphs: list[HeteroData]) -> dict[str, torch.Tensor]:
    batch = Batch.from_data_list(graphs)
    return memory(batch, {m: batch[m].observed.any(-1) for m in MODALITIES}).against


def test_a_relation_of_order_three_is_known(graphs: dict[str, list[HeteroData]], memory: SceneMemory) -> None:
    usual, wrong = (_told(memory, graphs[name]) for name in ("fresh", "swapped"))
    label = np.repeat([False, True], 60)
    for modality in TOLD:
        assert auroc(label, torch.cat([usual[modality].mean(1), wrong[modality].mean(1)]).numpy()) > 0.95


def test_two_of_the_three_tell_nothing(graphs: dict[str, list[HeteroData]], memory: SceneMemory) -> None:
    without = DropModality(["audio"])
    usual, wrong = (_told(memory, [without(g) for g in graphs[name]]) for name in ("fresh", "swapped"))
    assert set(usual) == set(TOLD), "who was remembered is spoken of"
    assert usual["audio"].isnan().all(), "and says nothing where it is absent"
    label = np.repeat([False, True], 60)
    found = auroc(label, torch.cat([usual["image"].mean(1), wrong["image"].mean(1)]).numpy())
    assert 0.3 < found < 0.7


def test_what_is_far_from_everything_is_spoken_against_by_nobody(
    graphs: dict[str, list[HeteroData]], memory: SceneMemory
) -> None:
    wrong = _told(memory, graphs["swapped"])["image"].mean()
    moved = [graph.clone() for graph in graphs["fresh"]]
    for graph in moved:
        graph["image"].summary = graph["image"].summary + 1000.0
    far = _told(memory, moved)["image"].mean()
    assert far.abs() < 0.1 * wrong


def test_where_a_modality_never_was_is_unfamiliar(graphs: dict[str, list[HeteroData]], memory: SceneMemory) -> None:
    moved = [graph.clone() for graph in graphs["fresh"]]
    for graph in moved:
        graph["image"].summary = graph["image"].summary + 10.0
    usual, found, swapped = (
        memory(batch, {m: batch[m].observed.any(-1) for m in MODALITIES}).familiar
        for batch in map(Batch.from_data_list, (graphs["fresh"], moved, graphs["swapped"]))
    )
    assert found["image"].max() < usual["image"].min()
    torch.testing.assert_close(found["audio"], usual["audio"], rtol=0, atol=0)
    torch.testing.assert_close(swapped["image"].mean(), usual["image"].mean(), rtol=0.1, atol=0.1)


def test_how_familiar_a_modality_is_depends_on_it_alone(graphs: dict[str, list[HeteroData]]) -> None:
    without = DropModality(["audio"])
    some = [without(graph) if number % 2 else graph for number, graph in enumerate(graphs["training"])]
    memory = SceneMemory(SCHEMA, 800)
    memory.fit(some)
    found = []
    for fresh in (graphs["fresh"], [without(graph) for graph in graphs["fresh"]]):
        batch = Batch.from_data_list(fresh)
        found.append(memory(batch, {m: batch[m].observed.any(-1) for m in MODALITIES}).familiar["sensor"])
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-12)


def test_alone_or_in_a_batch(graphs: dict[str, list[HeteroData]], memory: SceneMemory) -> None:
    together = _told(memory, graphs["fresh"][:5])
    for number in range(5):
        alone = _told(memory, graphs["fresh"][number : number + 1])
        for modality in TOLD:
            torch.testing.assert_close(alone[modality][0], together[modality][number], rtol=0, atol=1e-5)


def test_a_later_bin_reaches_no_earlier_one(graphs: dict[str, list[HeteroData]], memory: SceneMemory) -> None:
    before = _told(memory, graphs["fresh"][:1])
    changed = graphs["fresh"][0].clone()
    changed["sensor"].summary = changed["sensor"].summary.clone()
    changed["sensor"].summary[:, 1] += 3.0
    after = _told(memory, [changed])
    torch.testing.assert_close(after["image"][:, 0], before["image"][:, 0], rtol=0, atol=0)
    assert not torch.allclose(after["image"][:, 1], before["image"][:, 1])


def test_a_modality_alone_is_remembered_by_nobody(graphs: dict[str, list[HeteroData]]) -> None:
    without = DropModality(["audio", "image"])
    only = SceneMemory(SCHEMA, 50)
    only.fit([without(graph) for graph in graphs["training"][:50]])
    assert _told(only, graphs["fresh"][:2]) == {}
