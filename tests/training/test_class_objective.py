"""The objective of classes: the gradient reaches every encoder, and scenes of unknown class say nothing."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from sensorgraph.errors import ConfigError
from sensorgraph.fusion import KINDS
from sensorgraph.models import SceneGNN, drop_modalities
from sensorgraph.testing.tiny_run import TinyRun
from sensorgraph.training import ClassObjective
from sensorgraph.training.collated import CollatedLoader


def prepared(tiny: TinyRun, classes: list[int], kind: str = "concat") -> tuple[SceneGNN, Batch]:
    plain = tiny.model(dim=8)
    torch.manual_seed(0)
    model = SceneGNN(tiny.schema, plain.encoders, KINDS[kind](8), 8, num_classes=2)  # type: ignore[arg-type]
    batch = Batch.from_data_list(tiny.graphs()[: len(classes)])
    batch["scene"].class_number = torch.tensor(classes)
    return model, batch


@pytest.mark.parametrize("kind", ["concat", "mean_of_probabilities"])
def test_training_lowers_the_loss_and_reaches_every_encoder(tiny: TinyRun, kind: str) -> None:
    model, batch = prepared(tiny, [0, 1, 0, 1], kind)
    objective = ClassObjective(8, 2)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(15):
        optimizer.zero_grad()
        loss = objective(model, batch, objective.hide(batch)).total
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
    for modality, encoder in model.encoders.items():
        grads = [weight.grad for weight in encoder.parameters() if weight.grad is not None]
        assert any(bool(grad.any()) for grad in grads), modality


def test_scenes_of_unknown_class_say_nothing(tiny: TinyRun) -> None:
    model, batch = prepared(tiny, [0, -1, 1, -1])
    model.eval()
    objective = ClassObjective(8, 2, {"own_class": 1.0}).eval()
    both = objective(model, batch, objective.hide(batch)).raw["scene_class"]
    single = []
    for number in (0, 2):
        one = Batch.from_data_list([tiny.graphs()[number]])
        one["scene"].class_number = batch["scene"].class_number[number : number + 1]
        single.append(objective(model, one, objective.hide(one)).raw["scene_class"])
    assert float(both) == pytest.approx(float(torch.stack(single).mean()), abs=1e-5)
    batch["scene"].class_number = torch.full((4,), -1)
    assert objective(model, batch, objective.hide(batch)).total.item() == 0


def test_a_dropped_modality_leaves_its_encoder_alone(tiny: TinyRun) -> None:
    model, batch = prepared(tiny, [0, 1])
    objective = ClassObjective(8, 2)
    hidden = drop_modalities(objective.hide(batch), batch, {"audio": 1.0})
    objective(model, batch, hidden).total.backward()
    reached = {
        modality: any(w.grad is not None and bool(w.grad.any()) for w in encoder.parameters())
        for modality, encoder in model.encoders.items()
    }
    assert reached == {m: m != "audio" for m in model.encoders}


def test_a_term_that_does_not_exist() -> None:
    with pytest.raises(ConfigError, match=r"classes\.losses: no such term"):
        ClassObjective(8, 2, {"reconstruction": 1.0})


def test_batches_are_dealt_anew_and_hold_every_scene_once(tiny: TinyRun) -> None:
    torch.manual_seed(0)
    loader = CollatedLoader(tiny.graphs(), 4, epochs_per_deal=2)
    epochs = [[tuple(batch.scene_id) for batch in loader] for _ in range(3)]
    names = sorted(graph.scene_id for graph in tiny.graphs())
    assert all(sorted(name for batch in epoch for name in batch) == names for epoch in epochs)
    assert {frozenset(batch) for batch in epochs[0]} == {frozenset(batch) for batch in epochs[1]}
    assert {frozenset(batch) for batch in epochs[0]} != {frozenset(batch) for batch in epochs[2]}
    still = CollatedLoader(tiny.graphs(), 4, shuffled=False)
    assert [name for batch in still for name in batch.scene_id] == [graph.scene_id for graph in tiny.graphs()]
