"""The whole network, from raw samples to residuals: what may reach a score, and what may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch_geometric.data import Batch, HeteroData

from sensorgraph.graph import GraphList
from sensorgraph.graph.schema import CANDIDATE
from sensorgraph.graph.transforms import DropModality
from sensorgraph.graph.transforms.keep import keep_streams
from sensorgraph.models import SceneGNN, stream_rounds
from sensorgraph.models.hiding import span_rounds
from sensorgraph.scenes import Scene, Sensor, Stream, Text
from sensorgraph.testing.tiny_run import TinyRun
from sensorgraph.training import Predictions, predict
from sensorgraph.typing import MODALITIES

RESIDUALS = ("against_others", "against_past", "deviation")
TABLES = ("residuals", "channels", "pairs", "overflow", "links")
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=[False, True], ids=["two-sided", "causal"])
def model(tiny: TinyRun, request: pytest.FixtureRequest) -> SceneGNN:
    return tiny.model(causal=request.param)


def uneven(tiny: TinyRun) -> list[HeteroData]:
    """Scenes that lack all kinds of things."""
    graphs = tiny.graphs()
    first = torch.arange(graphs[0]["sensor"].num_nodes) == 0
    out = [
        *graphs[:2],
        keep_streams(graphs[4], "sensor", torch.arange(graphs[4]["sensor"].num_nodes) % 3 > 0),
        DropModality(["audio", "text"])(graphs[0]),
        DropModality(["sensor"])(graphs[1]),
        DropModality(["image", "audio", "text", "video"])(graphs[2]),
        DropModality(["image", "audio", "text", "video"])(keep_streams(graphs[3], "sensor", first)),
    ]
    for number, graph in enumerate(out):
        graph.scene_id = f"scene-{number}"
    return out


def assert_same(one: Predictions, other: Predictions, tolerance: float = TOLERANCE) -> None:
    """The same rows with the same numbers, in any order of scenes."""
    for name in TABLES:
        rows, others = (
            getattr(part, name).sort_values("scene", kind="stable").reset_index(drop=True) for part in (one, other)
        )
        pd.testing.assert_frame_equal(rows, others, check_exact=False, rtol=0, atol=tolerance, obj=name)


def test_a_scene_gives_the_same_numbers_alone_and_in_any_batch(tiny: TinyRun, model: SceneGNN) -> None:
    graphs = uneven(tiny)
    together = predict(model, GraphList(graphs), batch_size=len(graphs))
    assert_same(together, predict(model, GraphList(graphs), batch_size=1))
    assert_same(together, predict(model, GraphList(graphs[::-1]), batch_size=3))


def test_streams_that_look_alike_do_not_depend_on_the_batch(tiny: TinyRun) -> None:
    """Without names, sensors of one rate are told apart by nothing: whom they listen to must still be settled."""
    unnamed = replace(tiny, schema=replace(tiny.schema, channels=()))
    model = unnamed.model(causal=True)
    graphs = uneven(unnamed)
    together = predict(model, GraphList(graphs), batch_size=len(graphs))
    assert_same(together, predict(model, GraphList(graphs), batch_size=1))


def test_what_is_there_is_scored_and_what_is_not_is_missing(tiny: TinyRun, model: SceneGNN) -> None:
    graphs = uneven(tiny)
    found = predict(model, GraphList(graphs)).residuals
    rows = {g.scene_id: sum(g[m].num_nodes for m in MODALITIES) * tiny.schema.num_bins for g in graphs}
    assert found["scene"].value_counts().to_dict() == rows
    observed = np.concatenate([graph[m].observed.any(-1).flatten() for graph in graphs for m in MODALITIES])
    assert int(found["deviation"].notna().sum()) == int(observed.sum())
    for name in RESIDUALS:
        assert (found[name].notna() == found["deviation"].notna()).all(), name
        assert np.isfinite(found[name].dropna()).all(), name


def test_streams_that_training_never_saw_are_scored(tiny: TinyRun, model: SceneGNN) -> None:
    scene = tiny.scenes[0]
    renamed = replace(scene, streams=tuple(replace(stream, id=f"new-{stream.id}") for stream in scene.streams))
    graph = tiny.graph(replace(renamed, labels=type(scene.labels)(), topology=()))
    assert not any(graph[m].channel.any() for m in MODALITIES)
    found = predict(model, GraphList([graph])).residuals
    assert np.isfinite(found["against_others"].dropna()).all()
    assert found["against_others"].notna().sum() == found["deviation"].notna().sum() > 0


def test_a_word_of_known_name_reads_the_same_when_others_are_gone(tiny: TinyRun) -> None:
    """A stream's tokens before fusion depend on it alone."""
    model, graph = tiny.model().eval(), tiny.graphs()[0]
    half = torch.arange(graph["sensor"].num_nodes) % 2 == 0
    with torch.no_grad():
        whole = model.encode(Batch.from_data_list([graph])).tokens["sensor"]
        some = model.encode(Batch.from_data_list([keep_streams(graph, "sensor", half)])).tokens["sensor"]
    torch.testing.assert_close(some, whole[half], rtol=0, atol=TOLERANCE)


