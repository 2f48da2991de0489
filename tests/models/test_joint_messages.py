"""A relation of order three: no two modalities tell each other anything, and all three give the swap away."""

from __future__ import annotations

import numpy as np
import pytest
from torch_geometric.data import HeteroData

from sensorgraph.errors import DataError
from sensorgraph.evaluation.metrics import auroc
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.models.joint_messages import JointMessages
from sensorgraph.simulate import break_relation, three_way

MODALITIES = ("sensor", "audio", "image")


@pytest.fixture(scope="module")
def graphs() -> dict[str, list[HeteroData]]:
    """Normal scenes to learn from, others, and those others with their lamps swapped."""
    training, fresh = three_way(400, seed=1), three_way(80, seed=2)
    schema = GraphSchema.fit(training.scenes, duration_s=2.0, num_bins=2, picture_size=(8, 8))
    values = ValueStatistics.fit(training.scenes)
    swapped = break_relation(fresh.scenes, fresh.place[:, 2], np.random.default_rng(0))
    made = {"training": training.scenes, "fresh": fresh.scenes, "swapped": swapped}
    return {name: [build_graph(scene, schema, values) for scene in scenes] for name, scenes in made.items()}


def test_all_three_give_the_swap_away(graphs: dict[str, list[HeteroData]]) -> None:
    told = JointMessages.fit(graphs["training"], MODALITIES)
    usual, wrong = (sum(told.surprise(graphs[name]).values()).numpy() for name in ("fresh", "swapped"))
    label = np.repeat([False, True], 80)
    assert auroc(label, np.concatenate([usual, wrong])) > 0.9
    assert min(told.r2.values()) > 0.3
    assert np.median(usual) < len(MODALITIES) < np.median(wrong)


def test_two_of_them_tell_nothing(graphs: dict[str, list[HeteroData]]) -> None:
    told = JointMessages.fit(graphs["training"], ("sensor", "image"))
    assert max(told.r2.values()) < 0.1


def test_what_it_cannot_take_is_refused(graphs: dict[str, list[HeteroData]]) -> None:
    with pytest.raises(DataError, match="at least two"):
        JointMessages.fit(graphs["training"][:5], ("sensor",))
    with pytest.raises(DataError, match="never changes"):
        JointMessages.fit(graphs["training"][:5], ("sensor", "text"))
