"""The class of a scene: averaged probabilities where streams are kept apart, one reading where they are not."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from sensorgraph.errors import ConfigError
from sensorgraph.fusion import KINDS
from sensorgraph.heads import PooledTokens, SceneClassHead
from sensorgraph.models import SceneGNN
from sensorgraph.models.hiding import nothing
from sensorgraph.testing.tiny_run import TinyRun

APART = ("none", "mean_of_probabilities")


def classifier(tiny: TinyRun, kind: str) -> SceneGNN:
    plain = tiny.model(dim=8)
    torch.manual_seed(1)
    made: SceneGNN = SceneGNN(tiny.schema, plain.encoders, KINDS[kind](8), 8, num_classes=3).eval()  # type: ignore[arg-type]
    return made


def test_probabilities_are_averaged_and_not_tokens() -> None:
    head = SceneClassHead(4, 3, ["image", "text"], apart=True).eval()
    torch.manual_seed(0)
    pooled = {m: PooledTokens(torch.randn(2, 4), torch.tensor([1.0, 1.0])) for m in ("image", "text")}
    alone = {
        m: head(torch.zeros(2, 4), {**pooled, other: PooledTokens(torch.zeros(2, 4), torch.zeros(2))}).exp()
        for m, other in (("image", "text"), ("text", "image"))
    }
    together = head(torch.zeros(2, 4), pooled).exp().detach()
    assert together == pytest.approx((alone["image"] + alone["text"]).div(2).detach(), abs=1e-6)
    tokens = {m: PooledTokens(sum(p.total for p in pooled.values()) / 2, torch.ones(2)) for m in pooled}  # type: ignore[arg-type]
    assert (head(torch.zeros(2, 4), tokens).exp() - together).abs().max() > 1e-3


def test_nothing_to_see_means_equal_probabilities() -> None:
    head = SceneClassHead(4, 3, ["image", "text"], apart=True).eval()
    pooled = {m: PooledTokens(torch.zeros(2, 4), torch.zeros(2)) for m in ("image", "text")}
    assert head(torch.zeros(2, 4), pooled).exp().detach() == pytest.approx(torch.full((2, 3), 1 / 3))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fusion_gives_one_answer_per_scene_whatever_the_batch(tiny: TinyRun, kind: str) -> None:
    model, graphs = classifier(tiny, kind), tiny.graphs()[:3]
    assert KINDS[kind].keeps_apart == (kind in APART)

    def answer(batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            encodings = model.encode(batch)
            return model.classify(batch, encodings, model.fuse(batch, encodings)).exp()

    together = answer(Batch.from_data_list(graphs))
    single = torch.cat([answer(Batch.from_data_list([graph])) for graph in graphs])
    assert together.sum(1) == pytest.approx(torch.ones(3))
    assert together == pytest.approx(single, abs=1e-5)


@pytest.mark.parametrize("kind", ["none", "mean_of_probabilities", "concat", "message_passing"])
def test_what_is_hidden_has_no_say(tiny: TinyRun, kind: str) -> None:
    """Hiding a modality and changing what it says is the same as hiding it."""
    model, batch = classifier(tiny, kind), Batch.from_data_list(tiny.graphs()[:2])
    hidden = {**nothing(batch), "audio": torch.ones_like(nothing(batch)["audio"])}
    with torch.no_grad():
        encodings = model.encode(batch)
        before = model.classify(batch, encodings, model.fuse(batch, encodings, hidden), hidden)
        encodings.tokens["audio"].add_(3.0)
        after = model.classify(batch, encodings, model.fuse(batch, encodings, hidden), hidden)
    assert torch.equal(before, after)


def test_a_network_without_classes_says_so(tiny: TinyRun) -> None:
    model, batch = tiny.model(dim=8), Batch.from_data_list(tiny.graphs()[:1])
    encodings = model.encode(batch)
    with pytest.raises(ConfigError, match="has no head for classes; make it with num_classes"):
        model.classify(batch, encodings, model.fuse(batch, encodings))
