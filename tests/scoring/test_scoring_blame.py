"""Who is named: streams by their scores, modalities by what the rest of the scene says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sensorgraph.scoring.blame import alarm_table, blame, blame_modality
from sensorgraph.scoring.events import Event
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.scorer import ResidualScorer


def _streams(audio_odds: float) -> pd.DataFrame:
    """Two bins in which a sensor scores highest."""
    rows = [
        ("s", "sensor", 4.0, -5.0),
        ("mic", "audio", 3.0, audio_odds),
    ]
    return pd.DataFrame(
        [
            {
                "recording": "r",
                "stream": stream,
                "modality": modality,
                "start_s": start_s,
                "end_s": start_s + 1.0,
                "score": score,
                "out_of_context": odds,
            }
            for stream, modality, score, odds in rows
            for start_s in (0.0, 1.0)
        ]
    )


def test_the_modality_that_the_rest_speaks_against_is_named() -> None:
    assert blame_modality(_streams(2.0), "r", 0.0, 2.0) == "audio"
    assert blame(_streams(2.0), "r", 0.0, 2.0)["stream"].tolist() == ["s", "mic"]


def test_where_all_belong_together_the_first_stream_decides() -> None:
    assert blame_modality(_streams(-1.0), "r", 0.0, 2.0) == "sensor"
    assert blame_modality(_streams(np.nan), "r", 0.0, 2.0) == "sensor"
    assert blame_modality(_streams(2.0).drop(columns="out_of_context"), "r", 0.0, 2.0) == "sensor"


def test_nobody_is_named_where_nothing_was_scored() -> None:
    assert blame_modality(_streams(2.0), "another", 0.0, 2.0) == ""


def test_an_alarm_names_it() -> None:
    event = Event(0, 2, start_s=0.0, end_s=1.0, peak=0, peak_s=0.0, peak_score=4.0, p_value=0.1, num_alarms=2)
    table = alarm_table(_streams(2.0), "r", [event], bin_s=1.0)
    assert table["modality"].tolist() == ["audio"]
    assert table["blamed"].tolist() == ["s mic"]


def test_scores_carry_it_along_and_do_without_it() -> None:
    rng = np.random.default_rng(0)
    residuals = pd.DataFrame(
        {
            "recording": "r",
            "scene": "r@0",
            "scene_start_s": 0.0,
            "modality": "sensor",
            "stream": "s",
            "is_word": False,
            "bin": np.arange(40),
            **{name: np.abs(rng.standard_normal(40)) for name in ("against_others", "against_past", "deviation")},
        }
    )
    scorer = ResidualScorer.fit(residuals, 1.0, ScoringSettings(widths=(1,)))
    assert scorer.score(residuals).streams["out_of_context"].isna().all()
    told = scorer.score(residuals.assign(out_of_context=np.arange(40.0)))
    assert told.streams["out_of_context"].tolist() == list(range(40))
