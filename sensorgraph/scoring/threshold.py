"""A threshold for scores from a stated false-alarm rate, with an interval for the rate that it achieves."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sensorgraph.errors import CalibrationError, CalibrationWarning, ConfigError
from sensorgraph.scoring.calibration import Per, calibrate
from sensorgraph.scoring.rate_curve import RateCurve, RateInterval

Kind = Literal["evt", "percentile"]

_MIN_SCORES = 10
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
        curve: rate above any level.
        base_level: where the tail begins; the median of the scores without a tail.
        shape: posterior mean of the tail's shape at the base level, None without a tail.
        scale: posterior mean of its scale there, None without a tail.
        num_scores: finite scores that it was fitted on.
        num_missing: NaN scores that were left out.
        num_exceedances: scores (or peaks) above the base level.
        num_trimmed: high scores that looked like anomalies in the calibration data and were not used.
        merge_gap: alarms at most this many samples apart are one event.
        sample_period_s: time between scores (s), where it was given.
        warnings: every reason to be careful, in words.
    """

    value: float
    asked_rate: float
    per: Per
    kind: Kind
    achieved: RateInterval
    curve: RateCurve
    base_level: float
    shape: float | None
    scale: float | None
    num_scores: int
    num_missing: int
    num_exceedances: int
    num_trimmed: int
    merge_gap: int
    sample_period_s: float | None
    warnings: tuple[str, ...]

    def p_value(self, scores: np.ndarray) -> np.ndarray:
        """Rate per sample at which normal data score higher; NaN for NaN. Shapes: ``scores`` [T]; returns [T]."""
        return self.curve.rate_above(scores)

    def threshold_for(self, rate_per_sample: float) -> float:
        """Value for another rate, from the same fit and counted in the same way (samples or events)."""
        _check_rate(rate_per_sample, "rate_per_sample")
        return self.curve.level_of(rate_per_sample)

    def interval_for(self, value: float) -> RateInterval:
        """90 % interval of the rate above another value."""
        return self.curve.interval_at(value)

    def to_json(self) -> str:
        """Everything, as JSON text."""
        content: dict[str, Any] = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("achieved", "curve", "warnings")
        }
        content["version"] = _JSON_VERSION
        content["achieved"] = [self.achieved.low, self.achieved.high]
        content["warnings"] = list(self.warnings)
        content["curve"] = {
            name: getattr(self.curve, name).tolist() for name in ("levels", "log_rates", "log_low", "log_high")
        }
        content |= {"stepwise": self.curve.stepwise, "log_most": self.curve.log_most}
        return json.dumps(content)

    @staticmethod
    def from_json(text: str) -> Threshold:
        """Read back what ``to_json`` wrote.

        Raises:
            CalibrationError: when the text is of another version.
        """
        content = json.loads(text)
        version = content.pop("version", None)
        if version != _JSON_VERSION:
            raise CalibrationError(
                f"threshold: written by another version; fit it again with this one (got version {version})"
            )
        curve = {name: np.array(values) for name, values in content.pop("curve").items()}
        return Threshold(
            achieved=RateInterval(*content.pop("achieved")),
            warnings=tuple(content.pop("warnings")),
            curve=RateCurve(**curve, stepwise=content.pop("stepwise"), log_most=content.pop("log_most", 0.0)),
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
    max_contamination: float = 0.01,
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
        max_contamination: largest share of the scores that may be expected to be anomalies in the calibration data and
            left out, where they stand far apart from the tail below them, or are spread over and beyond it as no tail
            is; 0 trusts every score.
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
    if not 0.0 <= max_contamination < 0.05:
        raise ConfigError(f"threshold.max_contamination: must lie in [0, 0.05) (got {max_contamination})")
    scores = np.asarray(scores, dtype=np.float64).ravel()
    num_missing = int(np.isnan(scores).sum())
    num_finite = int(np.isfinite(scores).sum())
    if num_finite < _MIN_SCORES:
        raise CalibrationError(
            f"threshold: at least {_MIN_SCORES} finite scores are needed; calibrate on more data (got {num_finite})"
        )
    found = calibrate(
        scores, rate, per=per, counted=kind == "percentile", merge_gap=merge_gap, max_contamination=max_contamination
    )
    for reason in found.reasons:
        warnings.warn(f"threshold: {reason}", CalibrationWarning, stacklevel=2)
    value = found.curve.level_of(rate)
    posterior = None if found.fit is None else found.fit.posterior
    return Threshold(
        value=value,
        asked_rate=rate,
        per=per,
        kind="percentile" if posterior is None else "evt",
        achieved=found.curve.interval_at(value),
        curve=found.curve,
        base_level=found.base_level,
        shape=None if posterior is None else posterior.shape,
        scale=None if posterior is None else posterior.scale,
        num_scores=len(scores) - num_missing,
        num_missing=num_missing,
        num_exceedances=0 if found.fit is None else found.fit.num_above,
        num_trimmed=found.num_trimmed,
        merge_gap=found.merge_gap,
        sample_period_s=sample_period_s,
        warnings=found.reasons,
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
