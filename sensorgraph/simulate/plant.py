"""The machine: a drive turns a gearbox and a pump; the pump presses oil through a valve and back to a tank.

The chain is feed-forward (a stiff drive holds the speed whatever the load is), so that a fault changes only what lies
behind it: ``set-points -> speed -> flow, pressure <- valve -> torque -> current -> heat -> temperatures``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.randomness import generator
from sensorgraph.simulate.schedule import Schedule, draw_schedule

RATE_HZ = 100.0
LEAD_S = 6.0
"""The machine runs this long before the recording begins (s), so that nothing starts at rest."""

SYSTEM_EFFECTS = ("leak", "unbalance", "bearing", "overheating", "sticking_valve")

_PUMP_LPM_PER_HZ = 1.0
_VALVE_LPM = 20.0  # flow through the open valve at 1 bar (litres per minute)
_COMPLIANCE = 0.5  # hoses and accumulator (litres per minute times seconds per bar)
_RELIEF_BAR = 15.0


@dataclass(frozen=True)
class PlantRun:
    """What the machine did: its hidden state and the steps that the operator asked for."""

    latents: Latents
    schedule: Schedule


@dataclass(frozen=True)
class Conditions:
    """Under what the machine runs.

    Attributes:
        ambient_c: coldest and warmest surroundings at the beginning (degree Celsius).
        speed_hz: slowest and fastest speed that is asked for (Hz); None: by mode.
    """

    ambient_c: tuple[float, float] = (8.0, 32.0)
    speed_hz: tuple[float, float] | None = None


USUAL = Conditions()


def run_plant(
    seed: int, duration_s: float, effects: Mapping[str, np.ndarray] | None = None, conditions: Conditions = USUAL
) -> PlantRun:
    """Run the machine.

    Args:
        seed: seed of the recording; set-points, start temperatures and slow disturbances are drawn from it.
        duration_s: length of the recording (s).
        effects: name of a system fault (`SYSTEM_EFFECTS`) to its strength over time, [T] in 0..1 on the clock of
            `plant_times`. What is left out is 0.
        conditions: surroundings and set-points.
    """
    time_s = plant_times(duration_s)
    num_steps = len(time_s)
    strength = {name: np.zeros(num_steps) for name in SYSTEM_EFFECTS} | dict(effects or {})
    rng = generator(seed, "plant")
    schedule = draw_schedule(generator(seed, "schedule"), float(time_s[0]), duration_s, conditions.speed_hz)
    step = schedule.step_at(time_s)
    speed_set_hz = schedule.speed_hz[step]

    inertia_s = rng.uniform(0.5, 0.9)
    speed_hz = _follow(speed_set_hz, inertia_s) * (1 + 0.005 * _follow(_wander(rng, num_steps, 0.5), 0.15))
    acceleration = np.gradient(speed_hz) * RATE_HZ
    demand = 1.0 + 0.08 * _wander(rng, num_steps, 1.5)
    valve_set = np.clip(speed_set_hz / (_VALVE_LPM * np.sqrt(schedule.pressure_bar[step])), 0.12, 1.0)
    valve = _valve(valve_set, strength["sticking_valve"])
    pressure_bar, line_flow_lpm, leak_lpm = _hydraulics(speed_hz, valve * demand, strength["leak"])

    wear = rng.uniform(0.0, 0.25) + 0.9 * strength["bearing"]
    # Heat of a fault sits in a spot and goes within seconds; the heat of work sits in the whole mass.
    blocked_fan = _follow(strength["overheating"], 3.0)
    ambient_c = rng.uniform(*conditions.ambient_c) + 0.3 * _wander(rng, num_steps, 20.0)
    warm_c = rng.uniform(5.0, 40.0)
    oil_c = _follow(
        ambient_c + 8.0 + 0.1 * pressure_bar * line_flow_lpm,
        30.0,
        ambient_c[0] + warm_c,
    )
    oil_c = oil_c + 18.0 * blocked_fan
    friction_nm = 0.5 + 0.03 * speed_hz * (1 + 0.6 * strength["bearing"]) + 0.8 * np.exp(-(oil_c - 20.0) / 25.0)
    torque_nm = 0.9 * pressure_bar + friction_nm + 0.12 * acceleration
    current_a = 1.2 + 0.75 * np.sqrt(torque_nm**2 + 4.0)
    motor_c = _follow(ambient_c + 12.0 + 0.3 * current_a**2, 18.0, ambient_c[0] + 1.2 * warm_c) + 35.0 * blocked_fan
    bearing_c = _follow(0.5 * (oil_c + ambient_c) + 0.7 * speed_hz, 10.0, ambient_c[0] + 0.9 * warm_c)
    bearing_c = bearing_c + _follow(0.6 * speed_hz * strength["bearing"], 3.0)
    return_lpm = _follow(line_flow_lpm, 6.0)
    level = 0.55 + 0.1 * rng.uniform(-1, 1) + np.cumsum(return_lpm - line_flow_lpm - leak_lpm) / RATE_HZ / 900.0

    def total(rate: np.ndarray) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2)]) / RATE_HZ

    values = {
        "time_s": time_s,
        "mode": schedule.mode[step].astype(np.float64),
        "speed_set_hz": speed_set_hz,
        "pressure_set_bar": schedule.pressure_bar[step],
        "valve_set": valve_set,
        "speed_hz": speed_hz,
        "valve": valve,
        "pressure_bar": pressure_bar,
        "line_pressure_bar": pressure_bar - 0.0012 * line_flow_lpm**2 * 0.5,
        "flow_lpm": line_flow_lpm,
        "leak_lpm": leak_lpm,
        "torque_nm": torque_nm,
        "current_a": current_a,
        "ambient_c": ambient_c,
        "motor_c": motor_c,
        "oil_c": oil_c,
        "bearing_c": bearing_c,
        "level": np.clip(level, 0.02, 0.98),
        "wear": wear,
        "unbalance": rng.uniform(0.8, 1.2) + 3.0 * strength["unbalance"],
        "angle_rev": total(speed_hz),
        "volume_l": total(line_flow_lpm) / 60.0,
        "energy_j": total(2 * np.pi * speed_hz * torque_nm),
    }
    return PlantRun(Latents(RATE_HZ, float(time_s[0]), values), schedule)


def plant_times(duration_s: float) -> np.ndarray:
    """Clock of the machine (s), from before the recording until just after it."""
    return -LEAD_S + np.arange(int(np.ceil((duration_s + LEAD_S) * RATE_HZ)) + 2) / RATE_HZ


def _follow(target: np.ndarray, time_constant_s: float, start: float | None = None) -> np.ndarray:
    """First-order lag; starts at ``start``, or settled."""
    share = 1 - np.exp(-1 / (time_constant_s * RATE_HZ))
    begin = float(target[0]) if start is None else start
    return np.asarray(lfilter([share], [1, share - 1], target, zi=[(1 - share) * begin])[0])


def _wander(rng: np.random.Generator, num_steps: int, time_constant_s: float) -> np.ndarray:
    """Slow noise of unit variance (Ornstein-Uhlenbeck)."""
    keep = np.exp(-1 / (time_constant_s * RATE_HZ))
    noise = rng.standard_normal(num_steps)
    return np.asarray(lfilter([np.sqrt(1 - keep**2)], [1, -keep], noise, zi=[keep * rng.standard_normal()])[0])


def _valve(target: np.ndarray, sticking: np.ndarray) -> np.ndarray:
    """Position of a valve that follows its command with a lag; where it sticks, it waits until it is pulled free."""
    position = float(target[0])
    moving = True
    share = 1 - float(np.exp(-1 / (0.25 * RATE_HZ)))
    out = np.empty(len(target))
    for number, (wanted, stick) in enumerate(zip(target.tolist(), sticking.tolist(), strict=True)):
        error = wanted - position
        # Breaks free beyond its static friction, creeps, and comes to rest short of where it should be.
        moving = abs(error) > (0.15 if moving else 0.45) * stick
        if moving:
            position += share * (1 - 0.9 * stick) * error
        out[number] = position
    return out


def _hydraulics(
    speed_hz: np.ndarray, opening: np.ndarray, leak: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pressure behind the pump, flow through the valve, and flow lost through a leak, step by step."""
    pressure = (float(speed_hz[0]) / (_VALVE_LPM * float(opening[0]))) ** 2
    num_steps = len(speed_hz)
    pressure_bar, flow_lpm, lost_lpm = np.empty(num_steps), np.empty(num_steps), np.empty(num_steps)
    gain = 1 / (RATE_HZ * _COMPLIANCE)
    rows = zip((_PUMP_LPM_PER_HZ * speed_hz).tolist(), (_VALVE_LPM * opening).tolist(), leak.tolist(), strict=True)
    for number, (pumped, passing, hole) in enumerate(rows):
        root = pressure**0.5
        through = passing * root
        lost = 3.5 * hole * root
        relief = 6.0 * (pressure - _RELIEF_BAR) if pressure > _RELIEF_BAR else 0.0
        pressure_bar[number], flow_lpm[number], lost_lpm[number] = pressure, through, lost
        pressure += gain * (pumped * (1 - 0.006 * pressure) - through - lost - relief)
        pressure = max(pressure, 0.05)
    return pressure_bar, flow_lpm, lost_lpm
