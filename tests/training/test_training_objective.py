"""What training minimises reaches every weight; encoding ahead of training changes nothing."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
from torch_geometric.data import Batch, HeteroData

from sensorgraph.errors import UnknownNameError
from sensorgraph.graph import GraphList
from sensorgraph.graph.transforms import DropModality, Jitter
from sensorgraph.models import random_hiding
from sensorgraph.testing.tiny_run import TinyRun
from sensorgraph.training import FUSION_TERMS, FusionObjective, PretrainObjective, encode_all, predict
from sensorgraph.typing import MODALITIES


def dead_weights(part: torch.nn.Module) -> list[str]:
    return [name for name, weight in part.named_parameters() if weight.grad is None or not weight.grad.any()]


@pytest.mark.parametrize("causal", [False, True])
def test_fusion_training_reaches_every_weight(tiny: TinyRun, causal: bool) -> None:
    model = tiny.model(dim=8, causal=causal).train()
    graph = Batch.from_data_list(tiny.graphs())
    torch.manual_seed(1)
    found = FusionObjective()(model, graph, random_hiding(graph))
    assert set(found.raw) == set(FUSION_TERMS)
    found.total.backward()
    # Vectors of whole streams are for contrast, in pre-training.
    assert [name for name in dead_weights(model) if "readout.vector" not in name] == []


def test_pretraining_reaches_every_weight_of_the_encoders_and_nothing_else(tiny: TinyRun) -> None:
    model = tiny.model(dim=8).train()
    objective = PretrainObjective(8, Jitter(0.1))
    objective(model, Batch.from_data_list(tiny.graphs())).total.backward()
    # Where a scene has one stream of a kind only, and always the same, there is nothing that it could be told from.
    alone = ("audio.readout.vector", "text.readout.vector", "video.readout.vector")
    assert [name for name in dead_weights(model.encoders) if not name.startswith(alone)] == []
    assert dead_weights(objective) == []
    assert all(w.grad is None for name, w in model.named_parameters() if not name.startswith("encoders."))


def test_a_batch_without_sensors_trains(tiny: TinyRun) -> None:
    """Terms without truth in the batch are connected zeros."""
    model = tiny.model(dim=8).train()
    graph = Batch.from_data_list([DropModality(["sensor"])(one) for one in tiny.graphs()[:2]])
    found = FusionObjective()(model, graph, random_hiding(graph))
    found.total.backward()
    assert found.total.isfinite()
    assert found.raw["pair"] == 0 == found.raw["channel_type"]
    assert all(w.grad is None or w.grad.isfinite().all() for w in model.parameters())


def test_misspelt_terms_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="overflw"):
        FusionObjective({"overflw": 1.0}).sum(dict.fromkeys(FUSION_TERMS, torch.tensor(0.0)))


def test_encoded_scenes_are_predicted_like_raw_ones(tiny: TinyRun) -> None:
    model, graphs = tiny.model(dim=8), tiny.graphs()
    encoded = encode_all(model, GraphList(graphs))
    raw, ahead = predict(model, GraphList(graphs), 4), predict(model, encoded, 4)
    for name in ("residuals", "channels", "pairs", "overflow", "links"):
        pd.testing.assert_frame_equal(getattr(ahead, name), getattr(raw, name), check_exact=False, rtol=0, atol=1e-5)
    kept: HeteroData = encoded[0]
    assert not any(name in kept[m] for m in MODALITIES for name in ("value", "time_s"))
    assert "value" in graphs[0]["sensor"], "the scenes that were given are left as they were"


@pytest.mark.parametrize("graded", [True, False])
def test_half_precision_says_about_the_same(tiny: TinyRun, graded: bool) -> None:
    model = tiny.model(dim=8).eval()
    graph = Batch.from_data_list(tiny.graphs())
    hidden = random_hiding(graph, torch.Generator().manual_seed(0))
    with torch.set_grad_enabled(graded):
        exact = FusionObjective()(model, graph, hidden).total
        with torch.autocast("cpu", torch.bfloat16):
            found = FusionObjective()(model, graph, hidden).total
    assert found.float().item() == pytest.approx(exact.item(), rel=0.1)
    if graded:
        found.backward()
        assert all(weight.grad is None or weight.grad.isfinite().all() for weight in model.parameters())
