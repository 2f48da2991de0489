"""Corruption is pure, reproducible, nothing at level 0, and worse at every level."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch_geometric.data import Batch

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.graph.transforms.corruption import KINDS, LEVELS, Delay, Dropout, Freeze, Noise, Occlusion, TokenLoss
from sensorgraph.graph.transforms.corruption.resummarise import resummarise
from sensorgraph.typing import MODALITIES

CASES = [(kind, modality) for kind, cls in KINDS.items() for modality in cls.amounts]
NAMES = ("value", "valid", "bin", "time_s", "summary", "observed")


@pytest.fixture(scope="module")
def graph(make_scene, graph_of):
    return graph_of(make_scene(0))


def damage(kind: str, before, after) -> float:
    """How far samples are moved or bent, or how many are touched."""
    if kind == "delay":
        return float(torch.where(after["bin"] < 0, 99, after["bin"] - before["bin"]).sum())
    change = (before["value"].double() - after["value"].double()).abs()
    if kind in ("noise", "clipping"):
        return float(change.sum())
    gone = (before["valid"] != after["valid"]).view(-1, *[1] * (change.dim() - 1))
    return float(((change > 0) | gone).sum())


@pytest.mark.parametrize(("kind", "modality"), CASES)
@pytest.mark.parametrize("level", [0, 1, 5])
def test_the_graph_that_goes_in_stays_and_only_its_modality_changes(kind, modality, level, graph, assert_same) -> None:
    before = graph.clone()
    out = KINDS[kind](modality, level)(graph)
    assert_same(graph, before)
    restored = out.clone()
    for name in NAMES:
        restored[modality][name] = before[modality][name]
    assert_same(restored, before)
    if level == 0:
        assert_same(out, before)


@pytest.mark.parametrize(("kind", "modality"), CASES)
def test_damage_grows_with_the_level(kind, modality, graph) -> None:
    before = graph[modality]
    sizes = [damage(kind, before, KINDS[kind](modality, level, seed=3)(graph)[modality]) for level in LEVELS]
    # Eight frames or five lines are too few for every level to differ from the next.
    assert sizes == sorted(sizes)
    assert sizes[0] == 0 < sizes[3] < sizes[5]


@pytest.mark.parametrize(("kind", "modality"), CASES)
def test_summaries_follow_and_stay_finite(kind, modality, graph) -> None:
    store = KINDS[kind](modality, 4)(graph)[modality]
    assert not torch.equal(store.summary, graph[modality].summary)
    assert store.summary.isfinite().all()
    assert not store.summary[~store.observed].any()
    if store.value.is_floating_point():
        assert store.value.isfinite().all()
        assert not store.value[~store.valid].any()


@pytest.mark.parametrize(("kind", "modality"), CASES)
def test_a_seed_says_what_happens(kind, modality, graph) -> None:
    def samples(seed: int):
        store = KINDS[kind](modality, 3, seed)(graph)[modality]
        return [store[name] for name in NAMES]

    one, same = samples(1), samples(1)
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    others = [samples(seed) for seed in range(2, 8)]
    drawn = kind not in ("clipping", "delay")
    assert any(not torch.equal(a, b) for other in others for a, b in zip(one, other, strict=True)) == drawn


def test_scenes_are_damaged_in_different_places(make_scene, graph_of) -> None:
    places = []
    for number in range(3):
        scene = graph_of(make_scene(number))
        places.append(tuple((~Dropout("audio", 2)(scene)["audio"].valid).nonzero()[0].tolist()))
    assert len(set(places)) == 3


@pytest.mark.parametrize("make", [Dropout, Freeze])
def test_a_level_contains_the_one_below(make, graph) -> None:
    touched = []
    for level in LEVELS:
        after = make("audio", level, seed=7)(graph)["audio"]
        touched.append((after.value != graph["audio"].value) | ~after.valid)
    for lower, higher in pairwise(touched):
        assert not (lower & ~higher).any()


def test_undamaged_samples_summarise_to_what_they_were(graph) -> None:
    for modality in ("sensor", "image", "audio", "video"):
        again = graph.clone()
        resummarise(again[modality], modality)
        torch.testing.assert_close(again[modality].summary, graph[modality].summary, atol=1e-6, rtol=1e-6)
        assert torch.equal(again[modality].observed, graph[modality].observed)


def test_words_are_left_alone(graph) -> None:
    words = graph["sensor"].is_word
    of_word = torch.repeat_interleave(words, graph["sensor"].length)
    for make in (Noise, Dropout, Freeze, Delay):
        store = make("sensor", 5)(graph)["sensor"]
        assert torch.equal(store.value[of_word], graph["sensor"].value[of_word])
        assert torch.equal(store.bin[of_word], graph["sensor"].bin[of_word])
        assert torch.equal(store.summary[words], graph["sensor"].summary[words])


def test_delay_moves_summaries_and_time_stamps_by_whole_bins(graph) -> None:
    out = Delay("image", 2, bin_s=0.5)(graph)["image"]
    assert torch.equal(out.summary[:, 2:], graph["image"].summary[:, :-2])
    assert not out.observed[:, :2].any()
    torch.testing.assert_close(out.time_s, graph["image"].time_s + 1.0)
    kept = out.bin >= 0
    assert torch.equal(out.bin[kept], graph["image"].bin[kept] + 2)


def test_a_frozen_stream_stands_still(graph) -> None:
    value = Freeze("video", 5)(graph)["video"].value
    assert (value == value[:1]).all()


def test_occlusion_covers_the_same_place_in_all_frames(graph) -> None:
    before = graph["image"].value
    covered = (Occlusion("image", 3)(graph)["image"].value != before) & (before > 0)
    anywhere = covered.any(0)
    assert 0 < int(anywhere.sum()) < anywhere.numel()
    assert torch.equal(covered, anywhere & (before > 0))


def test_lost_words_are_not_found_and_lost_numbers_not_observed(graph) -> None:
    before, after = graph["text"], TokenLoss("text", 5)(graph)["text"]
    words, numbers = slice(0, 40), slice(40, None)
    assert torch.equal(after.observed[..., words], before.observed[..., words])
    assert after.summary[..., words].sum() < before.summary[..., words].sum()
    assert after.observed[..., numbers].sum() < before.observed[..., numbers].sum()


def test_mistakes_are_told(graph) -> None:
    with pytest.raises(ConfigError, match=r"occlusion.modality: no such damage to 'audio'; choose from image, video"):
        Occlusion("audio", 1)
    with pytest.raises(ConfigError, match=r"noise.level: must be one of 0, 1, 2, 3, 4, 5 \(got 6\)"):
        Noise("audio", 6)
    with pytest.raises(ConfigError, match="bin_s"):
        Delay("audio", 1, bin_s=0)
    with pytest.raises(DataError, match="before batching"):
        Noise("audio", 1)(Batch.from_data_list([graph, graph]))


def test_every_modality_can_be_damaged_in_several_ways() -> None:
    ways = {modality: [kind for kind, of in CASES if of == modality] for modality in MODALITIES}
    assert all(len(kinds) >= 3 for kinds in ways.values()), ways
