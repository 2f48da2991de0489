"""Linear messages: what is hidden tells nothing, what is known reaches everybody, whatever else is in the batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, HeteroData

from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.models.hiding import nothing
from sensorgraph.models.shared_factors import SharedFactors
from sensorgraph.scenes import Scene, Sensor


def _scene(number: int) -> Scene:
    rng = np.random.default_rng(number)
    drive = np.repeat(rng.standard_normal(8), 10)
    return Scene(
        f"s{number}",
        f"r{number}",
        0.0,
        4.0,
        tuple(
            Sensor(name, 20.0, np.float32(gain * drive + 0.05 * rng.standard_normal(80)))
            for name, gain in (("speed", 1.0), ("load", -2.0), ("heat", 0.5))
        ),
    )


@pytest.fixture(scope="module")
def graphs() -> list[HeteroData]:
    """Scenes in which one hidden drive moves three sensors."""
    scenes = [_scene(number) for number in range(24)]
    schema = GraphSchema.fit(scenes, duration_s=4.0, num_bins=8)
    built = [build_graph(scene, schema, ValueStatistics.fit(scenes)) for scene in scenes]
    normalise = NormaliseSummary(SummaryStatistics.fit(built, schema))
    return [normalise(graph) for graph in built]


@pytest.fixture(scope="module")
def factors(graphs: list[HeteroData]) -> SharedFactors:
    """Fitted on all scenes but the last four."""
    schema = GraphSchema(duration_s=4.0, num_bins=8, channels=("sensor:heat", "sensor:load", "sensor:speed"))
    out = SharedFactors(schema, 3)
    out.fit(graphs[:20])
    return out


def _visible(batch: HeteroData, hidden_row: int) -> dict[str, torch.Tensor]:
    visible = {modality: ~hidden for modality, hidden in nothing(batch).items()}
    visible["sensor"][hidden_row] = False
    return visible


def test_a_hidden_level_is_told_by_the_others(graphs: list[HeteroData], factors: SharedFactors) -> None:
    batch = Batch.from_data_list(graphs[20:])
    belief = factors(batch, _visible(batch, 1))
    truth = batch["sensor"].summary[1, :, 0]
    assert (belief.mean["sensor"][1, :, 0] - truth).square().mean() < 0.05 * truth.square().mean()


def test_what_is_hidden_changes_nothing(graphs: list[HeteroData], factors: SharedFactors) -> None:
    batch = Batch.from_data_list(graphs[20:])
    before = factors(batch, _visible(batch, 1)).mean["sensor"]
    changed = batch.clone()
    changed["sensor"].summary = batch["sensor"].summary.clone()
    changed["sensor"].summary[1] = 7.0
    torch.testing.assert_close(factors(changed, _visible(batch, 1)).mean["sensor"], before, rtol=0, atol=0)


def test_alone_or_in_a_batch(graphs: list[HeteroData], factors: SharedFactors) -> None:
    batch, single = Batch.from_data_list(graphs[20:]), Batch.from_data_list(graphs[20:21])
    together, alone = factors(batch, _visible(batch, 1)), factors(single, _visible(single, 1))
    torch.testing.assert_close(together.mean["sensor"][:3], alone.mean["sensor"], rtol=0, atol=1e-5)


def test_a_later_bin_reaches_no_earlier_one(graphs: list[HeteroData], factors: SharedFactors) -> None:
    batch = Batch.from_data_list(graphs[20:])
    before = factors(batch, _visible(batch, 1)).mean["sensor"]
    batch["sensor"].summary = batch["sensor"].summary.clone()
    batch["sensor"].summary[:, 5:] += 3.0
    after = factors(batch, _visible(batch, 1)).mean["sensor"]
    torch.testing.assert_close(after[1, :5], before[1, :5], rtol=0, atol=0)
    assert not torch.allclose(after[1, 5:], before[1, 5:])


def test_contradiction_shows(graphs: list[HeteroData], factors: SharedFactors) -> None:
    batch = Batch.from_data_list(graphs[20:])
    belief = factors(batch, _visible(batch, 1))
    asked = torch.arange(len(batch["sensor"].channel)) == 1

    def disagreement(summary: torch.Tensor) -> torch.Tensor:
        other = batch.clone()
        other["sensor"].summary = summary
        return factors.disagreement(other, belief, "sensor", summary - belief.mean["sensor"], asked)

    own = batch["sensor"].summary
    swapped = own.clone()
    swapped[1] = own[10]  # the same sensor of another scene
    assert torch.isnan(disagreement(own)[0]).all()
    assert disagreement(swapped)[1].mean() > disagreement(own)[1].mean() + 1
