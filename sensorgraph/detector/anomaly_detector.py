"""The detector in five lines: fit on normal operation, score, blame, alarm at a stated rate, save."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from sensorgraph.detector.alarms import Alarms, alarms_of
from sensorgraph.detector.fitted import fit_network
from sensorgraph.detector.read import aligned, read
from sensorgraph.detector.saved import read_trained, write_trained
from sensorgraph.detector.telemetry import Telemetry
from sensorgraph.detector.trained import Trained, strongest_links
from sensorgraph.errors import ConfigError, DataError, DataWarning
from sensorgraph.scenes import Recording
from sensorgraph.scoring.as_new import usual_and_scores
from sensorgraph.scoring.channel_scores import Scored, scored_channels
from sensorgraph.scoring.smoothing import WIDTHS, blend


class AnomalyDetector:
    """Finds what goes wrong in recordings of many channels, and says which of them are to blame.

    It is the scene network in its linear form, fitted in closed form within seconds: channels are nodes, each is told
    by all others what to be (`sensorgraph.models.linear_messages`) and foreseen from its own past
    (`sensorgraph.models.own_past`). What remains unexplained, beside the plain distance from usual values, is brought
    into each channel's own robust unit and averaged over channels. Where there are no more than 500, they are also
    compared with normal ones all at once, a few rows long (`sensorgraph.models.joint_windows`). Each of these counts
    over the span of rows that makes it stand out most, by how far it rises above what normal rows do.

    ``train`` and ``test`` may be arrays [T, C], data frames (columns go by name), a `Recording` (any rates, jitter,
    gaps) or paths of either (CSV, Parquet, npz, zarr). NaN is missing. A column that is filled in every k-th row only
    is a channel of its own rate.

    Args:
        causal: whether a score may use no later row than its own; else rows on both sides are averaged.
        seed: part of the contract of all detectors; nothing is drawn here, so that it changes nothing.
        links: pairs of channel names that are connected (a wiring list, a P&ID). Where given, each channel is
            explained by these and by its strongest learned links only; those of a recording's ``topology`` count too.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> wave = np.sin(np.arange(24_000) / 30)[:, None]
        >>> rows = wave * [1.0, -2.0, 0.5] + rng.normal(size=(24_000, 3)) * 0.1
        >>> rows[22_500:22_520, 1] += 2.0
        >>> detector = AnomalyDetector().fit(rows[:20_000])
        >>> alarms = detector.detect(rows[20_000:], false_alarms_per_day=1.0)
        >>> [(abs(alarm.peak - 2510) < 20, alarm.channels[0]) for alarm in alarms]
        [(True, 'channel_1')]
    """

    def __init__(self, causal: bool = False, seed: int = 0, links: Sequence[tuple[str, str]] = ()) -> None:
        if isinstance(links, str) or any(isinstance(link, str) or len(link) != 2 for link in links):
            raise ConfigError(f"links: must be pairs of channel names (got {links!r})")
        self.causal = causal
        self.seed = seed
        self.links = tuple((str(first), str(second)) for first, second in links)
        self._trained: Trained | None = None

    def fit(self, train: Any, *, rate_hz: float | None = None) -> Self:
        """Learn from normal operation.

        Args:
            train: rows in which nothing, or very little, is wrong.
            rate_hz: of rows without time stamps (Hz); 1 when nobody says.

        Raises:
            DataError: too few rows (50 are the least), text instead of numbers, disordered time stamps.
            UnknownNameError: a link names an unknown channel.
        """
        telemetry = read(train, "train", rate_hz)
        telemetry = replace(telemetry, step_s=telemetry.common_step_s())
        links = [*self.links, *(train.topology if isinstance(train, Recording) else ())]
        fit = fit_network(telemetry, links)
        known = fit.fitted.network.standard.known
        unseen = [name for name, seen in zip(telemetry.names, known, strict=True) if not seen]
        if unseen:
            warnings.warn(f"train: no values of {', '.join(unseen)}; left out", DataWarning, stacklevel=2)
        usual, scores = usual_and_scores(fit.rows, WIDTHS, self.causal, telemetry.begins())
        self._trained = Trained(
            fit.fitted, telemetry.names, telemetry.period_s, telemetry.periods_s(), telemetry.step_s, usual, scores
        )
        return self

    def score(self, test: Any, *, rate_hz: float | None = None) -> np.ndarray:
        """Scores [T], higher is more anomalous; most normal rows stay below 1.

        One per row of a table; of a recording, one per sample of its fastest sensor. Rows at which nothing was measured
        score 0.

        Raises:
            DataError: not fitted, or unusable rows.
            UnknownNameError: a channel that training did not know.
        """
        telemetry = self._telemetry(test, rate_hz)
        judged = self.trained.network_for(telemetry).judge(telemetry)
        usual, widths = self.trained.usual_for(telemetry), self.trained.widths_for(telemetry)
        return blend(judged.rows, usual, widths, self.causal, telemetry.begins()).scores

    def score_channels(self, test: Any, *, rate_hz: float | None = None) -> np.ndarray:
        """What each channel says to the score, [T, C] with the channels of training; NaN for absent ones."""
        return self._scored(self._telemetry(test, rate_hz)).channels

    def detect(self, test: Any, false_alarms_per_day: float = 1.0, *, rate_hz: float | None = None) -> Alarms:
        """Events above the threshold that gives so many false alarms per day on data like those of training.

        An event spans the rows around it that 99 of 100 normal rows do not reach, less what means over several rows
        smear beyond a fault; of a causal detector, those that follow its first row above the threshold.

        Raises:
            ConfigError: an impossible rate.

        Warns:
            CalibrationWarning: the training data cannot support the rate well.
        """
        telemetry = self._telemetry(test, rate_hz)
        threshold = self.trained.threshold(false_alarms_per_day)
        scored = self._scored(telemetry)
        extent = min(self.trained.extent(), threshold.value)
        edges = None if self.causal else self.trained.edges(scored.quick, telemetry)
        return alarms_of(scored, telemetry.times_s, self.trained.names, threshold, extent, edges)

    def links_found(self, num_strongest: int = 8) -> pd.DataFrame:
        """Strongest learned links: ``first, second, partial_correlation``; each is among the strongest of an end.

        Raises:
            DataError: not fitted.
        """
        return strongest_links(self.trained, num_strongest)

    def save(self, folder: str | Path) -> None:
        """Write everything into a folder (safetensors and JSON), whole or not at all.

        Raises:
            DataError: not fitted.
        """
        write_trained(Path(folder), self.trained, {"causal": self.causal, "seed": self.seed, "links": self.links})

    @classmethod
    def load(cls, folder: str | Path) -> AnomalyDetector:
        """Read what `save` wrote.

        Raises:
            FileFormatError: missing, damaged or of a newer version.
        """
        trained, arguments = read_trained(Path(folder))
        detector = cls(**arguments)
        detector._trained = trained
        return detector

    @property
    def trained(self) -> Trained:
        """What fitting found.

        Raises:
            DataError: not fitted.
        """
        if self._trained is None:
            raise DataError("detector: not fitted; call fit first, or load")
        return self._trained

    def _telemetry(self, test: Any, rate_hz: float | None) -> Telemetry:
        names = self.trained.names
        # Training and test of an array were recorded alike, unless somebody says otherwise.
        found = aligned(read(test, "test", rate_hz or 1.0 / self.trained.period_s), names)
        return replace(found, step_s=self.trained.step_s)

    def _scored(self, telemetry: Telemetry) -> Scored:
        judged = self.trained.network_for(telemetry).judge(telemetry, channels=True)
        usual, widths = self.trained.usual_for(telemetry), self.trained.widths_for(telemetry)
        return scored_channels(judged.kept, judged.rows, judged.level, usual, widths, self.causal, telemetry.begins())
