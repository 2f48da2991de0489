"""Filling gaps: only when asked, only physical sensors, and never from the future where that is promised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import HeteroData

from sensorgraph.graph.transforms import FillMissing
from sensorgraph.scenes import Sensor


def _graph(values, valid, length, is_word=None, time_s=None) -> HeteroData:
    data = HeteroData()
    store = data["sensor"]
    store.length = torch.tensor(length)
    store.valid = torch.tensor(valid, dtype=torch.bool)
    store.value = torch.where(store.valid, torch.tensor(values, dtype=torch.float32), 0)
    store.time_s = torch.cat([torch.arange(float(n)) for n in length]) if time_s is None else torch.tensor(time_s)
    store.is_word = torch.zeros(len(length), dtype=torch.bool) if is_word is None else torch.tensor(is_word)
    return data


def test_linear_goes_straight_by_time():
    graph = _graph([1, 0, 0, 9], [True, False, False, True], [4], time_s=[0.0, 1.0, 3.0, 4.0])
    out = FillMissing("linear")(graph)["sensor"]
    assert out.value.tolist() == [1, 3, 7, 9]
    assert out.valid.all()


def test_forward_holds():
    out = FillMissing("forward")(_graph([1, 0, 0, 9, 0], [True, False, False, True, False], [5]))["sensor"]
    assert out.value.tolist() == [1, 1, 1, 9, 9]
    assert out.valid.all()


def test_flag_fills_nothing_and_is_the_default(make_scene, graph_of, assert_same):
    graph = graph_of(make_scene(1))
    assert (~graph["sensor"].valid).any()
    assert_same(FillMissing()(graph), graph)


@pytest.mark.parametrize("method", ["linear", "forward"])
def test_ends_without_neighbour_stay_missing(method):
    # The neighbouring streams have values that must not leak.
    graph = _graph([7, 0, 3, 0, 8], [True, False, True, False, True], [1, 3, 1])
    out = FillMissing(method)(graph)["sensor"]
    assert out.valid.tolist() == [True, False, True, method == "forward", True]
    assert out.value.tolist() == [7, 0, 3, 3 if method == "forward" else 0, 8]


@pytest.mark.parametrize("method", ["linear", "forward"])
def test_stream_with_nothing_valid_stays_so(method):
    out = FillMissing(method)(_graph([0, 0, 0], [False] * 3, [2, 0, 1]))["sensor"]
    assert not out.valid.any()


@pytest.mark.parametrize("method", ["linear", "forward"])
def test_words_are_never_filled(method):
    graph = _graph([5, 0, 7], [True, False, True], [3], is_word=[True])
    assert FillMissing(method)(graph)["sensor"].valid.tolist() == [True, False, True]


def test_long_gaps_stay():
    graph = _graph([1, 0, 3, 0, 0, 6], [True, False, True, False, False, True], [6])
    linear = FillMissing("linear", max_gap_s=2.0)(graph)["sensor"]
    assert linear.valid.tolist() == [True, True, True, False, False, True]
    assert FillMissing("forward", max_gap_s=1.0)(graph)["sensor"].valid.tolist() == [True] * 4 + [False, True]


def test_input_and_summary_stay(make_scene, graph_of, assert_same):
    scene = make_scene(1)
    graph = graph_of(scene)
    out = FillMissing("linear")(graph)
    assert_same(graph, graph_of(scene))
    assert torch.equal(out["sensor"].summary, graph["sensor"].summary)
    assert out["sensor"].valid.sum() > graph["sensor"].valid.sum()


samples = st.lists(st.tuples(st.floats(-100, 100, width=32), st.booleans()), min_size=2, max_size=30)


@settings(max_examples=30, deadline=None)
@given(samples, st.integers(1, 29), st.floats(-100, 100, width=32))
def test_forward_never_looks_ahead(made, cut, other):
    cut = min(cut, len(made) - 1)
    values, valid = [v for v, _ in made], [ok for _, ok in made]
    changed = values[:cut] + [other] * (len(values) - cut)
    fill = FillMissing("forward")
    one = fill(_graph(values, valid, [len(values)]))["sensor"]
    two = fill(_graph(changed, valid[:cut] + [True] * (len(values) - cut), [len(values)]))["sensor"]
    assert torch.equal(one.value[:cut], two.value[:cut])
    assert torch.equal(one.valid[:cut], two.valid[:cut])


@settings(max_examples=30, deadline=None)
@given(samples)
def test_linear_equals_numpy(made):
    values, valid = np.float32([v for v, _ in made]), np.array([ok for _, ok in made])
    out = FillMissing("linear")(_graph(values, valid, [len(values)]))["sensor"]
    held = np.flatnonzero(valid)
    if not len(held):
        assert not out.valid.any()
        return
    inside = slice(held[0], held[-1] + 1)
    expected = np.interp(np.arange(len(values)), held, values[held])[inside]
    assert out.valid.numpy()[inside].all()
    assert out.valid.sum() == held[-1] - held[0] + 1
    np.testing.assert_allclose(out.value.numpy()[inside], expected, atol=1e-4)


def test_gap_of_a_scene_is_filled(make_scene, graph_of):
    scene = make_scene(0, ["sensor"])
    ramp = np.arange(400, dtype=np.float32)
    gone = ramp.copy()
    gone[100:150] = np.nan
    whole, holed = (
        graph_of(replace(scene, streams=(Sensor("physical0", 100.0, values),), topology=())) for values in (ramp, gone)
    )
    filled = FillMissing("linear")(holed)["sensor"]
    torch.testing.assert_close(filled.value, whole["sensor"].value, rtol=1e-4, atol=1e-4)
