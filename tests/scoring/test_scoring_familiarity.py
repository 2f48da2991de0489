"""Predictions count for less where the machine never was, and only those that were made from there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensorgraph.scoring.familiarity import discounted, familiarity, usual_familiarity
from sensorgraph.scoring.series import RecordingSeries, series_of

NUM_BINS = 400
WIDTHS = (1, 4)
STREAMS = {"s": "sensor", "t": "sensor", "mic": "audio", "camera": "image"}
CHANGE = 200


def _series(seed: int, strange: tuple[str, ...] = (), nats: float = 40.0) -> RecordingSeries:
    """Residuals of 1; from the change on, some modalities are ``nats`` less familiar than before."""
    rng = np.random.default_rng(seed)
    familiar = {m: rng.normal(-5.0, 1.0, NUM_BINS) for m in dict.fromkeys(STREAMS.values())}
    for modality in strange:
        familiar[modality][CHANGE:] -= nats
    common = {"recording": "r", "scene": "r@0", "scene_start_s": 0.0, "is_word": False, "bin": np.arange(NUM_BINS)}
    residuals = {"against_others": 1.0, "against_past": 1.0, "deviation": 1.0}
    parts = [
        pd.DataFrame({**common, **residuals, "stream": stream, "modality": modality, "familiar": familiar[modality]})
        for stream, modality in STREAMS.items()
    ]
    return next(iter(series_of(pd.concat(parts, ignore_index=True), 1.0)))


def _worth(series: RecordingSeries, evidence: str) -> dict[str, float]:
    """What is left of the residuals of each stream, well after the change."""
    usual = usual_familiarity([_series(0)], WIDTHS, causal=False)
    found = discounted(series, usual, WIDTHS, causal=False).values[evidence]
    return dict(zip(series.streams, found[CHANGE + 20 : -20].mean(0), strict=True))


def test_normal_operation_keeps_its_residuals() -> None:
    for evidence in ("against_others", "against_past", "deviation"):
        assert min(_worth(_series(1), evidence).values()) > 0.95


def test_a_strange_modality_tells_the_others_little_and_is_itself_judged_by_them() -> None:
    worth = _worth(_series(1, ("audio",)), "against_others")
    assert worth["mic"] > 0.95
    assert max(worth[name] for name in ("s", "t", "camera")) < 0.05
    worth = _worth(_series(1, ("audio",)), "against_past")
    assert worth["mic"] < 0.05
    assert min(worth[name] for name in ("s", "t", "camera")) > 0.95
    assert min(_worth(_series(1, ("audio",)), "deviation").values()) == 1.0


def test_where_several_are_strange_nobody_is_judged_by_the_others() -> None:
    assert max(_worth(_series(1, ("audio", "sensor")), "against_others").values()) < 0.05


@pytest.mark.parametrize("missing", ["table", "calibration", "bins"])
def test_what_is_not_known_changes_nothing(missing: str) -> None:
    series = _series(1, ("audio",))
    usual = usual_familiarity([_series(0)], WIDTHS, causal=False)
    if missing == "calibration":
        usual = {}
    elif missing == "table":
        series.values["familiar"][:] = np.nan
    else:
        series.values["familiar"][CHANGE:, series.modalities == "audio"] = np.nan
    found = discounted(series, usual, WIDTHS, causal=False)
    away = slice(CHANGE + 20, NUM_BINS - 20)
    assert found.values["against_others"][away, :2].mean() > 0.95


def test_causal_familiarity_looks_back_only() -> None:
    before, after = (familiarity(_series(1, strange), WIDTHS, causal=True) for strange in ((), ("audio",)))
    np.testing.assert_allclose(after["audio"][:CHANGE], before["audio"][:CHANGE])
    assert after["audio"][CHANGE + 8] < before["audio"][CHANGE + 8] - 30
