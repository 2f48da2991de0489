"""A threshold for scores from a stated false-alarm rate, with an interval for the rate that it achieves."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sensorgraph.errors import CalibrationError, CalibrationWarning, ConfigError
from sensorgraph.scoring.base_level import fit_tail
from sensorgraph.scoring.gpd import TailPosterior
from sensorgraph.scoring.peaks import run_length, window_maxima
from sensorgraph.scoring.tail import RateInterval, TailModel

Kind = Literal["evt", "percentile"]
Per = Literal["sample", "event"]

_MIN_SCORES = 10
_MIN_EVT_SCORES = 100
_DAY_S = 86_400.0
_JSON_VERSION = 1


@dataclass(frozen=True)
class Threshold:
    """Where alarms begin (strictly above ``value``), and what is known of how often normal data get there.

    Args:
        value: the threshold, in the unit of the scores; never NaN.
        asked_rate: false alarms per sample that were asked for.
        per: whether that rate counts samples above the threshold or events.
        kind: how the value was found; ``percentile`` also where the tail could not be fitted (see ``warnings``).
        achieved: 90 % interval of the rate that the value achieves on data like the calibration data.
        tail: rate above any level.
        num_scores: finite scores that it was fitted on.
        num_missing: NaN scores that were left out.
        num_exceedances: scores (or peaks) above the base level.
        num_trimmed: largest scores that looked like anomalies in the calibration data and were not used.
        merge_gap: alarms at most this many samples apart are one event.
        sample_period_s: time between scores (s), where it was given.
        warnings: every reason to be careful, in words.
    """

    value: float
    asked_rate: float
    per: Per
    kind: Kind
    achieved: RateInterval
    tail: TailModel
    num_scores: int
    num_missing: int
    num_exceedances: int
    num_trimmed: int
    merge_gap: int
    sample_period_s: float | None
    warnings: tuple[str, ...]

    @property
    def base_level(self) -> float:
        """Level above which the tail was fitted."""
        return self.tail.base_level

    @property
    def shape(self) -> float | None:
        """Posterior mean of the tail's shape, None without a tail."""
        return self.tail.posterior.shape if self.tail.posterior else None

    @property
    def scale(self) -> float | None:
        """Posterior mean of the tail's scale, None without a tail."""
        return self.tail.posterior.scale if self.tail.posterior else None

    def p_value(self, scores: np.ndarray) -> np.ndarray:
        """Rate per sample at which normal data score higher; NaN for NaN. Shapes: ``scores`` [T]; returns [T]."""
        return self.tail.rate_above(scores)

    def threshold_for(self, rate_per_sample: float) -> float:
        """Value for another rate, from the same fit and counted in the same way (samples or events)."""
        _check_rate(rate_per_sample, "rate_per_sample")
        return self.tail.level_of(rate_per_sample)

    def interval_for(self, value: float) -> RateInterval:
        """90 % interval of the rate above another value."""
        return self.tail.interval_at(value)

    def to_json(self) -> str:
        """Everything, as JSON text."""
        posterior = self.tail.posterior
        content: dict[str, Any] = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("achieved", "tail", "warnings")
        }
        content["version"] = _JSON_VERSION
        content["achieved"] = [self.achieved.low, self.achieved.high]
        content["warnings"] = list(self.warnings)
        content["tail"] = {
            "levels": self.tail.levels.tolist(),
            "rates": self.tail.rates.tolist(),
            "num_above": self.tail.num_above,
            "num_independent": self.tail.num_independent,
            "inflation": self.tail.inflation,
            "posterior": None if posterior is None else posterior.to_dict(),
        }
        return json.dumps(content)

    @staticmethod
    def from_json(text: str) -> Threshold:
        """Read back what ``to_json`` wrote.

        Raises:
            CalibrationError: when the text is of a newer version.
        """
        content = json.loads(text)
        version = content.pop("version", None)
        if version != _JSON_VERSION:
            raise CalibrationError(
                f"threshold: written by another version; fit it again with this one (got version {version})"
            )
        tail = content.pop("tail")
        posterior = tail.pop("posterior")
        return Threshold(
            achieved=RateInterval(*content.pop("achieved")),
            warnings=tuple(content.pop("warnings")),
            tail=TailModel(
                levels=np.array(tail.pop("levels")),
                rates=np.array(tail.pop("rates")),
                posterior=None if posterior is None else TailPosterior.from_dict(posterior),
                **tail,
            ),
            **content,
        )


