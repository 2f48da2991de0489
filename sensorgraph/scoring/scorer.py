"""From residuals to scores: each stream against its own normal, then all streams together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd

from sensorgraph.errors import CalibrationError
from sensorgraph.scoring.familiarity import discounted, usual_familiarity
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.series import CONTEXT, EVIDENCE, MEMORY, RecordingSeries, series_of
from sensorgraph.scoring.smoothing import moving_mean

_LEAST_RESIDUAL = 0.05  # sigmas; below it one residual is as good as another
_NORMAL_Q90, _NORMAL_Q99 = 1.2815515655446004, 2.3263478740408408

_LEAST_BEYOND = 5
"""Values beyond the 99 % quantile; with fewer it is chance."""

_LEAST_SCALE = 0.02


@dataclass(frozen=True)
class Scores:
    """Scores of recordings; higher is more unusual, about standard normal on normal data.

    Attributes:
        streams: one row per stream and bin: ``recording, scene, stream, modality, bin, start_s, end_s, score``, and
            ``out_of_context`` and ``against_memory``, how much the rest speaks against the stream's whole modality
            (nats; NaN: not known).
        machine: one row per bin: ``recording, scene, bin, start_s, end_s, score``.
    """

    streams: pd.DataFrame
    machine: pd.DataFrame


@dataclass(frozen=True)
class ResidualScorer:
    r"""What normal residuals look like, per stream, evidence and width.

    A residual :math:`r` (in sigmas) averaged over :math:`w` bins becomes

    .. math:: z = (\log(\bar r_w + 0.05) - m) / s

    with the median :math:`m` and the upper half-spread :math:`s` (90 % quantile minus median, in normal units) of the
    same stream on calibration data. A stream's score is its largest z over evidence and widths. For the machine, z is
    pooled over streams per evidence and width, and what is remembered speaks for each modality and width; all of it is
    standardised once more, and the largest counts. There the 99 % quantile has a say as well, and the longer of both
    units counts: else what seldom strays but then far would be the loudest of all in normal operation.

    Where the machine runs as it never did, predictions extrapolate and count for less (`discounted`).

    Streams that calibration never saw are judged by the pooled figures of their kind (a modality, or raw words).

    Attributes:
        settings: widths and poolings.
        bin_s: length of a bin (s).
        causal: average over earlier bins only.
        streams: ``"stream|evidence|width"`` or ``"*kind|evidence|width"`` to (m, s, s of the machine).
        machine: ``"evidence|width|pooling"`` and ``"against_memory|width|modality"`` to the same.
        familiar: modality to how familiar it usually is (nats); empty where nothing is remembered.
    """

    settings: ScoringSettings
    bin_s: float
    causal: bool
    streams: dict[str, tuple[float, float, float]]
    machine: dict[str, tuple[float, float, float]]
    familiar: dict[str, float] = field(default_factory=dict)

    @classmethod
    def fit(
        cls, residuals: pd.DataFrame, bin_s: float, settings: ScoringSettings, causal: bool = False
    ) -> ResidualScorer:
        """Learn from residuals of normal operation that training did not see.

        Raises:
            CalibrationError: there are none.
        """
        recordings = list(series_of(residuals, bin_s))
        if not recordings:
            raise CalibrationError("scoring: no calibration residuals; give the calibration split some scenes (got 0)")
        familiar = usual_familiarity(recordings, settings.widths, causal)
        recordings = [discounted(series, familiar, settings.widths, causal) for series in recordings]
        gathered: dict[str, list[np.ndarray]] = {}
        seen_in: dict[str, int] = {}
        for series in recordings:
            for stream in series.streams:
                seen_in[stream] = seen_in.get(stream, 0) + 1
        # An id that is made up anew for each recording names nothing: its streams are judged by their kind.
        named = {stream for stream, count in seen_in.items() if count >= min(2, len(recordings))}
        for series in recordings:
            for evidence in EVIDENCE:
                for width in settings.widths:
                    logs = np.log(moving_mean(series.values[evidence].T, width, causal).T + _LEAST_RESIDUAL)
                    for column, stream in enumerate(series.streams):
                        known = logs[np.isfinite(logs[:, column]), column]
                        for owner in (stream, f"*{series.kinds[column]}"):
                            if owner == stream and stream not in named:
                                continue
                            gathered.setdefault(f"{owner}|{evidence}|{width}", []).append(known)
        streams = {key: _centre_and_units(np.concatenate(parts)) for key, parts in gathered.items()}
        scorer = cls(settings, bin_s, causal, streams, {}, familiar)
        pooled: dict[str, list[np.ndarray]] = {}
        for series in recordings:
            for key, values in scorer._pooled(series).items():
                pooled.setdefault(key, []).append(values[np.isfinite(values)])
        machine = {key: _centre_and_units(np.concatenate(parts)) for key, parts in pooled.items()}
        return cls(settings, bin_s, causal, streams, machine, familiar)

    def score(self, residuals: pd.DataFrame) -> Scores:
        """Scores of every stream and of the machine in every bin."""
        recordings = (
            discounted(series, self.familiar, self.settings.widths, self.causal)
            for series in series_of(residuals, self.bin_s)
        )
        found = (
            (series, _largest([z for _, z in self._standardised(series)]), self._machine_score(series))
            for series in recordings
        )
        return score_tables(found, self.bin_s)

    def to_json(self) -> str:
        """The scorer as JSON text; `from_json` gives it back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ResidualScorer:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        settings = ScoringSettings.from_plain(fields.pop("settings"))
        for name in ("streams", "machine"):
            fields[name] = {key: (float(m), float(s), float(far)) for key, (m, s, far) in fields[name].items()}
        return cls(settings=settings, **fields)

    def _standardised(self, series: RecordingSeries, of_machine: bool = False) -> Iterable[tuple[str, np.ndarray]]:
        """``"evidence|width"`` and z [T, C], in units of the streams or of the machine."""
        for evidence in EVIDENCE:
            for width in self.settings.widths:
                logs = np.log(moving_mean(series.values[evidence].T, width, self.causal).T + _LEAST_RESIDUAL)
                centre, scale = np.empty(logs.shape[1]), np.empty(logs.shape[1])
                for column, stream in enumerate(series.streams):
                    key = f"{stream}|{evidence}|{width}"
                    if key not in self.streams:
                        key = f"*{series.kinds[column]}|{evidence}|{width}"
                    centre[column], own, far = self.streams.get(key, (0.0, 1.0, 1.0))
                    scale[column] = far if of_machine else own
                yield f"{evidence}|{width}", (logs - centre) / scale

    def _pooled(self, series: RecordingSeries) -> dict[str, np.ndarray]:
        out = {}
        for key, z in self._standardised(series, of_machine=True):
            known = np.isfinite(z)
            some = known.any(1)
            if "max" in self.settings.pooling:
                out[f"{key}|max"] = np.where(some, np.where(known, z, -np.inf).max(1), np.nan)
            if "mean" in self.settings.pooling:
                total = np.where(known, z, 0).sum(1)
                out[f"{key}|mean"] = np.where(some, total / np.maximum(known.sum(1), 1), np.nan)
        for modality, told in series.of_modalities(MEMORY).items():
            for width in self.settings.widths:
                out[f"{MEMORY}|{width}|{modality}"] = moving_mean(told[None], width, self.causal)[0]
        return out

    def _machine_score(self, series: RecordingSeries) -> np.ndarray:
        found = []
        for key, values in self._pooled(series).items():
            if key in self.machine:  # not: a modality that calibration never saw
                centre, _, scale = self.machine[key]
                found.append((values - centre) / scale)
        return _largest(found)


