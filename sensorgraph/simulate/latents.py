"""The hidden state of the machine over time: what every stream observes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MODES = ("idle", "cruise", "boost", "purge")


@dataclass(frozen=True)
class Latents:
    """Trajectories of the machine on one regular clock.

    Attributes:
        rate_hz: rate of the trajectories (Hz).
        start_s: time of the first value (s), before 0 so that a lead-in is kept.
        values: name to trajectory [T] float64. Names end in their unit: ``speed_hz`` (shaft), ``pressure_bar``,
            ``flow_lpm`` (litres per minute), ``motor_c`` (degree Celsius), ``angle_rev`` (turns), ``volume_l``, ...
    """

    rate_hz: float
    start_s: float
    values: Mapping[str, np.ndarray]

    def times(self) -> np.ndarray:
        """Time of every value (s), shape [T]."""
        return self.start_s + np.arange(len(next(iter(self.values.values())))) / self.rate_hz

    def at(self, name: str, time_s: np.ndarray) -> np.ndarray:
        """A trajectory at any times, linear between its values; shape of ``time_s``."""
        return np.interp(time_s, self.times(), self.values[name])

    def held(self, name: str, time_s: np.ndarray) -> np.ndarray:
        """A trajectory of steps (modes, set-points) at any times: the last value that was known."""
        number = np.floor((np.asarray(time_s) - self.start_s) * self.rate_hz + 1e-6).astype(np.int64)
        values = self.values[name]
        return values[np.clip(number, 0, len(values) - 1)]

    def changed(self, other: Latents) -> frozenset[str]:
        """Names of the trajectories that differ anywhere."""
        return frozenset(name for name in self.values if not np.array_equal(self.values[name], other.values[name]))

    def level(self, name: str, start_s: float, end_s: float) -> float:
        """Mean of a trajectory over a slice, e.g. the mean speed of a scene."""
        time_s = self.times()
        inside = (time_s >= start_s - 1e-9) & (time_s < end_s - 1e-9)
        return float(self.values[name][inside].mean())
