"""Scenes of the contextual benchmark: normal ones, and what is hidden behind them (simulated)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sensorgraph.config import load
from sensorgraph.run.run_file import RunFile
from sensorgraph.run.sources import Simulated
from sensorgraph.scenes import Scene
from sensorgraph.simulate import LEVEL_OF, SimulatorConfig, rotate, simulate, three_way

RUN_FILE = Path(__file__).parents[1] / "configs" / "contextual.yaml"
ORDER_THREE_S = 2.0


def run_file(overrides: Sequence[str] = ()) -> RunFile:
    """The run file of the benchmark: the machine, the network, its training."""
    return load(RUN_FILE, RunFile, list(overrides))


def plant_of(run: RunFile) -> SimulatorConfig:
    """The simulated machine of a run file."""
    source = run.data.build()
    if not isinstance(source, Simulated):
        raise TypeError(f"{RUN_FILE.name}: the contextual benchmark is simulated")
    return source.simulate


@dataclass(frozen=True)
class Normal:
    """Normal scenes.

    Attributes:
        scenes: in the order of their recordings.
        level: modality to [S], by which its streams change places.
        recording: [S] int, number of the recording.
        latent: modality to [S], what its streams were made from, where that is one number.
    """

    scenes: tuple[Scene, ...]
    level: dict[str, np.ndarray]
    recording: np.ndarray
    latent: dict[str, np.ndarray]

    def some(self, rows: np.ndarray) -> Normal:
        """Part of the scenes."""
        return Normal(
            tuple(self.scenes[row] for row in rows),
            {name: values[rows] for name, values in self.level.items()},
            self.recording[rows],
            {name: values[rows] for name, values in self.latent.items()},
        )

    def swapped(self, modality: str, rng: np.random.Generator) -> list[Scene]:
        """The scenes with one modality rotated among them."""
        return rotate(self.scenes, self.level[modality], modality, rng)  # type: ignore[arg-type]


def machine(plant: SimulatorConfig, num_scenes: int, first_seed: int) -> Normal:
    """Scenes of the simulated machine, in as many recordings as it takes; each has a seed of its own."""
    scenes: list[Scene] = []
    level: dict[str, list[float]] = {modality: [] for modality in plant.modalities}
    recording: list[int] = []
    for number in range(-(-num_scenes // plant.num_scenes)):
        made = simulate(plant, first_seed + number)
        for scene in made.recording.scenes(plant.scene_s):
            scenes.append(scene)
            recording.append(number)
            for modality, found in level.items():
                found.append(made.latents.level(LEVEL_OF[modality], scene.start_s, scene.start_s + plant.scene_s))
    return Normal(tuple(scenes), {m: np.array(v) for m, v in level.items()}, np.array(recording), {})


def circle(num_scenes: int, seed: int) -> Normal:
    """Scenes of the variant of order three."""
    made = three_way(num_scenes, seed, ORDER_THREE_S)
    latent = dict(zip(("sensor", "audio", "image"), made.place.T, strict=True))
    return Normal(made.scenes, {"image": made.place[:, 2]}, np.arange(num_scenes), latent)
