"""From residuals to the machine's score: what is remembered speaks for a modality, and long tails are no alarms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensorgraph.scoring.blame import blame_modality
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.scorer import ResidualScorer

NUM_BINS = 1200
SETTINGS = ScoringSettings(widths=(1, 4))


def _residuals(seed: int, tail: float = 0.0) -> pd.DataFrame:
    """Two modalities of one stream each; now and then the sensor strays ``tail`` times as far as is usual."""
    rng = np.random.default_rng(seed)
    parts = []
    for stream, modality in (("s", "sensor"), ("mic", "audio")):
        evidence = {
            name: np.abs(rng.standard_normal(NUM_BINS)) for name in ("against_others", "against_past", "deviation")
        }
        if stream == "s":
            evidence["against_others"][rng.random(NUM_BINS) < 0.03] *= 1.0 + tail
        parts.append(
            pd.DataFrame(
                {
                    "recording": "r",
                    "scene": "r@0",
                    "scene_start_s": 0.0,
                    "modality": modality,
                    "stream": stream,
                    "is_word": False,
                    "bin": np.arange(NUM_BINS),
                    "against_memory": rng.normal(-5.0, 1.0, NUM_BINS),
                    **evidence,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_what_memory_speaks_against_raises_the_score_of_the_machine() -> None:
    scorer = ResidualScorer.fit(_residuals(0), 1.0, SETTINGS)
    fresh = _residuals(1)
    wrong = fresh.copy()
    inside = (wrong["modality"] == "audio") & wrong["bin"].between(600, 607)
    wrong.loc[inside, "against_memory"] = 12.0
    usual, found = (scorer.score(table) for table in (fresh, wrong))
    change = (found.machine["score"] - usual.machine["score"]).to_numpy()
    assert change[600:608].min() > 3.0
    assert np.abs(change[:590]).max() == 0.0
    assert blame_modality(found.streams, "r", 600.0, 608.0) == "audio"


def test_a_modality_that_calibration_never_saw_is_left_out() -> None:
    residuals = _residuals(0)
    scorer = ResidualScorer.fit(residuals[residuals["modality"] == "sensor"], 1.0, SETTINGS)
    wrong = _residuals(1)
    wrong.loc[wrong["modality"] == "audio", "against_memory"] = 1000.0
    assert scorer.score(wrong).machine["score"].max() < 20.0


def test_what_strays_seldom_but_far_is_less_of_an_alarm() -> None:
    (_, own_still, still), (_, own_restless, restless) = (
        ResidualScorer.fit(_residuals(0, tail), 1.0, SETTINGS).streams["*sensor|against_others|1"]
        for tail in (0.0, 50.0)
    )
    assert restless > 1.2 * still
    assert own_restless < 1.2 * own_still, "and named as readily as before"


@pytest.mark.parametrize("values", [{}, {"against_memory": np.nan}])
def test_tables_without_memory_are_scored(values: dict[str, float]) -> None:
    plain = _residuals(0).drop(columns="against_memory").assign(**values)
    scorer = ResidualScorer.fit(plain, 1.0, SETTINGS)
    assert not any(key.startswith("against_memory") for key in scorer.machine)
    assert np.isfinite(ResidualScorer.from_json(scorer.to_json()).score(plain).machine["score"]).all()
