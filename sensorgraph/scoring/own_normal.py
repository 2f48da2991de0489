"""Scores for sets in which every recording begins with normal rows of its own: each is compared with itself."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from sensorgraph.errors import CalibrationError, CalibrationWarning
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.scorer import Scores, score_tables
from sensorgraph.scoring.series import EVIDENCE, RecordingSeries, series_of, smoothed
from sensorgraph.scoring.threshold import fit_threshold

_LEAST_RESIDUAL = 0.05  # sigmas; a stream that hardly errs is not measured in units of nothing
_RATES = 10.0 ** -np.arange(0.25, 8.1, 0.25)
_ALL = "*"
_UPPER_QUARTILE = 1.1503493803760079  # of the size of a standard normal variable


@dataclass(frozen=True)
class OwnNormal:
    """What is normal in one recording.

    Attributes:
        streams: ``"stream|evidence"`` to the usual size of the residual (sigmas).
        machine: evidence to the mean share, that is close to 1.
        levels: [R] rising; normal shares lie above level ``i`` at the rate ``10 ** -(i + 1) / 4`` per bin.
    """

    streams: dict[str, float]
    machine: dict[str, float]
    levels: list[float]


@dataclass(frozen=True)
class OwnNormalScorer:
    r"""Residuals as shares of the recording's own normal, and how rarely it reaches such a share.

    Two recordings of one machine may differ more than a fault changes either, and then no common scale fits. With
    normal rows in each recording, a residual :math:`r_c` (sigmas) of stream :math:`c` is divided by its usual size
    :math:`m_c` over them (from the upper quartile, which a few bursts do not move), shares are averaged over streams
    and over :math:`w` bins, and the largest over evidence and widths counts:

    .. math:: q = \max_{e, w} \Bigl\langle \tfrac{1}{C} \sum_c r_{ec} / m_{ec} \Bigr\rangle_w, \qquad
        \mathrm{score} = -\log_{10} P(q)

    with :math:`P` the rate per bin at which the recording's normal rows exceed :math:`q`, continued by a generalised
    Pareto tail. So 3 means once in a thousand bins, in every recording, and one threshold serves all.
    The mean over streams (not the largest) keeps one restless stream from drowning what shows a little everywhere.

    A recording without normal rows of its own is judged by all of them together.

    Attributes:
        settings: widths.
        bin_s: length of a bin (s).
        causal: average over earlier bins only.
        own: recording to what is normal in it; ``*`` stands for all together.
    """

    settings: ScoringSettings
    bin_s: float
    causal: bool
    own: dict[str, OwnNormal]

    @classmethod
    def fit(
        cls, residuals: pd.DataFrame, bin_s: float, settings: ScoringSettings, causal: bool = False
    ) -> OwnNormalScorer:
        """Learn from residuals of normal rows.

        Raises:
            CalibrationError: there are none, or a recording has too few bins for a tail.
        """
        recordings = list(series_of(residuals, bin_s))
        if not recordings:
            raise CalibrationError("scoring: no calibration residuals; give the calibration split some scenes (got 0)")
        scorer = cls(settings, bin_s, causal, {})
        own = {series.recording: scorer._normal_of([series]) for series in recordings}
        own[_ALL] = scorer._normal_of(recordings)
        return cls(settings, bin_s, causal, own)

    def score(self, residuals: pd.DataFrame) -> Scores:
        """Scores of every stream (largest share of its normal, as a logarithm) and of the machine in every bin."""
        found = []
        for series in series_of(residuals, self.bin_s):
            own = self.own.get(series.recording, self.own[_ALL])
            streams = np.full((len(series.start_s), len(series.streams)), np.nan)
            for evidence in EVIDENCE:
                shares = _shares(series, evidence, own)
                for width in self.settings.widths:
                    streams = np.fmax(streams, smoothed(shares, width, self.causal))
            shares = self._machine_share(series, own)
            rarity = np.interp(shares, own.levels, -np.log10(_RATES), left=0.0)
            # Beyond the last level the tail goes on, so that two gross faults are still told apart.
            beyond = np.maximum(np.log(np.maximum(shares, own.levels[-1]) / own.levels[-1]), 0.0)
            found.append((series, np.log2(streams + 1e-6), rarity + beyond))
        return score_tables(found, self.bin_s)

    def to_json(self) -> str:
        """The scorer as JSON text; `from_json` gives it back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> OwnNormalScorer:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        own = {name: OwnNormal(**parts) for name, parts in fields["own"].items()}
        return cls(ScoringSettings.from_plain(fields["settings"]), fields["bin_s"], fields["causal"], own)

    def _normal_of(self, recordings: list[RecordingSeries]) -> OwnNormal:
        streams: dict[str, list[np.ndarray]] = {}
        for series in recordings:
            for evidence in EVIDENCE:
                for column, stream in enumerate(series.streams):
                    for owner in (stream, f"*{series.kinds[column]}"):
                        streams.setdefault(f"{owner}|{evidence}", []).append(series.values[evidence][:, column])
        units = {key: _usual(parts) + _LEAST_RESIDUAL for key, parts in streams.items()}
        plain = OwnNormal(units, {}, [])
        machine = {
            evidence: _mean([_over_streams(_shares(series, evidence, plain)) for series in recordings])
            for evidence in EVIDENCE
        }
        own = OwnNormal(units, machine, [])
        shares = np.concatenate([self._machine_share(series, own) for series in recordings])
        with warnings.catch_warnings():
            # A few hundred rows never support the rarest levels; the run's threshold says so where it matters.
            warnings.simplefilter("ignore", CalibrationWarning)
            curve = fit_threshold(shares, rate_per_sample=0.01, max_contamination=0.0).curve
        levels = np.maximum.accumulate([curve.level_of(float(rate)) for rate in _RATES])
        return OwnNormal(units, machine, (levels + np.arange(len(levels)) * 1e-9).tolist())

    def _machine_share(self, series: RecordingSeries, own: OwnNormal) -> np.ndarray:
        out = np.full(len(series.start_s), np.nan)
        for share in self._pooled(series, own):
            out = np.fmax(out, share)
        return out

    def _pooled(self, series: RecordingSeries, own: OwnNormal) -> Iterator[np.ndarray]:
        for evidence in EVIDENCE:
            pooled = _over_streams(_shares(series, evidence, own))
            for width in self.settings.widths:
                yield smoothed(pooled, width, self.causal) / own.machine[evidence]


def _shares(series: RecordingSeries, evidence: str, own: OwnNormal) -> np.ndarray:
    """Residuals [T, C] in units of what is normal."""
    units = [
        own.streams.get(f"{stream}|{evidence}", own.streams.get(f"*{kind}|{evidence}", 1.0))
        for stream, kind in zip(series.streams, series.kinds, strict=True)
    ]
    return series.values[evidence] / np.array(units)


def _over_streams(shares: np.ndarray) -> np.ndarray:
    """Mean of each row over what was observed; NaN where nothing was."""
    known = np.isfinite(shares)
    return np.where(known.any(1), np.where(known, shares, 0).sum(1) / np.maximum(known.sum(1), 1), np.nan)


def _usual(parts: list[np.ndarray]) -> float:
    """The spread that the upper quartile of sizes would have if the residuals were normal."""
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return float(np.quantile(values, 0.75)) / _UPPER_QUARTILE if len(values) else 1.0


def _mean(parts: list[np.ndarray]) -> float:
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else 1.0
