"""Thresholds against known tails, under every unit, and on scores that are no scores."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sensorgraph.errors import CalibrationError, CalibrationWarning, ConfigError
from sensorgraph.scoring import Threshold, fit_threshold

TAILS = {
    "normal": stats.norm(),
    "exponential": stats.expon(),
    "student t3": stats.t(3),
    "uniform": stats.uniform(),
    "gumbel": stats.gumbel_r(),
}


def quiet(scores: np.ndarray, rate: float = 1e-3, **options: object) -> Threshold:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        return fit_threshold(scores, rate_per_sample=rate, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TAILS)
def test_exceedance_is_the_one_asked_for(name: str) -> None:
    for seed in range(4):
        threshold = fit_threshold(
            TAILS[name].rvs(size=50_000, random_state=np.random.default_rng(seed)), rate_per_sample=2e-4
        )
        assert 0.5 < TAILS[name].sf(threshold.value) / 2e-4 < 2.0


def test_intervals_hold_the_true_rate_about_nine_times_in_ten() -> None:
    hits = []
    for seed in range(24):
        scores = np.random.default_rng(seed).standard_normal(5_000)
        threshold = quiet(scores, 1e-4)
        hits.append(threshold.achieved.low <= stats.norm.sf(threshold.value) <= threshold.achieved.high)
    assert 0.75 <= np.mean(hits) <= 1.0


@settings(max_examples=8, deadline=None)
@given(exponent=st.integers(-40, 40), seed=st.integers(0, 5))
def test_powers_of_two_change_nothing_but_the_unit(exponent: int, seed: int) -> None:
    scores = np.random.default_rng(seed).standard_normal(2_000)
    scale = 2.0**exponent
    assert quiet(scores * scale).value == quiet(scores).value * scale


@settings(max_examples=8, deadline=None)
@given(log_scale=st.floats(-12.0, 12.0), seed=st.integers(0, 5))
def test_any_scale_from_1e_12_to_1e12(log_scale: float, seed: int) -> None:
    scores = np.random.default_rng(seed).gamma(2.0, size=2_000)
    scale = 10.0**log_scale
    before, after = quiet(scores), quiet(scores * scale)
    assert after.value == pytest.approx(before.value * scale, rel=1e-9)
    assert after.achieved.high == pytest.approx(before.achieved.high, rel=1e-7)


@settings(max_examples=8, deadline=None)
@given(log_offset=st.floats(-12.0, 12.0), negative=st.booleans(), seed=st.integers(0, 5))
def test_any_offset_up_to_1e12(log_offset: float, negative: bool, seed: int) -> None:
    # The scores lie on a grid that survives the largest offset, so that the data themselves are the same.
    scores = np.round(np.random.default_rng(seed).standard_normal(2_000) * 2**20)
    offset = float(np.round(10.0**log_offset)) * (-1.0 if negative else 1.0)
    assert quiet(scores + offset).value - offset == pytest.approx(quiet(scores).value, abs=2.0**-2)


def test_json_keeps_everything() -> None:
    threshold = quiet(np.random.default_rng(0).standard_normal(3_000))
    again = Threshold.from_json(threshold.to_json())
    assert again.to_json() == threshold.to_json()
    assert again.threshold_for(1e-4) == threshold.threshold_for(1e-4) > threshold.value
    with pytest.raises(CalibrationError, match="version"):
        Threshold.from_json(threshold.to_json().replace('"version": 1', '"version": 2'))


def test_p_values_fall_and_agree_with_the_threshold() -> None:
    threshold = quiet(np.random.default_rng(0).standard_normal(20_000))
    grid = np.linspace(-5.0, 9.0, 300)
    assert (np.diff(threshold.p_value(grid)) <= 0.0).all()
    assert threshold.p_value(np.array([threshold.value]))[0] == pytest.approx(1e-3, rel=1e-6)
    odd = threshold.p_value(np.array([np.nan, np.inf, -np.inf]))
    assert np.isnan(odd[0])
    assert odd[1:].tolist() == [0.0, 1.0]


def test_missing_scores_are_left_out_and_counted() -> None:
    scores = np.random.default_rng(0).standard_normal(5_000)
    holes = np.insert(scores, [0, 100, 5_000], np.nan)
    threshold = quiet(holes)
    assert threshold.num_missing == 3
    assert threshold.value == quiet(scores).value


def test_infinite_scores_do_not_move_the_threshold() -> None:
    scores = np.random.default_rng(0).standard_normal(5_000)
    with pytest.warns(CalibrationWarning, match="infinite"):
        threshold = fit_threshold(np.append(scores, [np.inf, -np.inf]), rate_per_sample=1e-3)
    assert threshold.value == pytest.approx(quiet(scores).value, rel=0.01)
    assert threshold.num_trimmed == 1


@pytest.mark.parametrize(
    ("scores", "reason", "value"),
    [
        (np.full(500, 3.0), "equal", 3.0),
        (np.minimum(np.random.default_rng(0).standard_normal(5_000), 1.5), "saturated", 1.5),
        (np.random.default_rng(0).integers(0, 5, 5_000).astype(float), "different values", 4.0),
        (np.arange(50.0), "too few", 49.0),
    ],
)
def test_scores_without_a_tail_fall_back_to_a_percentile(scores: np.ndarray, reason: str, value: float) -> None:
    with pytest.warns(CalibrationWarning, match=reason):
        threshold = fit_threshold(scores, rate_per_sample=1e-3)
    assert threshold.kind == "percentile"
    assert threshold.value == value


def test_rounded_scores_still_have_a_tail() -> None:
    scores = np.round(np.random.default_rng(0).standard_normal(50_000), 2)
    threshold = fit_threshold(scores, rate_per_sample=1e-4)
    assert threshold.kind == "evt"
    assert 0.4 < stats.norm.sf(threshold.value) / 1e-4 < 2.5


@pytest.mark.parametrize("scores", [np.empty(0), np.full(100, np.nan), np.full(100, np.inf), np.arange(9.0)])
def test_hopeless_scores_are_an_error(scores: np.ndarray) -> None:
    with pytest.raises(CalibrationError, match="at least 10 finite"):
        fit_threshold(scores, rate_per_sample=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rate_per_sample": 1e-3, "events_per_day": 1.0},
        {"rate_per_sample": 0.0},
        {"rate_per_sample": float("nan")},
        {"events_per_day": 1.0},
        {"events_per_day": -1.0, "sample_period_s": 1.0},
        {"events_per_day": 1.0, "sample_period_s": 0.0},
        {"rate_per_sample": 1e-3, "kind": "guess"},
        {"rate_per_sample": 1e-3, "max_contamination": 0.5},
    ],
)
def test_impossible_questions_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="threshold"):
        fit_threshold(np.arange(1_000.0), **options)  # type: ignore[arg-type]


def test_short_calibration_warns() -> None:
    with pytest.warns(CalibrationWarning, match="expect fewer than"):
        fit_threshold(np.random.default_rng(0).standard_normal(1_000), rate_per_sample=1e-6)


@pytest.mark.parametrize("share", [0.001, 0.01])
def test_anomalies_in_the_calibration_data_do_not_blind(share: float) -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal(50_000)
    num = int(share * len(scores))
    scores[rng.choice(len(scores), num, replace=False)] = 8.0 + rng.standard_normal(num) / 2.0
    with pytest.warns(CalibrationWarning, match="taken for anomalies"):
        threshold = fit_threshold(scores, rate_per_sample=2e-4)
    assert 0.2 < stats.norm.sf(threshold.value) / 2e-4 < 2.0
    trusting = quiet(scores, 2e-4, max_contamination=0.0)
    assert trusting.value > threshold.value


@pytest.mark.parametrize("name", ["normal", "student t3", "gumbel"])
@pytest.mark.parametrize("share", [0.001, 0.003])
def test_anomalies_spread_from_among_the_normal_scores_do_not_blind(name: str, share: float) -> None:
    rng = np.random.default_rng(3)
    law = TAILS[name]
    scores = law.rvs(size=50_000, random_state=rng)
    num = int(share * len(scores))
    reach = law.isf(1e-4) - law.median()
    scores[rng.choice(len(scores), num, replace=False)] = law.median() + reach * rng.uniform(0.4, 4.0, num)
    with pytest.warns(CalibrationWarning, match="taken for anomalies"):
        threshold = fit_threshold(scores, rate_per_sample=2e-4)
    assert 0.2 < law.sf(threshold.value) / 2e-4 < 5.0
    assert quiet(scores[::-1], 2e-4).value == threshold.value
    assert quiet(scores * 1e12, 2e-4).value == pytest.approx(threshold.value * 1e12, rel=1e-9)


@pytest.mark.parametrize("law", [stats.t(3), stats.lognorm(1.0), stats.weibull_min(0.5), stats.uniform()])
def test_heavy_and_bounded_tails_are_not_taken_for_anomalies(law: stats.rv_continuous) -> None:
    for seed in range(3):
        scores = law.rvs(size=20_000, random_state=np.random.default_rng(seed))
        assert quiet(scores).num_trimmed == 0


@pytest.mark.parametrize("max_contamination", [0.01, 0.04])
@pytest.mark.parametrize("seed", range(4))
def test_two_regimes_of_normal_data_are_not_taken_for_anomalies(seed: int, max_contamination: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal(10_000) * np.where(rng.random(10_000) < 0.1, 3.0, 1.0)
    assert quiet(scores, 1e-3, max_contamination=max_contamination).num_trimmed == 0


def test_a_group_stuck_just_above_a_heavy_tail_is_not_taken_for_a_clipped_signal() -> None:
    rng = np.random.default_rng(1)
    scores = rng.lognormal(size=100_000)
    scores[:300] = 1.05 * scores[300:].max()
    with pytest.warns(CalibrationWarning, match="taken for anomalies"):
        threshold = fit_threshold(scores, rate_per_sample=1e-4)
    assert threshold.kind == "evt"
    # Some of the tail (121) go with it: a group, and a group with a few anomalies below it, look the same.
    assert 300 <= threshold.num_trimmed <= 430
    assert 0.4 < stats.lognorm(1.0).sf(threshold.value) / 1e-4 < 2.5


def test_percentile_is_the_order_statistic() -> None:
    scores = np.random.default_rng(0).permutation(np.arange(10_000.0))
    threshold = fit_threshold(scores, rate_per_sample=1e-2, kind="percentile")
    assert threshold.value == 9_899.0
    assert (scores > threshold.value).sum() == 100
