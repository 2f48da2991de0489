from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import CalibrationError, ConfigError
from sensorgraph.scoring.own_normal import OwnNormalScorer
from sensorgraph.scoring.rule import ScoringSettings

SETTINGS = ScoringSettings(scope="recording", widths=(1, 5))


def _residuals(recording: str, size: float, seed: int, num_bins: int = 400, first_s: float = 0.0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "recording": recording,
            "scene": f"{recording}@{first_s:g}",
            "scene_start_s": first_s,
            "bin": np.tile(np.arange(num_bins), 3),
            "stream": np.repeat(["a", "b", "c"], num_bins),
            "modality": "sensor",
            "is_word": False,
        }
    )
    for evidence in ("against_others", "against_past", "deviation"):
        rows[evidence] = size * np.abs(draw.standard_normal(len(rows)))
    return rows


@pytest.fixture(scope="module")
def normal() -> pd.DataFrame:
    return pd.concat([_residuals("calm", 1.0, 0), _residuals("wild", 10.0, 1)], ignore_index=True)


@pytest.fixture(scope="module")
def scorer(normal: pd.DataFrame) -> OwnNormalScorer:
    return OwnNormalScorer.fit(normal, 1.0, SETTINGS)


def test_every_recording_is_judged_by_its_own_normal(scorer: OwnNormalScorer) -> None:
    fresh = pd.concat([_residuals("calm", 3.0, 2, first_s=400.0), _residuals("wild", 10.0, 3, first_s=400.0)])
    mean = scorer.score(fresh).machine.groupby("recording")["score"].mean()
    assert mean["calm"] > 2.0  # its residuals are three times what they were, if far below those of the other
    assert mean["wild"] < 1.2


def test_normal_bins_seldom_exceed_1(scorer: OwnNormalScorer, normal: pd.DataFrame) -> None:
    scores = scorer.score(normal).machine
    for _, own in scores.groupby("recording"):
        assert 0.02 < (own["score"] > 1.0).mean() < 0.3


def test_a_stream_that_was_never_seen_is_judged_by_its_kind(scorer: OwnNormalScorer) -> None:
    fresh = _residuals("calm", 1.0, 9)
    fresh["stream"] = fresh["stream"].replace("b", "new")
    scores = scorer.score(fresh)
    assert set(scores.streams["stream"]) == {"a", "new", "c"}
    assert (scores.machine["score"] > 1.0).mean() < 0.5


def test_grosser_faults_score_higher_however_gross(scorer: OwnNormalScorer) -> None:
    means = [scorer.score(_residuals("calm", size, 4)).machine["score"].mean() for size in (30.0, 300.0, 3000.0)]
    assert means[0] < means[1] < means[2]


def test_a_recording_without_normal_rows_is_judged_by_all(scorer: OwnNormalScorer) -> None:
    scores = scorer.score(_residuals("new", 10.0, 5)).machine["score"]
    assert np.isfinite(scores).all()
    assert scorer.score(_residuals("new", 100.0, 5)).machine["score"].mean() > scores.mean() + 1.0


def test_the_stream_that_errs_scores_highest(scorer: OwnNormalScorer) -> None:
    fresh = _residuals("calm", 1.0, 6)
    fresh.loc[fresh["stream"] == "b", "against_others"] *= 20.0
    assert scorer.score(fresh).streams.groupby("stream")["score"].mean().idxmax() == "b"


def test_a_long_gap_has_no_score(scorer: OwnNormalScorer) -> None:
    fresh = _residuals("calm", 1.0, 7)
    gap = fresh["bin"].between(100, 150)
    fresh.loc[gap, ["against_others", "against_past", "deviation"]] = np.nan
    score = scorer.score(fresh).machine.set_index("bin")["score"]
    assert score.loc[105:145].isna().all()
    assert score.drop(range(100, 151)).notna().all()


def test_json_gives_the_same_scores(scorer: OwnNormalScorer) -> None:
    fresh = _residuals("calm", 2.0, 8)
    again = OwnNormalScorer.from_json(scorer.to_json())
    pd.testing.assert_frame_equal(again.score(fresh).machine, scorer.score(fresh).machine)


def test_nothing_to_learn_from_is_told() -> None:
    with pytest.raises(CalibrationError, match="no calibration residuals"):
        OwnNormalScorer.fit(_residuals("calm", 1.0, 0).iloc[:0], 1.0, SETTINGS)


@pytest.mark.parametrize("widths", [(5, 1), (1, 1, 5)])
def test_widths_must_ascend(widths: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="ascend"):
        ScoringSettings(widths=widths)
