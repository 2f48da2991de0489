"""What a hidden stream is told, and what can be read off a fusion afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from sensorgraph.errors import ConfigError
from sensorgraph.fusion import KINDS, Concept, CrossAttention, Fused, Gated, MessagePassing, Weighted
from sensorgraph.fusion import attend as attend_module
from sensorgraph.fusion.scales import Scales
from sensorgraph.fusion.streams import Streams
from sensorgraph.fusion.strongest import strongest_links
from sensorgraph.graph.schema import LINK_TYPES, NODE_TYPES, SCENE
from sensorgraph.testing import FusionInput, batched, fake_scene

KEEPS_APART = {"none", "mean_of_probabilities"}
FUSES = sorted(KINDS.keys() - KEEPS_APART)
WITHOUT_SCALES = {"mean_of_probabilities", "message_passing", "none"}


def everybody_linked(absent: str) -> FusionInput:
    """Three sensors and a microphone; all streams of one modality are hidden; every link there can be."""
    scene = fake_scene({"sensor": 3, "audio": 1}, dim=8, absent_share=0.0)
    links = {}
    for kind, link in scene.links.items():
        ends = [torch.arange(len(scene.tokens[name].value)) for name in (link.sender, link.receiver)]
        both = torch.cartesian_prod(*ends).reshape(-1, 2).t()
        links[kind] = replace(link, edge_index=both, weight=torch.zeros(both.shape[1]))
    hidden = scene.tokens[absent]
    hidden = replace(hidden, present=torch.zeros_like(hidden.present))
    return FusionInput({**scene.tokens, absent: hidden}, links)


def with_other(given: FusionInput, kind: str, bin_number: int) -> FusionInput:
    value = given.tokens[kind].value.clone()
    value[:, bin_number] += torch.randn(value[:, bin_number].shape, generator=torch.Generator().manual_seed(5))
    return FusionInput({**given.tokens, kind: replace(given.tokens[kind], value=value)}, given.links)


def fused(kind: str, given: FusionInput) -> Fused:
    torch.manual_seed(0)
    with torch.no_grad():
        return KINDS[kind](dim=8, causal=True).eval()(given.tokens, given.links)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", FUSES)
@pytest.mark.parametrize(("speaker", "hidden"), [("sensor", "audio"), ("audio", "sensor")])
def test_a_hidden_stream_is_told_by_other_modalities_bin_by_bin(kind: str, speaker: str, hidden: str) -> None:
    given = everybody_linked(hidden)
    before, after = fused(kind, given), fused(kind, with_other(given, speaker, bin_number=2))
    change = (before.tokens[hidden] - after.tokens[hidden]).abs().amax((0, 2))
    assert not change[:2].any(), "an earlier bin changed"
    assert change[2] > 1e-4, "the bin that is spoken of did not change"


@pytest.mark.parametrize("kind", sorted(KEEPS_APART))
def test_baselines_tell_a_hidden_stream_nothing(kind: str) -> None:
    given = everybody_linked("audio")
    before, after = fused(kind, given), fused(kind, with_other(given, "sensor", bin_number=2))
    assert torch.equal(before.tokens["audio"], after.tokens["audio"])


@pytest.mark.parametrize("kind", KINDS)
def test_scales_start_at_one_and_are_read_by_modality(kind: str) -> None:
    scales = KINDS[kind](dim=8).read_scales()
    if kind in WITHOUT_SCALES:
        assert scales == {}
        return
    assert list(scales) == list(NODE_TYPES)
    assert all(scale.modality == 1 and bool((scale.channel == 1).all()) for scale in scales.values())


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - WITHOUT_SCALES))
def test_a_modality_whose_scale_is_zero_is_not_heard(kind: str) -> None:
    torch.manual_seed(0)
    fusion = KINDS[kind](dim=8).eval()
    (scales,) = (part for part in fusion.modules() if isinstance(part, Scales))
    given = everybody_linked("audio")
    with torch.no_grad():
        scales.modality[NODE_TYPES.index("sensor")] = 0
        # Attention sees who speaks even where what is said counts for nothing, hence loud and louder.
        outs = [fusion(part.tokens, part.links) for part in (given, with_other(given, "sensor", 1))]
    if kind != "cross_attention":
        torch.testing.assert_close(outs[0].tokens["audio"], outs[1].tokens["audio"])
    assert fusion.read_scales()["sensor"].modality == 0


@pytest.mark.parametrize("kind", FUSES)
def test_shares_and_gates_lie_between_zero_and_one(kind: str) -> None:
    given = batched([fake_scene({"sensor": 3, "audio": 1}, dim=8), fake_scene({"sensor": 2}, dim=8, seed=1)])
    inside = fused(kind, given).inside
    shares = [*inside.modality_share, *inside.link_attention.values()]
    shares += [gate for gates in inside.stream_gate for gate in gates.values()]
    assert all(bool((share >= 0).all() and (share <= 1).all()) for share in shares)
    for share in inside.modality_share:
        assert share.shape[:3] == (2, len(NODE_TYPES), 4)
        assert not share[:, NODE_TYPES.index("video")].any(), "a modality that nobody has got a share"


def test_the_concept_has_a_score_per_scene() -> None:
    scenes = [fake_scene({"sensor": 3, "audio": 1}, dim=8), fake_scene({}, dim=8), fake_scene({"sensor": 2}, dim=8)]
    given = batched(scenes)
    torch.manual_seed(0)
    fusion = Concept(dim=8)
    inside = fusion(given.tokens, given.links).inside
    assert inside.scene_score is not None
    gates = torch.stack([torch.cat([g["sensor"][:3], g["audio"]]).mean() for g in inside.stream_gate])
    torch.testing.assert_close(inside.scene_score[0], gates.mean())
    assert inside.scene_score[1] == 0, "a scene without streams"
    assert 0 < inside.scene_score[2] < 1


def test_a_closed_gate_leaves_a_stream_its_own_and_an_open_one_the_concept() -> None:
    given = everybody_linked("audio")
    for bias, expected in ((-50.0, 0.0), (50.0, 1.0)):
        torch.manual_seed(0)
        fusion = Concept(dim=8, num_layers=1, reach=0)
        move = next(part for name, part in fusion.named_modules() if name.endswith("uptake"))
        with torch.no_grad():
            move.alpha.bias.fill_(bias)
            inputs = [given, with_other(given, "sensor", 1)]
            one, other = (fusion(part.tokens, part.links) for part in inputs)
        assert one.inside.scene_score is not None
        torch.testing.assert_close(one.inside.scene_score, torch.tensor([expected]), atol=1e-4, rtol=0)
        told = (one.tokens["audio"] - other.tokens["audio"]).abs().max()
        assert (told > 1e-3) == (expected == 1.0)


def test_only_the_strongest_links_are_attended_to() -> None:
    scene = fake_scene({"sensor": 6, "audio": 3}, dim=8, absent_share=0.0)
    streams = Streams.of(scene.tokens)
    heard = strongest_links(streams, scene.links, top_k=2)
    strongest: dict[tuple[int, int], float] = {}
    for link in scene.links.values():
        ends = link.edge_index + torch.tensor([[streams.begin[link.sender]], [streams.begin[link.receiver]]])
        for s, r, weight in zip(*ends.tolist(), link.weight.tolist(), strict=True):
            strongest[r, s] = max(weight, strongest.get((r, s), weight))
    for node in range(len(streams.value)):
        expected = set()
        for kind in range(len(NODE_TYPES)):
            of_kind = [(w, s) for (r, s), w in strongest.items() if r == node and streams.kind[s] == kind]
            expected |= set(sorted(of_kind, reverse=True)[:2])
        there = heard.link[node] < heard.num_links
        assert set(zip(heard.weight[node, there].tolist(), heard.sender[node, there].tolist(), strict=True)) == expected
    fusion = CrossAttention(dim=8, top_k=2)(scene.tokens, scene.links)
    attended = torch.cat([a > 0 for a in fusion.attention.values()])
    assert int(attended.sum()) == int((heard.link < heard.num_links).sum())


def test_message_passing_has_scales_where_they_are_asked_for() -> None:
    torch.manual_seed(0)
    plain = KINDS["message_passing"](dim=8).eval()
    torch.manual_seed(0)
    fusion = MessagePassing(dim=8, scales=True).eval()
    given = everybody_linked("audio")
    one, other = (part(given.tokens, given.links).tokens["audio"] for part in (plain, fusion))
    assert torch.equal(one, other), "scales begin at 1"
    scales = fusion.scales
    assert scales is not None
    with torch.no_grad():
        scales.modality[NODE_TYPES.index("sensor")] = 0
        quiet = [fusion(part.tokens, part.links).tokens["audio"] for part in (given, with_other(given, "sensor", 1))]
    torch.testing.assert_close(*quiet)
    assert fusion.read_scales()["sensor"].modality == 0


def test_without_links_cross_attention_hears_nobody() -> None:
    scene = fake_scene({"sensor": 3}, dim=8, absent_share=0.0)
    none = {k: replace(x, edge_index=x.edge_index[:, :0], weight=x.weight[:0]) for k, x in scene.links.items()}
    fusion = CrossAttention(dim=8).eval()
    out = fusion(scene.tokens, none)
    other = fusion(with_other(scene, "sensor", 1).tokens, none)
    assert torch.equal(out.tokens[SCENE], other.tokens[SCENE])
    assert set(out.attention) == set(LINK_TYPES)


def test_weights_of_the_average_say_who_listens_to_whom() -> None:
    fusion = Weighted(dim=8, num_layers=1)
    (table,) = fusion.weights()
    assert sum(table["sensor"].values()) == pytest.approx(6 / 7)
    logit = next(value for name, value in fusion.named_parameters() if name.endswith("logit"))
    with torch.no_grad():
        logit[NODE_TYPES.index("audio"), NODE_TYPES.index("sensor")] = 20
    assert fusion.weights()[0]["audio"]["sensor"] == pytest.approx(1, abs=1e-6)


def test_gates_depend_on_all_modalities() -> None:
    given = everybody_linked("video")
    fusion = Gated(dim=8, num_layers=1)
    one = fusion(given.tokens, given.links).inside.modality_share[0]
    other = fusion(*_pair(with_other(given, "audio", 1))).inside.modality_share[0]
    assert (one - other)[0, NODE_TYPES.index("sensor"), 1].abs().max() > 0


def _pair(given: FusionInput) -> tuple:
    return given.tokens, given.links


def test_heads_of_cross_attention_must_divide_the_width() -> None:
    with pytest.raises(ConfigError, match=r"num_heads: must divide model.dim, 10 \(got 4\)"):
        CrossAttention(dim=10, num_heads=4)


@pytest.mark.parametrize("absent_share", [0.0, 0.5])
def test_attention_is_the_same_in_a_matrix_and_along_a_table(
    absent_share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = [fake_scene({"sensor": n, "audio": 1}, 8, 4, absent_share, seed=n) for n in (6, 1, 3)]
    given = batched([*scenes, fake_scene({}, 8)])
    fusion = CrossAttention(dim=8, top_k=2).eval()
    dense = fusion(given.tokens, given.links)
    monkeypatch.setattr(attend_module, "_DENSE_UP_TO", 0)
    sparse = fusion(given.tokens, given.links)
    for kind in dense.tokens:
        torch.testing.assert_close(dense.tokens[kind], sparse.tokens[kind], atol=1e-5, rtol=1e-4)
    for link_type in dense.attention:
        torch.testing.assert_close(dense.attention[link_type], sparse.attention[link_type], atol=1e-5, rtol=1e-4)
