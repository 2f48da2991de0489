"""What the operator asks of the machine: modes and set-points over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.simulate.latents import MODES
from sensorgraph.simulate.randomness import log_uniform

# Shaft speed (Hz) and line pressure (bar) that each mode may ask for. The ranges overlap and the two are drawn apart,
# so that neither the mode nor one of the two tells the other.
_SPEED_HZ = {"idle": (10.0, 20.0), "cruise": (16.0, 36.0), "boost": (30.0, 50.0), "purge": (20.0, 42.0)}
_PRESSURE_BAR = {"idle": (1.5, 7.0), "cruise": (2.0, 12.0), "boost": (3.0, 13.0), "purge": (1.5, 3.5)}
# Chance of the next mode, given that the present one ends.
_NEXT = {
    "idle": {"cruise": 0.6, "boost": 0.25, "purge": 0.15},
    "cruise": {"idle": 0.35, "boost": 0.45, "purge": 0.2},
    "boost": {"idle": 0.3, "cruise": 0.55, "purge": 0.15},
    "purge": {"idle": 0.35, "cruise": 0.4, "boost": 0.25},
}


@dataclass(frozen=True)
class Schedule:
    """Steps of the operator: from ``time_s[i]`` on, mode, speed and pressure asked for.

    Attributes:
        time_s: [K] start of each step (s), increasing; the first lies before the recording.
        mode: [K] int64, number in `MODES`.
        speed_hz: [K] shaft speed (Hz).
        pressure_bar: [K] line pressure (bar).
    """

    time_s: np.ndarray
    mode: np.ndarray
    speed_hz: np.ndarray
    pressure_bar: np.ndarray

    def step_at(self, time_s: np.ndarray) -> np.ndarray:
        """Number of the step that holds at each time."""
        return np.maximum(np.searchsorted(self.time_s, time_s, side="right") - 1, 0)


def draw_schedule(
    rng: np.random.Generator, start_s: float, end_s: float, speed_range_hz: tuple[float, float] | None = None
) -> Schedule:
    """A Markov chain of modes with dwells of some seconds, and set-points that also change within a mode.

    Args:
        rng: draws everything; the same numbers whatever the range.
        start_s, end_s: the stretch (s).
        speed_range_hz: speeds that are asked for in every mode (Hz); None: those of the mode.
    """
    mode = str(rng.choice(MODES, p=[0.25, 0.35, 0.3, 0.1]))
    rows: list[tuple[float, int, float, float]] = []
    now_s = start_s
    while now_s < end_s:
        leave_s = now_s + 3.0 + rng.gamma(2.0, 3.0)
        while now_s < leave_s and now_s < end_s:
            speed_hz = rng.uniform(*(speed_range_hz or _SPEED_HZ[mode]))
            pressure_bar = log_uniform(rng, *_PRESSURE_BAR[mode])
            rows.append((now_s, MODES.index(mode), float(speed_hz), pressure_bar))
            now_s += 2.0 + rng.gamma(2.0, 1.5)
        now_s = min(now_s, leave_s) if now_s - leave_s < 1.0 else leave_s
        following = _NEXT[mode]
        mode = str(rng.choice(list(following), p=list(following.values())))
    columns = list(zip(*rows, strict=True))
    return Schedule(np.array(columns[0]), np.array(columns[1], np.int64), np.array(columns[2]), np.array(columns[3]))