def test_what_is_hidden_influences_nothing(tiny: TinyRun, model: SceneGNN) -> None:
    """Other samples, other summaries, or none at all in the hidden bins: the expectation stays, for everybody."""
    graph = Batch.from_data_list(tiny.graphs())
    model.eval()
    for look in stream_rounds(graph):
        changed = graph.clone()
        for modality in MODALITIES:
            hidden = look.hidden[modality][..., None]
            store = changed[modality]
            store.summary = torch.where(hidden, 3 - 2 * store.summary, store.summary)
            store.observed = torch.where(hidden, ~store.observed, store.observed)
        with torch.no_grad():
            before = model.encode(graph)
            after = replace(
                before,
                tokens={m: torch.where(look.hidden[m][..., None], 7.0, before.tokens[m]) for m in MODALITIES},
                present={m: torch.where(look.hidden[m], ~before.present[m], before.present[m]) for m in MODALITIES},
                messages=model.factors.listen(changed),
            )
            expected = model.reconstruct(model.fuse(graph, before, look.hidden))
            found = model.reconstruct(model.fuse(changed, after, look.hidden))
        for modality, part in expected.items():
            torch.testing.assert_close(found[modality].mean, part.mean, rtol=0, atol=TOLERANCE)
            torch.testing.assert_close(found[modality].log_variance, part.log_variance, rtol=0, atol=TOLERANCE)


def test_what_is_seen_does_reach_the_others(tiny: TinyRun, model: SceneGNN) -> None:
    """Otherwise the test above would prove nothing."""
    graph = Batch.from_data_list(tiny.graphs()[:1])
    model.eval()
    hidden = stream_rounds(graph)[0].hidden
    changed = graph.clone()
    changed["sensor"].summary = graph["sensor"].summary + 1
    with torch.no_grad():
        one, other = (
            model.reconstruct(model.fuse(g, model.encode(g), hidden))["sensor"].mean for g in (graph, changed)
        )
    assert (one - other)[hidden["sensor"]].abs().max() > 1e-3


def test_a_stream_that_is_left_out_is_not_a_row_of_zeros(tiny: TinyRun, model: SceneGNN) -> None:
    graph = tiny.graphs()[0]
    silent = graph.clone()
    silent["audio"].summary, silent["audio"].value = graph["audio"].summary * 0, graph["audio"].value * 0
    gone = DropModality(["audio"])(graph)
    there, absent = (predict(model, GraphList([g])).residuals for g in (silent, gone))
    there = there[there["modality"] == "sensor"].reset_index(drop=True)
    absent = absent[absent["modality"] == "sensor"].reset_index(drop=True)
    assert (there["against_others"] - absent["against_others"]).abs().max() > 1e-4