def _centre_and_units(values: np.ndarray) -> tuple[float, float, float]:
    """Median, the upper half-spread by the 90 % quantile, and the longer of that and the one by the 99 % quantile."""
    if not len(values):
        return 0.0, 1.0, 1.0
    centre, high, far = (float(value) for value in np.quantile(values, [0.5, 0.9, 0.99]))
    unit = (high - centre) / _NORMAL_Q90 + _LEAST_SCALE
    enough = 0.01 * len(values) >= _LEAST_BEYOND
    return centre, unit, max(unit, (far - centre) / _NORMAL_Q99 + _LEAST_SCALE) if enough else unit


def _largest(parts: list[np.ndarray]) -> np.ndarray:
    """Largest of several arrays, element by element; NaN only where all are."""
    out = parts[0]
    for part in parts[1:]:
        out = np.fmax(out, part)
    return out


def score_tables(found: Iterable[tuple[RecordingSeries, np.ndarray, np.ndarray]], bin_s: float) -> Scores:
    """Tables of the scores of several recordings.

    Args:
        found: for each recording its series, scores of its streams [T, C] and of the machine [T].
        bin_s: length of a bin (s).
    """
    streams, machine = [], []
    for series, own, together in found:
        num_bins, num_streams = own.shape
        common = {
            "recording": np.full(num_bins, series.recording, object),
            "scene": series.scene,
            "bin": series.bin,
            "start_s": series.start_s,
            "end_s": series.start_s + bin_s,
        }
        machine.append({**common, "score": together})
        streams.append(
            {
                **{name: np.tile(column, num_streams) for name, column in common.items()},
                "stream": np.repeat(series.streams, num_bins),
                "modality": np.repeat(series.modalities, num_bins),
                "score": own.T.ravel(),
                CONTEXT: series.values[CONTEXT].T.ravel(),
                MEMORY: series.values[MEMORY].T.ravel(),
            }
        )
    return Scores(_table(streams), _table(machine))


def _table(parts: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """One table of all parts; made at once, because making many small ones takes most of the time."""
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
