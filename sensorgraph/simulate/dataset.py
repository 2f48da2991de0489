"""A whole data set, planned first: every recording can then be made alone, in any order, in any process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sensorgraph.errors import ConfigError
from sensorgraph.scenes import Recording, Scene
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.contextual import LEVEL_OF, as_recording, rotate
from sensorgraph.simulate.faults.draw import draw_faults, playable_kinds
from sensorgraph.simulate.faults.spec import FaultSpec
from sensorgraph.simulate.randomness import generator
from sensorgraph.simulate.recording import simulate, simulate_recording
from sensorgraph.typing import Modality

Role = Literal["train", "validation", "calibration", "test"]


@dataclass(frozen=True)
class DatasetSize:
    """How many recordings there are of each role.

    Args:
        num_train: normal, to learn from.
        num_validation: normal, to stop by.
        num_calibration: normal, to fit thresholds on.
        num_test: normal, to count false alarms on; contextual anomalies are made of their scenes too.
        num_faulty: with faults, to test on; kinds take turns.
        contextual: modalities that are swapped between the scenes of the normal test recordings, each in its own
            share of the scenes.
    """

    num_train: int = 12
    num_validation: int = 2
    num_calibration: int = 4
    num_test: int = 4
    num_faulty: int = 19
    contextual: tuple[Modality, ...] = ("audio", "image", "text")

    def __post_init__(self) -> None:
        problems = [
            f"dataset.{name}: must be 0 or greater (got {getattr(self, name)})"
            for name in ("num_train", "num_validation", "num_calibration", "num_test", "num_faulty")
            if getattr(self, name) < 0
        ]
        problems += [f"dataset.contextual: no modality '{name}'" for name in self.contextual if name not in LEVEL_OF]
        if problems:
            raise ConfigError(problems)


@dataclass(frozen=True)
class PlannedRecording:
    """One recording that is still to be made: it depends on its seed and faults, and on no other recording."""

    id: str
    role: Role
    seed: int
    faults: tuple[FaultSpec, ...] = ()

    def make(self, config: SimulatorConfig) -> Recording:
        """Simulate it."""
        return simulate_recording(config, self.seed, recording_id=self.id, faults=self.faults)


@dataclass(frozen=True)
class PlannedContextual:
    """Contextual anomalies that are still to be made of the scenes of some normal recordings, all at once.

    Attributes:
        id: the made recordings are called ``<id>-<modality>-<number>``.
        role: where they belong.
        seed: draws shares and shifts.
        sources: the normal recordings.
        modalities: which are swapped, each in its own share of the scenes.
    """

    id: str
    role: Role
    seed: int
    sources: tuple[PlannedRecording, ...]
    modalities: tuple[Modality, ...]

    def num_recordings(self, config: SimulatorConfig) -> int:
        """How many recordings (of one scene each) this makes."""
        return sum(len(share) for share in self._shares(config) if len(share) > 1)

    def make(self, config: SimulatorConfig) -> Iterator[Recording]:
        """Simulate the sources, cut them into scenes and swap."""
        scenes: list[Scene] = []
        level: dict[str, list[float]] = {name: [] for name in LEVEL_OF.values()}
        for source in self.sources:
            made = simulate(config, source.seed, recording_id=source.id, faults=source.faults)
            for scene in made.recording.scenes(config.scene_s):
                scenes.append(scene)
                for name, numbers in level.items():
                    numbers.append(made.latents.level(name, scene.start_s, scene.start_s + scene.duration_s))
        for modality, share in zip(self.modalities, self._shares(config), strict=True):
            if len(share) < 2:  # nobody to swap with
                continue
            rng = generator(self.seed, f"rotate {modality}")
            chosen = np.array(level[LEVEL_OF[modality]])[share]
            swapped = rotate([scenes[number] for number in share], chosen, modality, rng)
            for number, scene in zip(share, swapped, strict=True):
                yield as_recording(scene, f"{self.id}-{modality}-{number:03d}")

    def _shares(self, config: SimulatorConfig) -> list[np.ndarray]:
        """Numbers of the scenes that each modality is swapped in: a random partition of all scenes."""
        order = generator(self.seed, "shares").permutation(len(self.sources) * config.num_scenes)
        return [np.sort(part) for part in np.array_split(order, len(self.modalities))]


@dataclass(frozen=True)
class MadeRecording:
    """A recording and the role it was made for."""

    role: Role
    recording: Recording


@dataclass(frozen=True)
class DatasetPlan:
    """All recordings of a data set, before any is made.

    Attributes:
        config: what every recording is simulated with.
        recordings: each stands alone; make them in any order, in as many processes as you like.
        contextual: groups of contextual anomalies; each group is made at once.
    """

    config: SimulatorConfig
    recordings: tuple[PlannedRecording, ...]
    contextual: tuple[PlannedContextual, ...] = field(default=())

    @property
    def num_recordings(self) -> int:
        """How many recordings `make` yields."""
        return len(self.recordings) + sum(group.num_recordings(self.config) for group in self.contextual)

    def make(self) -> Iterator[MadeRecording]:
        """Make one recording after the other; only one (and the scenes of one group) is in memory at a time."""
        for planned in self.recordings:
            yield MadeRecording(planned.role, planned.make(self.config))
        for group in self.contextual:
            for recording in group.make(self.config):
                yield MadeRecording(group.role, recording)


def plan_dataset(config: SimulatorConfig, seed: int, size: DatasetSize | None = None) -> DatasetPlan:
    """Plan a data set: ids, roles, seeds and faults.

    Example:
        >>> plan = plan_dataset(SimulatorConfig(), seed=0, size=DatasetSize(2, 1, 1, 2, 3, contextual=("audio",)))
        >>> [(one.id, one.role) for one in plan.recordings[:3]]
        [('train-000', 'train'), ('train-001', 'train'), ('validation-000', 'validation')]
        >>> plan.num_recordings
        21
    """
    size = size or DatasetSize()
    kinds = playable_kinds(config)
    if size.num_faulty and not kinds:
        raise ConfigError("dataset.num_faulty: no kind of fault fits the streams; change faults.kinds or modalities")
    planned: list[PlannedRecording] = []

    def add(role: Role, prefix: str, count: int, faulty: bool = False) -> None:
        for number in range(count):
            recording_id = f"{prefix}-{number:03d}"
            own_seed = int(generator(seed, recording_id).integers(2**31))
            faults = draw_faults(config, own_seed, kinds[number % len(kinds)]) if faulty else ()
            planned.append(PlannedRecording(recording_id, role, own_seed, faults))

    add("train", "train", size.num_train)
    add("validation", "validation", size.num_validation)
    add("calibration", "calibration", size.num_calibration)
    add("test", "test", size.num_test)
    sources = tuple(planned[len(planned) - size.num_test :])
    add("test", "faulty", size.num_faulty, faulty=True)
    unknown = [name for name in size.contextual if name not in config.modalities]
    if unknown:
        raise ConfigError(f"dataset.contextual: not among simulate.modalities; leave out {', '.join(unknown)}")
    if not (sources and size.contextual):
        return DatasetPlan(config, tuple(planned))
    group = PlannedContextual("contextual", "test", seed, sources, size.contextual)
    return DatasetPlan(config, tuple(planned), (group,))
