"""Augmentations change raw series alone, by no more than they say, and the same way for the same seed."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms import (
    KINDS,
    BitFlip,
    Brightness,
    Cutout,
    Jitter,
    Mask,
    PictureCutout,
    Reorder,
    Scale,
    TimeWarp,
    TokenMask,
    default_views,
)
from sensorgraph.graph.transforms.spans import runs_of
from sensorgraph.typing import MODALITIES

AUGMENTATIONS = [BitFlip, Brightness, Cutout, Jitter, Mask, PictureCutout, Reorder, Scale, TimeWarp, TokenMask]


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _raw(graph):
    return {(m, name): graph[m][name] for m in MODALITIES for name in ("value", "valid")}


@pytest.fixture(scope="module")
def graphs(make_scene, graph_of):
    scenes = [make_scene(0, ["sensor", "text"]), make_scene(1), make_scene(2, ["audio", "image"]), make_scene(3)]
    return [graph_of(scene) for scene in scenes]


@pytest.fixture
def batch(graphs):
    return Batch.from_data_list(graphs)


def _streams(store):
    """The values and validity of each stream, one by one."""
    sizes = store["length"].tolist()
    return list(zip(store["value"].split(sizes), store["valid"].split(sizes), strict=True))


@pytest.mark.parametrize("make", [*AUGMENTATIONS, default_views])
def test_input_stays_and_nothing_but_raw_series_changes(make, graphs, batch, assert_same):
    for graph in (batch, *graphs):
        before = graph.clone()
        out = make(generator=_generator())(graph)
        assert_same(graph, before)
        restored = out.clone()
        for (modality, name), tensor in _raw(graph).items():
            assert out[modality][name].dtype == tensor.dtype
            assert out[modality][name].shape == tensor.shape
            restored[modality][name] = tensor
        assert_same(restored, before)


@pytest.mark.parametrize("make", [*AUGMENTATIONS, default_views])
def test_missing_samples_are_zero(make, batch):
    out = make(generator=_generator())(batch)
    for modality in ("sensor", "audio"):
        assert (~out[modality].valid).any() or modality == "audio"
        assert (out[modality].value[~out[modality].valid] == 0).all()


@pytest.mark.parametrize("make", [*AUGMENTATIONS, default_views])
def test_same_seed_same_view_other_seed_other_view(make, batch):
    one, same, other = (_raw(make(generator=_generator(seed))(batch)) for seed in (5, 5, 6))
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)


def test_global_generator_is_used_where_none_is_given(batch):
    views = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        views.append(default_views()(batch)["sensor"].value)
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])


def test_calls_differ(batch):
    view = default_views(3)
    assert not torch.equal(view(batch)["sensor"].value, view(batch)["sensor"].value)


def test_view_of_batch_unbatches(graphs, batch):
    parts = default_views(1)(batch).to_data_list()
    for part, graph in zip(parts, graphs, strict=True):
        for modality in MODALITIES:
            assert part[modality].value.shape == graph[modality].value.shape


def test_view_never_hides_a_whole_stream(batch):
    view = default_views(0)
    for _ in range(10):
        out = view(batch)
        for modality in ("sensor", "audio"):
            assert all(valid.any() for _, valid in _streams(out[modality]))


def test_empty_scene_passes(make_scene, graph_of):
    graph = graph_of(make_scene(0, ["text"]))
    out = default_views(0)(graph)
    assert out["sensor"].value.shape == (0,)
    assert out["image"].value.shape == graph["image"].value.shape


def test_jitter_has_the_size_that_it_says(batch):
    out = Jitter(share=0.1, generator=_generator())(batch)
    pairs = zip(_streams(batch["sensor"]), _streams(out["sensor"]), batch["sensor"].is_word, strict=True)
    for (value, valid), (noisy, _), is_word in pairs:
        if is_word:
            assert torch.equal(value, noisy)
        else:
            rms = value[valid].square().mean().sqrt()
            assert float((noisy - value)[valid].std() / rms) == pytest.approx(0.1, rel=0.2)


def test_scale_is_one_factor_per_stream_and_leaves_words(batch):
    out = Scale(max_factor=2.0, generator=_generator())(batch)
    factors = []
    pairs = zip(_streams(batch["sensor"]), _streams(out["sensor"]), batch["sensor"].is_word, strict=True)
    for (value, valid), (scaled, _), is_word in pairs:
        if is_word:
            assert torch.equal(value, scaled)
            continue
        ratio = (scaled / value)[valid & (value.abs() > 1e-3)]
        assert torch.allclose(ratio, ratio[:1].expand_as(ratio), rtol=1e-4)
        factors.append(float(ratio[0]))
    assert all(0.5 <= factor <= 2.0 for factor in factors)
    assert len(set(factors)) == len(factors)


def test_mask_hides_whole_bins(batch):
    out = Mask(share=0.5, generator=_generator())(batch)
    for modality in ("sensor", "audio"):
        store, bins = out[modality], batch[modality].bin.split(batch[modality].length.tolist())
        for (_, before), (_, after), where in zip(_streams(batch[modality]), _streams(store), bins, strict=True):
            hidden = {int(b) for b in where[before & ~after]}
            assert len(hidden) <= 4
            for number in range(8):
                if number not in hidden:
                    assert torch.equal(before[where == number], after[where == number])
                else:
                    assert not after[where == number].any()
    audio_bins = [where[~valid].unique() for where, (_, valid) in zip(bins, _streams(out["audio"]), strict=True)]
    assert all(len(found) == 4 for found in audio_bins)


def test_cutout_hides_one_stretch(batch):
    out = Cutout(share=0.25, generator=_generator())(batch)
    firsts = set()
    for value, valid in _streams(out["audio"]):
        gone = (~valid).nonzero().squeeze(1)
        assert len(gone) == len(value) // 4
        assert int(gone[-1] - gone[0]) == len(gone) - 1
        firsts.add(int(gone[0]))
    assert len(firsts) > 1


def test_bit_flip_changes_one_bit_of_words_alone(batch):
    out = BitFlip(share=0.05, generator=_generator())(batch)
    store = batch["sensor"]
    is_word = torch.repeat_interleave(store.is_word, store.length)
    before, after = store.value.long(), out["sensor"].value.long()
    assert torch.equal(store.value[~is_word], out["sensor"].value[~is_word])
    changed = (before ^ after)[is_word]
    one_bit = torch.tensor([0, *(1 << bit for bit in range(16))])
    assert torch.isin(changed, one_bit).all()
    assert float((changed != 0).float().mean()) == pytest.approx(0.05, rel=0.1)
    assert len(changed.unique()) == 17


def test_reorder_moves_windows_within_streams(batch):
    out = Reorder(num_windows=4, generator=_generator())(batch)
    moved = False
    for modality in ("sensor", "audio"):
        for (value, valid), (new, new_valid) in zip(_streams(batch[modality]), _streams(out[modality]), strict=True):
            assert torch.equal(value.sort().values, new.sort().values)
            assert valid.sum() == new_valid.sum()
            size = len(value) // 4
            windows = {tuple(value[k * size : (k + 1) * size].tolist()) for k in range(4)}
            assert {tuple(new[k * size : (k + 1) * size].tolist()) for k in range(4)} == windows
            moved |= not torch.equal(value, new)
    assert moved


def test_time_warp_keeps_order_ends_and_samples(batch):
    ramp = batch.clone()
    ramp["sensor"].value = torch.cat([torch.arange(float(n)) for n in batch["sensor"].length])
    out = TimeWarp(strength=0.5, generator=_generator())(ramp)
    for (before, _), (after, _) in zip(_streams(ramp["sensor"]), _streams(out["sensor"]), strict=True):
        step = after.diff()
        assert after[0] == 0
        assert after[-1] == before[-1]
        assert (step >= 0).all()
        assert step.max() <= 2
        assert torch.isin(after, before).all()
    assert not torch.equal(out["sensor"].value, ramp["sensor"].value)


def test_brightness_is_alike_within_a_stream_and_in_range(batch):
    batch["image"].value = torch.full_like(batch["image"].value, 0.5)
    out = Brightness(max_change=0.2, generator=_generator())(batch)
    levels = [frames.unique() for frames, _ in _streams(out["image"])]
    assert all(len(level) == 1 and 0.3 <= float(level) <= 0.7 for level in levels)
    assert len({float(level) for level in levels}) == len(levels)
    assert out["video"].value.min() >= 0
    assert out["video"].value.max() <= 1


def test_picture_cutout_covers_the_same_rectangle_in_all_frames(batch):
    out = PictureCutout(side_share=0.5, generator=_generator())(batch)
    for (before, _), (after, _) in zip(_streams(batch["image"]), _streams(out["image"]), strict=True):
        covered = (after == 0.5).all(0).all(0)
        assert int(covered.sum()) == 16
        assert torch.equal(before[..., ~covered], after[..., ~covered])


def test_token_mask_takes_the_share_that_it_says(batch):
    batch["text"].value = torch.ones(20000, dtype=torch.int64)
    out = TokenMask(share=0.3, generator=_generator())(batch)
    assert float((out["text"].value == 0).float().mean()) == pytest.approx(0.3, abs=0.02)


def test_runs_cover_every_sample_once(batch):
    store = batch["sensor"]
    runs = runs_of(store)
    assert int(runs.count.sum()) == len(store.value)
    assert torch.equal(runs.begin, runs.count.cumsum(0) - runs.count)
    stream = torch.repeat_interleave(torch.arange(len(store.length)), store.length)
    assert torch.equal(torch.repeat_interleave(runs.stream, runs.count), stream)
    assert torch.equal(torch.repeat_interleave(runs.bin, runs.count), store.bin.long())


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        ("jitter", {"share": -1.0}, r"jitter\.share: must be 0 or more \(got -1"),
        ("scale", {"max_factor": 0.5}, r"scale\.max_factor: must be 1 or more"),
        ("mask", {"share": 1.0}, r"mask\.share"),
        ("cutout", {"share": 1.5}, r"cutout\.share"),
        ("bit_flip", {"share": 2}, r"bit_flip\.share"),
        ("brightness", {"max_change": 1}, r"brightness\.max_change"),
        ("picture_cutout", {"side_share": 2}, r"picture_cutout\.side_share"),
        ("token_mask", {"share": -0.1}, r"token_mask\.share"),
        ("reorder", {"num_windows": 0}, r"reorder\.num_windows"),
        ("time_warp", {"strength": 1.0}, r"time_warp\.strength"),
        ("missing", {"method": "guess"}, r"missing\.method: no method 'guess'; known: linear, forward, flag"),
        ("missing", {"max_gap_s": 0}, r"missing\.max_gap_s"),
        ("drop_modality", {"modalities": ["smell"]}, r"drop_modality\.modalities"),
    ],
)
def test_impossible_settings_are_refused(kind, arguments, message):
    with pytest.raises(ConfigError, match=message):
        KINDS[kind](**arguments)