def _other_values(stream: Stream, later: np.ndarray) -> Stream:
    if isinstance(stream, Text):
        lines = tuple("ALARM 999 valve stuck" if late else line for line, late in zip(stream.lines, later, strict=True))
        return replace(stream, lines=lines)
    if stream.modality in ("image", "video"):
        frames = stream.frames.copy()  # type: ignore[union-attr]
        frames[later] = 255 - frames[later]
        return replace(stream, frames=frames)  # type: ignore[type-var]
    values = stream.values.copy()  # type: ignore[union-attr]
    values[later] = values[later] ^ 0x5A5A if values.dtype == np.uint16 else values[later][::-1] * 3 + 1
    return replace(stream, values=values)  # type: ignore[type-var]


def _every_third_missing(stream: Stream, later: np.ndarray) -> Stream:
    if not isinstance(stream, Sensor):
        return stream
    lost = later & (np.arange(len(later)) % 3 == 0)
    if stream.is_word:
        return replace(stream, valid=stream.validity() & ~lost)
    return replace(stream, values=np.where(lost, np.nan, stream.values).astype(np.float32))


def _fewer(stream: Stream, later: np.ndarray) -> Stream:
    """Media have no missing samples: they have fewer."""
    if isinstance(stream, Text):
        kept = np.flatnonzero(~later)
        return replace(stream, lines=tuple(stream.lines[k] for k in kept), time_s=stream.time_s[kept])
    if stream.modality in ("image", "video"):
        return replace(stream, frames=stream.frames[~later], time_s=stream.time_s[~later])  # type: ignore
    return stream


CHANGES = {"other values": _other_values, "missing samples": _every_third_missing, "fewer samples": _fewer}


def _residuals_up_to(
    tiny: TinyRun, model: SceneGNN, change: Callable[[Stream, np.ndarray], Stream], last: int
) -> Sequence[pd.DataFrame]:
    """Residuals up to a bin, before and after a change of everything later."""
    scene = tiny.scenes[0]
    end_s = (last + 1) * scene.duration_s / tiny.schema.num_bins
    changed: Scene = replace(scene, streams=tuple(change(s, s.times() >= end_s) for s in scene.streams))
    tables = [predict(model, GraphList([tiny.graph(one)])).residuals for one in (scene, changed)]
    assert not np.allclose(tables[0]["deviation"], tables[1]["deviation"], equal_nan=True), "nothing was changed"
    return [table[table["bin"] <= last].reset_index(drop=True) for table in tables]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_later_samples_reach_no_earlier_score_of_a_causal_model(
    tiny: TinyRun, change: Callable[[Stream, np.ndarray], Stream]
) -> None:
    model = tiny.model(causal=True)
    for last in range(tiny.schema.num_bins - 1):
        before, after = _residuals_up_to(tiny, model, change, last)
        for name in RESIDUALS:
            difference = (after[name] - before[name]).abs()
            worst = before.loc[difference.fillna(0).idxmax()]
            assert difference.max() <= TOLERANCE, f"{name} of {worst['stream']} in bin {worst['bin']} of 0..{last}"
            assert (after[name].isna() == before[name].isna()).all(), name


def test_later_samples_do_reach_earlier_scores_of_a_two_sided_model(tiny: TinyRun) -> None:
    """Otherwise the test above would prove nothing."""
    before, after = _residuals_up_to(tiny, tiny.model(), _other_values, 1)
    assert (after["against_others"] - before["against_others"]).abs().max() > 10 * TOLERANCE


def test_the_evidence_of_a_hidden_word_tells_nobody(tiny: TinyRun, model: SceneGNN) -> None:
    graph = Batch.from_data_list(tiny.graphs())
    assert graph[CANDIDATE].num_edges
    model.eval()
    changed = graph.clone()
    changed[CANDIDATE].edge_attr = 5 - graph[CANDIDATE].edge_attr
    with torch.no_grad():
        encodings = model.encode(graph)
        for look in span_rounds(graph):  # something of every stream is hidden
            one, other = (model.reconstruct(model.fuse(g, encodings, look.hidden)) for g in (graph, changed))
            for modality, part in one.items():
                torch.testing.assert_close(part.mean, other[modality].mean, rtol=0, atol=0)
