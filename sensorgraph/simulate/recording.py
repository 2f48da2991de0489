"""One recording of the simulated machine: every stream, every label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.scenes import Labels, Recording
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.drive_video import drive_video
from sensorgraph.simulate.fault_spec import FaultSpec
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.links import physical_links
from sensorgraph.simulate.log_text import write_log
from sensorgraph.simulate.microphone import microphone
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.physical import physical_sensors
from sensorgraph.simulate.pictures import gauge_camera, thermal_camera
from sensorgraph.simulate.plant import run_plant
from sensorgraph.simulate.randomness import generator
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
        34
    """
    return simulate(config, seed, recording_id=recording_id, faults=faults).recording


def simulate(
    config: SimulatorConfig, seed: int, *, recording_id: str | None = None, faults: Sequence[FaultSpec] = ()
) -> Simulated:
    """Simulate one recording and keep the machine's true state; arguments as for `simulate_recording`."""
    run = run_plant(seed, config.recording_s)
    nominal = run.latents
    observed: list[Observed] = []
    words = WordChannels((), (), {}, ())
    if "sensor" in config.modalities:
        words = word_channels(config, nominal, run.latents, seed)
        observed += [*physical_sensors(config, run.latents, seed), *words.channels]
    if "audio" in config.modalities:
        observed.append(microphone(config, run.latents, seed))
    if "image" in config.modalities:
        observed += [thermal_camera(config, run.latents, seed), gauge_camera(config, run.latents, seed)]
    if "text" in config.modalities:
        observed.append(write_log(config, run, seed))
    if "video" in config.modalities:
        observed.append(drive_video(config, run.latents, seed))
    order = generator(seed, "order").permutation(len(observed))
    labels = Labels(
        channels={one.stream.id: one.channel for one in observed if one.channel is not None},
        pairs=words.pairs,
        links=physical_links(observed, words.pairs, words.twins),
    )
    recording = Recording(
        id=recording_id or f"sim-{seed}",
        duration_s=config.recording_s,
        streams=tuple(observed[number].stream for number in order),
        labels=labels,
    )
    return Simulated(recording, run.latents, words.raw32)