def fit_threshold(
    scores: np.ndarray,
    *,
    rate_per_sample: float | None = None,
    events_per_day: float | None = None,
    sample_period_s: float | None = None,
    kind: Kind = "evt",
    merge_gap: int | None = None,
) -> Threshold:
    """Threshold from scores of normal operation.

    State the rate either per sample (how many of the scores may lie above) or in events per day, where alarms that
    belong together count once. Test data must never be among the scores.

    What becomes of odd scores: NaN is left out and counted; ``inf`` is above every threshold and counts as an
    anomaly in the calibration data; ``-inf`` counts as low; constant scores, too many ties and too few scores for a
    tail (fewer than 100) give a percentile with a warning.

    Args:
        scores: in order of time, higher is more anomalous.
        rate_per_sample: false alarms per sample, in (0, 1).
        events_per_day: false events per day; needs ``sample_period_s``.
        sample_period_s: time between scores (s).
        kind: ``evt``, or ``percentile``: the plain order statistic.
        merge_gap: samples within which alarms are one event; estimated from the scores when None.

    Shapes: ``scores`` [T].

    Raises:
        CalibrationError: when fewer than 10 scores are finite.
        ConfigError: when no rate, two rates or an impossible one is given.

    Warns:
        CalibrationWarning: when the scores cannot support the rate well; the reasons also stand in ``warnings``.

    Example:
        >>> scores = np.random.default_rng(0).exponential(size=20_000)
        >>> threshold = fit_threshold(scores, rate_per_sample=1e-3)
        >>> 6.4 < threshold.value < 7.4  # the true one is log(1000) = 6.9
        True
    """
    rate, per = _asked(rate_per_sample, events_per_day, sample_period_s)
    if kind not in ("evt", "percentile"):
        raise ConfigError(f"threshold.kind: 'evt' or 'percentile', please (got {kind!r})")
    scores = np.asarray(scores, dtype=np.float64).ravel()
    missing = np.isnan(scores)
    finite = scores[np.isfinite(scores)]
    if len(finite) < _MIN_SCORES:
        raise CalibrationError(
            f"threshold: at least {_MIN_SCORES} finite scores are needed; calibrate on more data (got {len(finite)})"
        )
    reasons: list[str] = []
    gap = merge_gap if merge_gap is not None else run_length(scores, float(np.quantile(finite, 0.98)))
    used = scores[window_maxima(scores, gap)] if per == "event" else scores[~missing]
    num_scores = len(scores) - int(missing.sum())
    fitted = fit_tail(
        used, num_scores=num_scores, rate=rate, counted_only=kind == "percentile" or len(used) < _MIN_EVT_SCORES
    )
    reasons += fitted.reasons
    tail = fitted.tail
    if kind == "evt" and num_scores * rate < 0.01:
        reasons.append(
            f"{num_scores} scores for a rate of {rate:.3g} per sample: less than 0.01 false alarms expected in the "
            "calibration data; the threshold is far extrapolated, read its interval"
        )
    if kind == "evt" and tail.posterior is None:
        reasons.append(f"no tail could be fitted to {len(used)} values; the threshold is a percentile")
    value = tail.level_of(rate)
    for reason in reasons:
        warnings.warn(f"threshold: {reason}", CalibrationWarning, stacklevel=2)
    return Threshold(
        value=value,
        asked_rate=rate,
        per=per,
        kind="percentile" if tail.posterior is None else "evt",
        achieved=tail.interval_at(value),
        tail=tail,
        num_scores=num_scores,
        num_missing=int(missing.sum()),
        num_exceedances=fitted.num_exceedances,
        num_trimmed=fitted.num_trimmed,
        merge_gap=gap,
        sample_period_s=sample_period_s,
        warnings=tuple(reasons),
    )


def _asked(
    rate_per_sample: float | None, events_per_day: float | None, sample_period_s: float | None
) -> tuple[float, Per]:
    """The rate per sample, and what it counts."""
    if (rate_per_sample is None) == (events_per_day is None):
        raise ConfigError(
            "threshold: give either rate_per_sample or events_per_day "
            f"(got rate_per_sample={rate_per_sample}, events_per_day={events_per_day})"
        )
    if sample_period_s is not None and not sample_period_s > 0.0:
        raise ConfigError(f"threshold.sample_period_s: must be positive (got {sample_period_s})")
    if rate_per_sample is not None:
        _check_rate(rate_per_sample, "rate_per_sample")
        return float(rate_per_sample), "sample"
    assert events_per_day is not None
    if sample_period_s is None:
        raise ConfigError("threshold.sample_period_s: needed to turn events_per_day into a rate (got None)")
    rate = events_per_day * sample_period_s / _DAY_S
    _check_rate(rate, "events_per_day")
    return rate, "event"


def _check_rate(rate: float, name: str) -> None:
    if not 0.0 < rate < 1.0:
        raise ConfigError(f"threshold.{name}: must lie between 0 and 1 per sample (got {rate})")
