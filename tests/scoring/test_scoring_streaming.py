"""A streamed threshold stays where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sensorgraph.errors import CalibrationWarning, ConfigError
from sensorgraph.scoring import StreamingThreshold, fit_threshold


def stream_of(seed: int, **options: int) -> tuple[StreamingThreshold, np.random.Generator]:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal(20_000)
    return StreamingThreshold(fit_threshold(scores, rate_per_sample=1e-3), scores, **options), rng


def test_alarms_come_at_the_asked_rate_without_a_trend() -> None:
    stream, rng = stream_of(0, refit_every=10_000)
    alarms = stream.update(rng.standard_normal(200_000))
    quarters = alarms.reshape(4, -1).mean(1) / 1e-3
    assert 0.7 < alarms.mean() / 1e-3 < 1.4
    assert (quarters > 0.5).all()
    assert (quarters < 1.7).all()


def test_steps_and_updates_agree() -> None:
    one, rng = stream_of(1, refit_every=3_000)
    many, _ = stream_of(1, refit_every=3_000)
    scores = rng.standard_normal(10_000)
    scores[50] = np.nan
    assert [one.step(score) for score in scores.tolist()] == many.update(scores).tolist()
    assert one.value == many.value
    assert one.num_missing == 1


def test_an_anomaly_neither_blinds_nor_ratchets() -> None:
    stream, rng = stream_of(2, refit_every=10_000)
    scores = rng.standard_normal(50_000)
    scores[20_000:21_000] += 50.0
    assert stream.update(scores)[20_000:21_000].all()
    assert stream.num_surplus > 900
    assert 0.4 < stats.norm.sf(stream.value) / 1e-3 < 1.7


def test_anomalies_spread_over_the_calibration_data_stay_out_of_refits() -> None:
    rng = np.random.default_rng(4)
    scores = rng.standard_normal(50_000)
    scores[:150] = rng.uniform(1.5, 12.0, 150)
    with pytest.warns(CalibrationWarning, match="taken for anomalies"):
        threshold = fit_threshold(scores, rate_per_sample=2e-4)
    stream = StreamingThreshold(threshold, scores, refit_every=5_000)
    stream.update(rng.standard_normal(5_000))
    assert 0.2 < stats.norm.sf(stream.value) / 2e-4 < 3.0


def test_refits_count_events_as_the_calibration_did(visits: Callable[[int], np.ndarray]) -> None:
    with pytest.warns(CalibrationWarning):
        threshold = fit_threshold(visits(0), events_per_day=5e-4, sample_period_s=86_400.0, merge_gap=20)
    stream = StreamingThreshold(threshold, visits(0), refit_every=30_000)
    for seed in (1, 2, 3):
        stream.update(visits(seed))
        assert stream.value == pytest.approx(threshold.value, abs=0.6)


def test_old_scores_are_forgotten() -> None:
    stream, rng = stream_of(3, refit_every=10_000, memory=40_000)
    stream.update(rng.standard_normal(60_000) * 0.5)
    assert stream.value < 2.6


def test_a_threshold_without_a_tail_cannot_stream() -> None:
    scores = np.random.default_rng(0).standard_normal(1_000)
    with pytest.raises(ConfigError, match="tail"):
        StreamingThreshold(fit_threshold(scores, rate_per_sample=1e-2, kind="percentile"), scores)
    with pytest.raises(ConfigError, match="memory"):
        StreamingThreshold(fit_threshold(scores, rate_per_sample=1e-2), scores, refit_every=10, memory=5)
