"""Contextual anomalies: every stream is normal, only the relation between the modalities is wrong.

A modality's whole set of streams in a scene is replaced by that of another normal scene. Receivers are ordered by a
latent level (mean speed, mean pressure), and the donor of rank ``r`` is the scene of rank ``r + shift``, cyclically,
with a shift of 30 to 70 % of the scenes. That is a bijection: each scene gives once and receives once, so the set of
all streams of each modality is exactly what it was, and no detector that looks at one modality can do better than
chance; one that knows how the modalities belong together can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.scenes import Anomaly, Labels, Recording, Scene
from sensorgraph.typing import Modality

LEVEL_OF: dict[Modality, str] = {
    "sensor": "speed_hz",
    "image": "pressure_bar",
    "audio": "speed_hz",
    "text": "speed_hz",
    "video": "speed_hz",
}
"""The latent trajectory whose mean orders the scenes when a modality is swapped: one that the modality shows."""

WITNESS_OF: dict[Modality, Modality] = {
    "sensor": "audio",
    "image": "sensor",
    "audio": "sensor",
    "text": "sensor",
    "video": "sensor",
}
"""The modality that shows the same latent and stays: together with the swapped one it gives the swap away."""


@dataclass(frozen=True)
class Rotation:
    """Who gives to whom.

    Attributes:
        donor: [S] int64, scene ``i`` receives from scene ``donor[i]``; a permutation.
        distance: [S] in 0..1, by how much of the whole range the two levels differ.
        shift: by how many ranks.
    """

    donor: np.ndarray
    distance: np.ndarray
    shift: int


def rotate_ranks(
    level: np.ndarray, rng: np.random.Generator, shift_share: tuple[float, float] = (0.3, 0.7)
) -> Rotation:
    """Choose donors by rank rotation on a scalar level.

    Args:
        level: [S] one number per scene, at least 2 scenes.
        rng: draws the shift.
        shift_share: smallest and largest shift, as a share of the scenes.

    Example:
        >>> turned = rotate_ranks(np.array([3.0, 1.0, 2.0, 4.0]), np.random.default_rng(0), (0.5, 0.5))
        >>> turned.donor.tolist()
        [1, 0, 3, 2]
    """
    num_scenes = len(level)
    if num_scenes < 2:
        raise DataError(f"contextual: a rotation needs at least 2 scenes (got {num_scenes})")
    low, high = shift_share
    if not 0 < low <= high < 1:
        raise DataError(f"contextual: shift_share must be 0 < smallest <= largest < 1 (got {low}, {high})")
    shift = int(np.clip(round(rng.uniform(low, high) * num_scenes), 1, num_scenes - 1))
    order = np.argsort(level, kind="stable")
    donor = np.empty(num_scenes, np.int64)
    donor[order] = np.roll(order, -shift)
    span = max(float(np.ptp(level)), 1e-12)
    return Rotation(donor, np.abs(level - level[donor]) / span, shift)


def rotate(
    scenes: Sequence[Scene],
    level: np.ndarray,
    modality: Modality,
    rng: np.random.Generator,
    shift_share: tuple[float, float] = (0.3, 0.7),
) -> list[Scene]:
    """Swap one modality between normal scenes.

    Args:
        scenes: normal scenes of one duration, each with the modality.
        level: [S] latent level of each scene, e.g. ``latents.level(LEVEL_OF[modality], start_s, end_s)``.
        modality: whose streams are swapped.
        rng: draws the shift.
        shift_share: see `rotate_ranks`.

    Returns:
        One new scene per scene, in order, with the same id and a label of category ``contextual``.

    Raises:
        DataError: a scene is not normal, or levels and scenes differ in number.

    Example:
        >>> from sensorgraph.simulate import SimulatorConfig, simulate
        >>> made = simulate(SimulatorConfig(recording_s=8.0, modalities=("text", "image"), scene_s=4.0), seed=1)
        >>> scenes = list(made.recording.scenes(4.0))
        >>> level = np.array([made.latents.level("speed_hz", scene.start_s, scene.start_s + 4.0) for scene in scenes])
        >>> first, second = rotate(scenes, level, "text", np.random.default_rng(0))
        >>> first.stream("log") is scenes[1].stream("log"), first.labels.anomalies[0].detectable_by
        (True, ('text', 'sensor'))
    """
    if len(scenes) != len(level):
        raise DataError(f"contextual: one level per scene is needed (got {len(level)} for {len(scenes)} scenes)")
    abnormal = [scene.id for scene in scenes if scene.labels.anomalies]
    if abnormal:
        raise DataError(f"contextual: only normal scenes can be swapped; leave out {', '.join(abnormal[:5])}")
    rotation = rotate_ranks(np.asarray(level, np.float64), rng, shift_share)
    return [
        swap(scene, scenes[int(donor)], modality, severity=float(distance))
        for scene, donor, distance in zip(scenes, rotation.donor, rotation.distance, strict=True)
    ]


def swap(scene: Scene, donor: Scene, modality: Modality, severity: float = 1.0) -> Scene:
    """The scene with one modality's streams, and their labels, taken from the donor.

    Raises:
        UnknownNameError: one of the two has no stream of the modality.
        DataError: the two differ in duration.

    Example:
        >>> from sensorgraph.simulate import SimulatorConfig, simulate_recording
        >>> config = SimulatorConfig(recording_s=4.0, scene_s=4.0, modalities=("text", "image"))
        >>> one, other = (simulate_recording(config, seed).cut(0.0, 4.0) for seed in (1, 2))
        >>> swap(one, other, "image").labels.anomalies[0].root_cause
        ('gauge', 'thermal')
    """
    given = donor.of_modality(modality)
    taken = scene.of_modality(modality)
    if not given or not taken:
        lacking = donor.id if not given else scene.id
        raise UnknownNameError(f"scene '{lacking}': no stream of modality '{modality}' to swap")
    if abs(scene.duration_s - donor.duration_s) > 1e-9:
        raise DataError(
            f"scene '{scene.id}': a donor must be as long (got {donor.duration_s} s for {scene.duration_s} s)"
        )
    # The donor's streams take the places of the old ones, so that the order of streams tells nothing.
    queue = list(given)
    streams = []
    for stream in scene.streams:
        if stream.modality != modality:
            streams.append(stream)
        elif queue:
            streams.append(queue.pop(0))
    streams += queue
    swapped = tuple(stream.id for stream in given)
    stay = {stream.id for stream in scene.streams if stream.modality != modality}
    anomaly = Anomaly(
        kind=f"swapped_{modality}",
        category="contextual",
        start_s=0.0,
        end_s=scene.duration_s,
        root_cause=swapped,
        affected=swapped,
        severity=min(max(severity, 0.0), 1.0),
        detectable_by=(modality, WITNESS_OF[modality]),
    )
    return replace(
        scene, streams=tuple(streams), labels=_joined(scene.labels, donor.labels, stay, set(swapped), anomaly)
    )


def _joined(own: Labels, given: Labels, stay: set[str], came: set[str], anomaly: Anomaly) -> Labels:
    """Labels of streams follow the streams; links across the swap are physical only where both ends stayed by name."""
    present = stay | came
    across = [link for link in own.links if set(link) <= present and not set(link) <= came]
    within = [link for link in given.links if set(link) <= came]
    return Labels(
        channels={name: label for name, label in own.channels.items() if name in stay}
        | {name: label for name, label in given.channels.items() if name in came},
        pairs=tuple(pair for pair in own.pairs if pair.msb in stay) + tuple(p for p in given.pairs if p.msb in came),
        anomalies=(anomaly,),
        links=tuple(dict.fromkeys(across + within)),
    )


def as_recording(scene: Scene, recording_id: str) -> Recording:
    """A scene on its own, to be stored beside whole recordings.

    Example:
        >>> from sensorgraph.simulate import SimulatorConfig, simulate_recording
        >>> config = SimulatorConfig(recording_s=8.0, scene_s=4.0, modalities=("text",))
        >>> as_recording(simulate_recording(config, seed=1).cut(4.0, 8.0), "second half").duration_s
        4.0
    """
    return Recording(recording_id, scene.duration_s, scene.streams, scene.labels, scene.topology)
