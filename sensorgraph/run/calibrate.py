"""Fourth stage: from residuals on held-out normal scenes to a scorer and a threshold, kept with the run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.scoring import Threshold, find_events, fit_threshold
from sensorgraph.scoring.blame import alarm_table
from sensorgraph.scoring.own_normal import OwnNormalScorer
from sensorgraph.scoring.rule import Scope, ScoringSettings
from sensorgraph.scoring.scorer import ResidualScorer, Scores

SCORER_FILE = "scorer.json"
THRESHOLD_FILE = "threshold.json"
_DAY_S = 86_400.0
SCORERS: dict[Scope, type[ResidualScorer] | type[OwnNormalScorer]] = {
    "run": ResidualScorer,
    "recording": OwnNormalScorer,
}
"""What a run's recordings are compared with: all normal rows, or their own."""


@dataclass(frozen=True)
class Calibrated:
    """What turns residuals into alarms."""

    scorer: ResidualScorer | OwnNormalScorer
    threshold: Threshold

    def save(self, folder: Path) -> None:
        """Write both files."""
        write_atomically(folder / SCORER_FILE, self.scorer.to_json().encode())
        write_atomically(folder / THRESHOLD_FILE, self.threshold.to_json().encode())

    @classmethod
    def load(cls, folder: Path) -> Calibrated:
        """Read what `save` wrote."""
        return cls(
            _scorer_from_json((folder / SCORER_FILE).read_text()),
            Threshold.from_json((folder / THRESHOLD_FILE).read_text()),
        )

    def at_rate(self, per_day: float) -> Calibrated:
        """The same calibration with the threshold of another rate of false alarms (events per day).

        Raises:
            ConfigError: the rate is impossible.
        """
        per_sample = per_day * self.scorer.bin_s / _DAY_S
        value = self.threshold.threshold_for(per_sample)
        achieved = self.threshold.interval_for(value)
        return Calibrated(self.scorer, replace(self.threshold, value=value, asked_rate=per_sample, achieved=achieved))

    def alarms(self, scores: Scores) -> pd.DataFrame:
        """Events of all recordings, with the scene and bin of their peak and the streams to blame."""
        parts = []
        for recording, rows in scores.machine.groupby("recording", sort=False):
            start_s = rows["start_s"].to_numpy()
            events = find_events(rows["score"].to_numpy(), self.threshold, times_s=start_s)
            table = alarm_table(scores.streams, str(recording), events, self.scorer.bin_s)
            peak = np.searchsorted(start_s, table["peak_s"].to_numpy(np.float64) - self.scorer.bin_s / 2)
            table.insert(1, "scene", rows["scene"].to_numpy()[peak])
            table.insert(2, "bin", rows["bin"].to_numpy()[peak])
            parts.append(table)
        found = [part for part in parts if len(part)] or parts[:1]
        return pd.concat(found, ignore_index=True)


def calibrate(residuals: pd.DataFrame, bin_s: float, settings: ScoringSettings, causal: bool) -> Calibrated:
    """Fit scorer and threshold on residuals of normal operation.

    With the scope ``run`` they must be of recordings that training did not see.
    """
    scorer = SCORERS[settings.scope].fit(residuals, bin_s, settings, causal)
    scores = scorer.score(residuals).machine
    return Calibrated(scorer, threshold_for(scores, settings.false_alarms_per_day, bin_s, settings))


def threshold_for(machine: pd.DataFrame, per_day: float, bin_s: float, settings: ScoringSettings) -> Threshold:
    """A threshold for another rate from the same calibration scores."""
    return fit_threshold(
        machine["score"].to_numpy(), events_per_day=per_day, sample_period_s=bin_s, kind=settings.threshold
    )


def _scorer_from_json(text: str) -> ResidualScorer | OwnNormalScorer:
    return SCORERS[json.loads(text)["settings"].get("scope", "run")].from_json(text)
