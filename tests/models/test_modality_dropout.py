"""Whole modalities are dropped as often as they are asked to be, and never all of a scene."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from sensorgraph.models.hiding import nothing
from sensorgraph.models.modality_dropout import drop_modalities
from sensorgraph.testing import tiny_run
from sensorgraph.typing import MODALITIES


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch.from_data_list(tiny_run(seeds=[0, 1]).graphs())


def whole(hidden: dict[str, torch.Tensor], batch: Batch, modality: str) -> list[bool]:
    rows = batch[modality].batch
    return [bool(hidden[modality][rows == scene].all()) for scene in range(batch.num_graphs)]


def test_each_modality_has_a_rate_of_its_own(batch: Batch) -> None:
    generator = torch.Generator().manual_seed(0)
    rates = {"audio": 0.5, "image": 0.1}
    counted = {modality: 0 for modality in MODALITIES}
    for _ in range(200):
        hidden = drop_modalities(nothing(batch), batch, rates, generator)
        for modality in MODALITIES:
            counted[modality] += sum(whole(hidden, batch, modality))
            assert bool((hidden[modality] == hidden[modality][:, :1]).all()), "a modality is dropped in all bins"
    num_draws = 200 * batch.num_graphs
    assert counted["audio"] / num_draws == pytest.approx(0.5, abs=0.06)
    assert counted["image"] / num_draws == pytest.approx(0.1, abs=0.04)
    assert counted["sensor"] == counted["text"] == counted["video"] == 0


def test_something_is_always_left_and_what_was_hidden_stays_hidden(batch: Batch) -> None:
    before = nothing(batch)
    before["sensor"][0] = True
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        hidden = drop_modalities(before, batch, dict.fromkeys(MODALITIES, 0.9), generator)
        dropped = [[whole(hidden, batch, m)[scene] for m in MODALITIES] for scene in range(batch.num_graphs)]
        assert not any(all(row) for row in dropped)
        assert hidden["sensor"][0].all()
    assert before["sensor"].sum() == before["sensor"].shape[1], "what came in is not changed"
