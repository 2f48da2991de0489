"""Normalisation is fitted on what it was shown and on nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from sensorgraph.errors import DataError
from sensorgraph.graph.statistics import Affine, NormaliseByRate, ValueStatistics, robust_affine
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms import NormaliseSummary
from sensorgraph.graph.transforms.normalise_summary import LINEAR_UP_TO, bend
from sensorgraph.scenes import Scene, Sensor
from sensorgraph.typing import MODALITIES


def _scene(*streams, recording_id="r"):
    return Scene(f"{recording_id}@0", recording_id, 0.0, 4.0, tuple(streams))


def _normal(name, centre, spread, rate_hz=100.0, seed=0, num_samples=4000):
    values = np.random.default_rng(seed).normal(centre, spread, num_samples)
    return Sensor(name, rate_hz, values.astype(np.float32))


def test_robust_of_a_normal_distribution_is_its_mean_and_deviation():
    affine = ValueStatistics.fit([_scene(_normal("oil", 50.0, 3.0))]).affine["oil"]
    assert affine.centre == pytest.approx(50.0, abs=0.2)
    assert affine.scale == pytest.approx(3.0, rel=0.05)


def test_robust_is_not_moved_by_outliers():
    values = np.append(np.random.default_rng(0).normal(0, 1, 1000), [1e6] * 20)
    assert robust_affine(values).scale == pytest.approx(1.0, rel=0.1)


def test_min_max_by_rate():
    by_rate = (NormaliseByRate("min_max", max_rate_hz=60.0), NormaliseByRate("robust", min_rate_hz=60.0))
    slow = Sensor("slow", 50.0, np.float32([2, 4, 12]))
    affine = ValueStatistics.fit([_scene(slow, _normal("fast", 5.0, 2.0))], by_rate).affine
    assert affine["slow"] == Affine(2.0, 10.0)
    assert affine["fast"].centre == pytest.approx(5.0, abs=0.2)


def test_rate_that_nothing_covers_is_refused():
    with pytest.raises(DataError, match=r"stream 'fast': no normalisation covers its rate.*100 Hz"):
        ValueStatistics.fit([_scene(_normal("fast", 0, 1))], (NormaliseByRate(max_rate_hz=60.0),))


def test_scopes():
    scenes = [_scene(_normal("oil", 10, 1), recording_id="a"), _scene(_normal("oil", 90, 1), recording_id="b")]
    run, own = ValueStatistics.fit(scenes), ValueStatistics.fit(scenes, scope="recording")
    assert set(run.affine) == {"oil"}
    assert run.affine["oil"].centre == pytest.approx(50, abs=41)
    assert own.of("a", scenes[0].streams[0]).centre == pytest.approx(10, abs=0.3)
    assert own.of("b", scenes[0].streams[0]).centre == pytest.approx(90, abs=0.3)


def test_test_scenes_do_not_reach_the_statistics():
    train = _scene(_normal("oil", 10, 1))
    fitted = ValueStatistics.fit([train])
    test_stream = _normal("oil", 500, 9, seed=1)
    assert fitted.of("r", test_stream) == fitted.affine["oil"]
    assert ValueStatistics.fit([train]) == fitted


def test_unknown_stream_is_judged_by_its_own_scene():
    found = ValueStatistics.fit([_scene(_normal("oil", 10, 1))]).of("r", _normal("new", 70, 2))
    assert found.centre == pytest.approx(70, abs=0.3)


def test_words_have_no_entry():
    scene = _scene(Sensor("word", 10.0, np.arange(40, dtype=np.uint16)))
    assert not ValueStatistics.fit([scene]).affine


@pytest.mark.parametrize("kind", ["robust", "min_max"])
def test_constants_gaps_and_infinities(kind):
    constant = Sensor("constant", 10.0, np.full(40, 7.0, np.float32))
    empty = Sensor("empty", 10.0, np.full(40, np.nan, np.float32))
    infinite = Sensor("infinite", 10.0, np.float32([1, np.inf, 2, -np.inf, 3]))
    affine = ValueStatistics.fit([_scene(constant, empty, infinite)], (NormaliseByRate(kind),)).affine
    assert affine["constant"] == Affine(7.0, 1.0)
    assert affine["empty"] == Affine(0.0, 1.0)
    assert np.isfinite([affine["infinite"].centre, affine["infinite"].scale]).all()
    assert affine["infinite"].scale > 0


def test_mostly_constant_takes_the_deviation():
    values = np.zeros(100)
    values[:10] = 5.0
    assert robust_affine(values).scale == pytest.approx(1.5)


def test_values_round_trip():
    fitted = ValueStatistics.fit([_scene(_normal("oil", 10, 1))], scope="recording")
    assert ValueStatistics.from_json(fitted.to_json()) == fitted


@pytest.fixture(scope="module")
def train(make_scene, graph_of):
    return [graph_of(make_scene(number)) for number in range(3)]


def test_summary_of_training_graphs_becomes_centred(train, schema):
    normalise = NormaliseSummary(SummaryStatistics.fit(train, schema))
    for modality in ("sensor", "audio"):
        out = [normalise(graph)[modality] for graph in train]
        level = torch.cat([store.summary[0, :, 0][store.observed[0, :, 0]] for store in out])
        assert abs(float(level.median())) < 0.5
        assert 0.1 < float(level.std()) < 5


def test_normalised_summary_is_0_where_nothing_is_observed(train, schema):
    normalise = NormaliseSummary(SummaryStatistics.fit(train, schema))
    for graph in train:
        before = graph["sensor"].summary.clone()
        out = normalise(graph)
        assert torch.equal(graph["sensor"].summary, before)
        for modality in MODALITIES:
            assert torch.isfinite(out[modality].summary).all()
            assert not out[modality].summary[~out[modality].observed].any()


def test_summary_of_unknown_stream_is_judged_by_its_kind(train, schema, make_scene, graph_of):
    statistics = SummaryStatistics.fit(train, schema)
    scene = make_scene(5, ["sensor"])
    renamed = replace(scene.streams[0], id="renamed")
    store = graph_of(replace(scene, streams=(renamed, scene.streams[2]), topology=()))["sensor"]
    assert store.channel.tolist()[0] == 0
    centre, _ = statistics.affine_of("anything", "sensor", store, 0)
    np.testing.assert_array_equal(centre, statistics.centre["sensor/plain"])
    centre, _ = statistics.affine_of("anything", "sensor", store, 1)
    np.testing.assert_array_equal(centre, statistics.centre[f"sensor/{int(store.channel[1])}"])


def test_summary_scope_recording_falls_back_to_the_run(train, schema):
    statistics = SummaryStatistics.fit(train, schema, scope="recording")
    store = train[0]["sensor"]
    number = int(store.channel[0])
    own, _ = statistics.affine_of("recording0", "sensor", store, 0)
    np.testing.assert_array_equal(own, statistics.centre[f"recording0/sensor/{number}"])
    other, _ = statistics.affine_of("never seen", "sensor", store, 0)
    np.testing.assert_array_equal(other, statistics.centre[f"sensor/{number}"])
    assert not np.array_equal(own, other)


def test_without_statistics_nothing_is_scaled(train):
    out = NormaliseSummary(SummaryStatistics())(train[0])["sensor"]
    torch.testing.assert_close(out.summary, bend(train[0]["sensor"].summary))


def test_still_feature_does_not_blow_up(train, schema):
    statistics = SummaryStatistics.fit(train, schema)
    for key, scale in statistics.scale.items():
        assert (scale > 0).all(), key
    still = statistics.scale[f"sensor/{int(train[0]['sensor'].channel[0])}"]
    assert (still >= 0.02 * statistics.scale["sensor/plain"] - 1e-6).all()


def test_summary_statistics_round_trip(train, schema):
    fitted = SummaryStatistics.fit(train, schema, scope="recording")
    again = SummaryStatistics.from_json(fitted.to_json())
    assert again.scope == "recording"
    assert set(again.centre) == set(fitted.centre)
    for key in fitted.centre:
        np.testing.assert_array_equal(again.centre[key], fitted.centre[key])
        np.testing.assert_array_equal(again.scale[key], fitted.scale[key])


def test_bend_is_odd_rising_and_linear_in_the_middle():
    values = torch.linspace(-100, 100, 2001)
    bent = bend(values)
    assert (bent.diff() > 0).all()
    torch.testing.assert_close(bent, -bend(-values))
    middle = values.abs() <= LINEAR_UP_TO
    assert torch.equal(bent[middle], values[middle])
