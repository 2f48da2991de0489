"""The supervised task of the study: what state is the simulated machine in, in this scene?

Classes are normal operation, five faults of the machine, and ``swapped``: one modality shows another normal scene. Each
modality tells something of most faults, none tells everything, and of ``swapped`` a modality alone can tell nothing, by
construction (`sensorgraph.simulate.rotate_ranks`). So one part of the scenes needs two modalities, and the other part
does not; figures are given for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sensorgraph.errors import ConfigError
from sensorgraph.simulate import FaultSpec, SimulatorConfig
from sensorgraph.simulate.randomness import generator
from sensorgraph.typing import Modality

Split = Literal["train", "validation", "test"]

FAULTS = ("leak", "unbalance", "bearing", "overheating", "sticking_valve")
NORMAL, SWAPPED = "normal", "swapped"
CLASSES = (NORMAL, *FAULTS, SWAPPED)

SCENE_S, NUM_BINS, SCENES_PER_RECORDING = 4.0, 4, 5
# Of twenty recordings of each state: so many to learn from, to stop and choose by, and to judge on.
_SPLIT_OF_TWENTY: tuple[Split, ...] = (("train",) * 13) + (("validation",) * 3) + (("test",) * 4)


@dataclass(frozen=True)
class StudyTask:
    """How many scenes there are, and through which modalities the machine is seen.

    Args:
        num_recordings: of 20 s, five scenes each; a multiple of 120 gives every state its share of every split.
        modalities: which kinds of streams there are, two to six.
        severity: smallest and largest severity of a fault.
        swapped_share: share of the normal scenes in which one modality is swapped.
        seed: draws recordings, faults and swaps.
    """

    num_recordings: Annotated[int, Field(ge=120)] = 2040
    modalities: tuple[Modality, ...] = ("sensor", "image", "audio", "text")
    severity: tuple[float, float] = (0.3, 1.0)
    swapped_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    seed: Annotated[int, Field(ge=0)] = 0

    def __post_init__(self) -> None:
        if not 2 <= len(set(self.modalities)) == len(self.modalities):
            raise ConfigError(f"task.modalities: name two or more, each once (got {', '.join(self.modalities)})")

    @property
    def simulator(self) -> SimulatorConfig:
        """The machine as this study observes it: few and slow streams, so that ten thousand scenes take minutes."""
        return SimulatorConfig(
            recording_s=SCENE_S * SCENES_PER_RECORDING,
            scene_s=SCENE_S,
            modalities=self.modalities,
            fast_rate_hz=1000.0,
            audio_rate_hz=4000.0,
            image_size_px=16,
            num_physical=6,
            num_single_words=0,
            num_pairs=0,
            num_packed_words=0,
        )


@dataclass(frozen=True)
class PlannedRecording:
    """One recording that is still to be made; it depends on no other.

    Attributes:
        number: place among the recordings.
        split: which split all its scenes belong to.
        seed: of the simulation.
        state: a fault, or normal.
        first_faulty: number of the first scene with the fault, which lasts to the end.
        severity: of the fault.
    """

    number: int
    split: Split
    seed: int
    state: str
    first_faulty: int
    severity: float

    @property
    def faults(self) -> tuple[FaultSpec, ...]:
        """What the simulation is told."""
        if self.state == NORMAL:
            return ()
        end_s = SCENE_S * SCENES_PER_RECORDING
        return (FaultSpec(self.state, SCENE_S * self.first_faulty, end_s, self.severity),)

    @property
    def labels(self) -> np.ndarray:
        """Class of each scene [5] int64, before any swap."""
        faulty = np.arange(SCENES_PER_RECORDING) >= self.first_faulty
        return np.where(faulty, CLASSES.index(self.state), CLASSES.index(NORMAL))


def planned(task: StudyTask) -> list[PlannedRecording]:
    """Every recording of the task. States take turns, and within each state so do the splits.

    Example:
        >>> plan = planned(StudyTask(num_recordings=120))
        >>> [sum(one.split == split for one in plan) for split in ("train", "validation", "test")]
        [78, 18, 24]
    """
    states = (NORMAL, *FAULTS)
    out = []
    for number in range(task.num_recordings):
        rng = generator(task.seed, f"study recording {number}")
        out.append(
            PlannedRecording(
                number=number,
                split=_SPLIT_OF_TWENTY[number // len(states) % len(_SPLIT_OF_TWENTY)],
                seed=task.seed * 1_000_000 + number,
                state=states[number % len(states)],
                first_faulty=int(rng.integers(1, 3)),
                severity=float(rng.uniform(*task.severity)),
            )
        )
    return out
