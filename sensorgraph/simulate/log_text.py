"""The log: what the control program and the operator write down."""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Text
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import MODES
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.plant import PlantRun
from sensorgraph.simulate.randomness import generator

LOG_ID = "log"
LOG_OBSERVES = ("mode", "speed_set_hz", "pressure_bar", "speed_hz", "motor_c", "oil_c", "flow_lpm")
# Line, latent, bound and dead band. A warning comes with the crossing and goes with the way back.
_WATCHED = (
    ("pressure", "pressure_bar", 8.0, 0.5),
    ("motor temperature", "motor_c", 60.0, 1.0),
    ("flow", "flow_lpm", 32.0, 1.0),
)
_SMALL_TALK = ("heartbeat ok", "operator walked by", "filter checked", "backup link up", "lamp test passed")


def write_log(config: SimulatorConfig, run: PlantRun, seed: int) -> Observed:
    """Write mode changes, set-points, coarse readings and some talk that means nothing."""
    lines = _steps(config, run) + _status(config, run, seed) + _warnings(config, run) + _talk(config, seed)
    inside = sorted(line for line in lines if 0 <= line[0] < config.recording_s)
    stream = Text(
        LOG_ID,
        tuple(text for _, text in inside),
        np.array([time_s for time_s, _ in inside], np.float64),
        meta={"observes": list(LOG_OBSERVES)},
    )
    return Observed(stream, LOG_OBSERVES)


def _steps(config: SimulatorConfig, run: PlantRun) -> list[tuple[float, str]]:
    schedule = run.schedule
    lines = []
    previous = -1
    for time_s, mode, speed_hz, pressure_bar in zip(
        schedule.time_s.tolist(),
        schedule.mode.tolist(),
        schedule.speed_hz.tolist(),
        schedule.pressure_bar.tolist(),
        strict=True,
    ):
        if mode != previous:
            lines.append((time_s + 0.01, f"mode {MODES[mode]}"))
        lines.append((time_s + 0.02, f"set speed {speed_hz:.0f} Hz pressure {pressure_bar:.0f} bar"))
        previous = mode
    return lines


def _status(config: SimulatorConfig, run: PlantRun, seed: int) -> list[tuple[float, str]]:
    rng = generator(seed, "log status")
    times = np.arange(rng.uniform(0, config.status_every_s), config.recording_s, config.status_every_s)
    times = times + rng.uniform(0, 0.3, len(times))
    read = {name: run.latents.at(name, times) for name in ("speed_hz", "pressure_bar", "motor_c", "oil_c")}
    modes = run.latents.held("mode", times).astype(int)
    lines = []
    for number, time_s in enumerate(times.tolist()):
        text = (
            f"status mode {MODES[modes[number]]} speed {read['speed_hz'][number]:.0f} Hz "
            f"pressure {read['pressure_bar'][number]:.0f} bar "
            f"motor {5 * round(read['motor_c'][number] / 5)} C oil {5 * round(read['oil_c'][number] / 5)} C"
        )
        lines.append((time_s, text))
    return lines


def _warnings(config: SimulatorConfig, run: PlantRun) -> list[tuple[float, str]]:
    time_s = run.latents.times()
    lines = []
    for words, name, bound, band in _WATCHED:
        for moment, high in crossings(time_s, run.latents.values[name], bound, band):
            lines.append((moment + 0.05, f"{words} {'high' if high else 'normal'}"))
    return lines


def crossings(time_s: np.ndarray, values: np.ndarray, bound: float, band: float) -> list[tuple[float, bool]]:
    """Times at which a value rises above ``bound + band`` or falls below ``bound - band``, in turn."""
    side = np.where(values > bound + band, 1, np.where(values < bound - band, -1, 0))
    decided = np.flatnonzero(side)
    turns = decided[1:][side[decided[1:]] != side[decided[:-1]]]
    return [(float(time_s[number]), bool(side[number] > 0)) for number in turns]


def _talk(config: SimulatorConfig, seed: int) -> list[tuple[float, str]]:
    rng = generator(seed, "log talk")
    count = int(rng.poisson(config.recording_s / 15.0))
    times = rng.uniform(0, config.recording_s, count)
    return [(float(time_s), str(rng.choice(_SMALL_TALK))) for time_s in times]
