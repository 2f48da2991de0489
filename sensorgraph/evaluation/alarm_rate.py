"""Alarms per day that came, against the rate that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import chi2

from sensorgraph.errors import DataError

_DAY_S = 86_400.0


@dataclass(frozen=True)
class AlarmRate:
    """False alarms per day on normal data.

    Attributes:
        num_alarms: alarm events seen.
        per_day: rate that was seen.
        per_day_low, per_day_high: exact Poisson interval of the true rate.
        asked_per_day: rate that the threshold was set for.
    """

    num_alarms: int
    per_day: float
    per_day_low: float
    per_day_high: float
    asked_per_day: float

    @property
    def ratio(self) -> float:
        """Seen over asked."""
        return self.per_day / self.asked_per_day

    @property
    def agrees(self) -> bool:
        """Whether the asked rate lies in the interval: the data does not contradict the threshold's promise."""
        return self.per_day_low <= self.asked_per_day <= self.per_day_high


def alarm_rate(num_alarms: int, duration_s: float, asked_per_day: float, confidence: float = 0.95) -> AlarmRate:
    r"""Judge the number of alarm events on normal data.

    Why an interval: two alarms in a day are no proof against one a day.

    Maths: for :math:`k` events the ends are :math:`\chi^2_{2k}(\alpha/2)/2` and :math:`\chi^2_{2k+2}(1-\alpha/2)/2`
    (Garwood, 1936), divided by the days watched.

    Args:
        num_alarms: events (declustered alarms), not bins.
        duration_s: how long normal data was watched, in seconds.
        asked_per_day: the rate that the threshold was set for.
        confidence: coverage of the interval.

    Raises:
        DataError: a negative count, or a duration, rate or confidence out of range.

    Example:
        >>> rate = alarm_rate(num_alarms=2, duration_s=86_400, asked_per_day=1.0)
        >>> rate.per_day, rate.agrees
        (2.0, True)
    """
    if num_alarms < 0 or not duration_s > 0 or not asked_per_day > 0 or not 0 < confidence < 1:
        raise DataError(
            "alarm_rate: needs num_alarms >= 0, duration_s > 0, asked_per_day > 0 and 0 < confidence < 1 "
            f"(got {num_alarms}, {duration_s}, {asked_per_day}, {confidence})"
        )
    days, tail = duration_s / _DAY_S, (1 - confidence) / 2
    low = float(chi2.ppf(tail, 2 * num_alarms)) / 2 if num_alarms else 0.0
    high = float(chi2.ppf(1 - tail, 2 * num_alarms + 2)) / 2
    return AlarmRate(int(num_alarms), num_alarms / days, low / days, high / days, float(asked_per_day))
