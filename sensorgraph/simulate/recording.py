"""One recording of the simulated machine: every stream, every label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.errors import ConfigError
from sensorgraph.scenes import Anomaly, Labels, Recording
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.drive_video import drive_video
from sensorgraph.simulate.faults.inject import Injected, inject
from sensorgraph.simulate.faults.spec import FaultSpec
from sensorgraph.simulate.faults.system import DIRECT_WITNESSES, SEEN_BY, effects_of
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.links import physical_links
from sensorgraph.simulate.log_text import write_log
from sensorgraph.simulate.microphone import microphone
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.physical import physical_sensors
from sensorgraph.simulate.pictures import gauge_camera, thermal_camera
from sensorgraph.simulate.plant import Conditions, PlantRun, run_plant
from sensorgraph.simulate.randomness import generator
from sensorgraph.simulate.transmission import transmit
from sensorgraph.simulate.word_channels import WordChannels, word_channels


@dataclass(frozen=True)
class Simulated:
    """A recording and what is hidden behind it.

    Attributes:
        recording: what a model may see, and its labels.
        latents: the machine's true state.
        raw32: id of a high word to the 32 bits of each sample, [T] uint32, before word faults and bit errors.
    """

    recording: Recording
    latents: Latents
    raw32: Mapping[str, np.ndarray]


def simulate_recording(
    config: SimulatorConfig, seed: int, *, recording_id: str | None = None, faults: Sequence[FaultSpec] = ()
) -> Recording:
    """Simulate one recording; `simulate` returns its hidden state too.

    Args:
        config: length, rates, streams.
        seed: 0 or greater; the recording depends on it, the config and the faults, and on nothing else.
        recording_id: default ``sim-<seed>``.
        faults: what goes wrong.

    Example:
        >>> config = SimulatorConfig(recording_s=4.0, scene_s=2.0, modalities=("sensor", "text"))
        >>> recording = simulate_recording(config, seed=7)
        >>> sum(stream.modality == "sensor" for stream in recording.streams)
        35
    """
    return simulate(config, seed, recording_id=recording_id, faults=faults).recording


def simulate(
    config: SimulatorConfig, seed: int, *, recording_id: str | None = None, faults: Sequence[FaultSpec] = ()
) -> Simulated:
    """Simulate one recording and keep the machine's true state; arguments as for `simulate_recording`.

    Example:
        >>> made = simulate(SimulatorConfig(recording_s=4.0, scene_s=2.0, modalities=("text",)), seed=7)
        >>> 5.0 < made.latents.level("speed_hz", 0.0, 2.0) < 60.0
        True
    """
    problems = [
        f"fault '{fault.kind}': must end within the recording of {config.recording_s} s (got end_s {fault.end_s})"
        for fault in faults
        if fault.end_s > config.recording_s + 1e-9
    ]
    if problems:
        raise ConfigError(problems)
    conditions = Conditions(config.ambient_c, config.speed_hz)
    healthy = run_plant(seed, config.recording_s, conditions=conditions)
    effects = effects_of(faults, config.recording_s)
    run = run_plant(seed, config.recording_s, effects, conditions) if effects else healthy
    observed, words = _observe(config, healthy, run, seed)
    order = generator(seed, "order").permutation(len(observed))
    links = physical_links(observed, words.pairs, words.twins)
    state = Injected({observed[number].stream.id: observed[number].stream for number in order}, words.pairs, ())
    for number, fault in enumerate(faults):
        if fault.category == "system":
            anomaly = _system_anomaly(fault, seed, config, healthy, observed)
            state = replace(state, anomalies=(*state.anomalies, anomaly))
        else:
            state = inject(state, fault, seed, number, config.recording_s)
    present = set(state.streams)
    labels = Labels(
        channels={one.stream.id: one.channel for one in observed if one.channel and one.stream.id in present},
        pairs=tuple(pair for pair in state.pairs if {pair.msb, pair.lsb} <= present),
        anomalies=state.anomalies,
        links=tuple(link for link in links if set(link) <= present),
    )
    recording = Recording(
        id=recording_id or f"sim-{seed}",
        duration_s=config.recording_s,
        streams=tuple(transmit(config, stream, seed) for stream in state.streams.values()),
        labels=labels,
    )
    return Simulated(recording, run.latents, words.raw32)


def _observe(
    config: SimulatorConfig, healthy: PlantRun, run: PlantRun, seed: int
) -> tuple[list[Observed], WordChannels]:
    observed: list[Observed] = []
    words = WordChannels((), (), {}, ())
    if "sensor" in config.modalities:
        words = word_channels(config, healthy.latents, run.latents, seed)
        observed += [*physical_sensors(config, run.latents, seed), *words.channels]
    if "audio" in config.modalities:
        observed.append(microphone(config, run.latents, seed))
    if "image" in config.modalities:
        observed += [thermal_camera(config, run.latents, seed), gauge_camera(config, run.latents, seed)]
    if "text" in config.modalities:
        observed.append(write_log(config, run, seed))
    if "video" in config.modalities:
        observed.append(drive_video(config, run.latents, seed))
    return observed, words


def _system_anomaly(
    fault: FaultSpec, seed: int, config: SimulatorConfig, healthy: PlantRun, observed: Sequence[Observed]
) -> Anomaly:
    """The label of a fault of the machine: affected is every stream that observes what this fault alone changes."""
    effects = effects_of([fault], config.recording_s)
    alone = run_plant(seed, config.recording_s, effects, Conditions(config.ambient_c, config.speed_hz))
    changed = healthy.latents.changed(alone.latents)
    affected = tuple(one.stream.id for one in observed if changed.intersection(one.observes))
    present = {one.stream.modality for one in observed}
    seen_by = [name for name in SEEN_BY[fault.kind] if name in present]
    return Anomaly(
        kind=fault.kind,
        category=fault.category,
        start_s=fault.start_s,
        end_s=fault.end_s,
        root_cause=tuple(name for name in DIRECT_WITNESSES[fault.kind] if name in affected),
        affected=affected,
        severity=fault.severity,
        detectable_by=tuple(seen_by[:1]),
    )
