"""Fourth stage: from residuals on held-out normal scenes to a scorer and a threshold, kept with the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.scoring import Threshold, find_events, fit_threshold
from sensorgraph.scoring.blame import alarm_table
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.scorer import ResidualScorer, Scores

SCORER_FILE = "scorer.json"
THRESHOLD_FILE = "threshold.json"


@dataclass(frozen=True)
class Calibrated:
    """What turns residuals into alarms."""

    scorer: ResidualScorer
    threshold: Threshold

    def save(self, folder: Path) -> None:
        """Write both files."""
        write_atomically(folder / SCORER_FILE, self.scorer.to_json().encode())
        write_atomically(folder / THRESHOLD_FILE, self.threshold.to_json().encode())

    @classmethod
    def load(cls, folder: Path) -> Calibrated:
        """Read what `save` wrote."""
        return cls(
            ResidualScorer.from_json((folder / SCORER_FILE).read_text()),
            Threshold.from_json((folder / THRESHOLD_FILE).read_text()),
        )

    def alarms(self, scores: Scores) -> pd.DataFrame:
        """Events of all recordings, with the streams to blame."""
        parts = []
        for recording, rows in scores.machine.groupby("recording", sort=False):
            events = find_events(rows["score"].to_numpy(), self.threshold, times_s=rows["start_s"].to_numpy())
            parts.append(alarm_table(scores.streams, str(recording), events, self.scorer.bin_s))
        found = [part for part in parts if len(part)] or parts[:1]
        return pd.concat(found, ignore_index=True)


def calibrate(residuals: pd.DataFrame, bin_s: float, settings: ScoringSettings, causal: bool) -> Calibrated:
    """Fit scorer and threshold on residuals of normal operation that training did not see."""
    scorer = ResidualScorer.fit(residuals, bin_s, settings, causal)
    scores = scorer.score(residuals).machine
    return Calibrated(scorer, threshold_for(scores, settings.false_alarms_per_day, bin_s, settings))


def threshold_for(machine: pd.DataFrame, per_day: float, bin_s: float, settings: ScoringSettings) -> Threshold:
    """A threshold for another rate from the same calibration scores."""
    return fit_threshold(
        machine["score"].to_numpy(), events_per_day=per_day, sample_period_s=bin_s, kind=settings.threshold
    )
