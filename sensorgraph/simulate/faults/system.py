"""Faults of the machine itself: they change its hidden state, and through it every stream that observes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.simulate.faults.spec import FaultSpec
from sensorgraph.simulate.plant import plant_times
from sensorgraph.typing import Modality

DIRECT_WITNESSES: dict[str, tuple[str, ...]] = {
    "leak": ("flow_line", "pressure_pump", "pressure_line"),
    "unbalance": ("vib_motor", "vib_gearbox", "vib_pump"),
    "bearing": ("vib_pump", "temp_bearing"),
    "overheating": ("temp_motor", "temp_oil"),
    "sticking_valve": ("valve_position",),
}
"""The streams that see each fault of the machine most directly: its root cause, as far as streams can show one."""

SEEN_BY: dict[str, tuple[Modality, ...]] = {
    "leak": ("sensor", "audio"),
    "unbalance": ("sensor", "audio"),
    "bearing": ("sensor", "audio"),
    "overheating": ("sensor", "image"),
    "sticking_valve": ("sensor",),
}
"""Modalities that each see the fault alone; the first that a recording has stands in the label."""


def effects_of(faults: Sequence[FaultSpec], duration_s: float) -> dict[str, np.ndarray]:
    """Strength of every system fault over time, on the clock of the plant; other faults are left out."""
    time_s = plant_times(duration_s)
    effects: dict[str, np.ndarray] = {}
    for fault in faults:
        if fault.category == "system":
            strength = fault.severity * ramp(time_s, fault.start_s, fault.end_s)
            effects[fault.kind] = np.maximum(effects.get(fault.kind, np.zeros(len(time_s))), strength)
    return effects


def ramp(time_s: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    """0 outside, 1 inside; rises during the first tenth (at most 2 s) and falls during the last.

    Example:
        >>> ramp(np.array([0.0, 5.0, 10.5, 15.0, 20.0]), 5.0, 20.0).round(2).tolist()
        [0.0, 0.0, 1.0, 1.0, 0.0]
    """
    edge_s = min(0.1 * (end_s - start_s), 2.0)
    return np.clip(np.minimum(time_s - start_s, end_s - time_s) / edge_s, 0, 1)
