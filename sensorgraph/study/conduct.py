"""Conducts a study from simulation to results; whatever an earlier call finished is found and not done again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sensorgraph.study.carry_out import carry_out
from sensorgraph.study.cell import Cell, Result
from sensorgraph.study.fit import FitSettings
from sensorgraph.study.found import Found, Truth
from sensorgraph.study.plan import StudyPlan, closer_look, comparison
from sensorgraph.study.prepare import num_shards, prepared
from sensorgraph.study.reconstruct import Told, reconstruction_r2
from sensorgraph.study.run_cell import parameter_growth
from sensorgraph.study.scenes import Part
from sensorgraph.study.task import CLASSES, SWAPPED, StudyTask
from sensorgraph.study.worker import Worker, pool_of_workers, run_in_worker

SCENES, CELLS = "scenes", "cells"

Track = Callable[[Iterable[object], int, str], Iterable[object]]
"""Passes things through and shows how far they are: things, how many, what they are."""


@dataclass(frozen=True)
class Conducted:
    """A finished study.

    Attributes:
        found: results of all cells.
        told: how well modalities are told by each other.
        growth: kind to parameters of the whole network with the first one, two, ... modalities.
        num_scenes: split to number of scenes.
    """

    found: Found
    told: Told
    growth: dict[str, list[int]]
    num_scenes: dict[str, int]


def conduct(
    task: StudyTask,
    fit: FitSettings,
    plan: StudyPlan,
    folder: Path,
    made_by: str = "",
    num_workers: int = 1,
    track: Track | None = None,
) -> Conducted:
    """Prepare scenes, run all cells, and gather them.

    Args:
        task: scenes.
        fit: training.
        plan: cells.
        folder: of this study alone; scenes and results lie in it.
        made_by: which state of the program runs; kept with each result.
        num_workers: processes that run cells.
        track: shows progress.

    Example:
        >>> import tempfile
        >>> plan = StudyPlan(kinds=("late",), closer=("late",), num_seeds=1, num_closer_seeds=1, weakened=())
        >>> task = StudyTask(num_recordings=120, modalities=("image", "text"))
        >>> conducted = conduct(task, FitSettings(dim=8, num_epochs=1), plan, Path(tempfile.mkdtemp()))
        >>> conducted.found.best_kind, conducted.num_scenes["test"]
        ('late', 120)
    """
    show = track or (lambda things, total, name: things)
    paths = [Path(str(path)) for path in show(prepared(folder / SCENES, task), num_shards(task), "scenes")]
    here = Worker(task, paths, fit, made_by)
    scenes = here.scenes
    labels = {"train": scenes.train.label, "validation": scenes.validation.label, "test": scenes.test.label}
    truth = Truth({name: label.numpy() for name, label in labels.items()}, scenes.test.recording)
    with ExitStack() as stack:
        pool: Executor | None = None
        if num_workers > 1:
            pool = stack.enter_context(pool_of_workers(num_workers, task, paths, fit, made_by))
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)

        def carried(cells: list[Cell], name: str) -> list[Result]:
            make = here if pool is None else run_in_worker
            done = show(carry_out(cells, folder / CELLS, make, pool), len(cells), name)
            return [result for result in done if isinstance(result, Result)]

        first = carried(comparison(plan, task.modalities), "comparison")
        closer = carried(closer_look(plan, task.modalities), "closer look")
    parts = [_features(part) for part in (scenes.train, scenes.validation, scenes.test)]
    return Conducted(
        Found.of(plan, task.modalities, truth, [*first, *closer]),
        reconstruction_r2(*parts),
        {kind: parameter_growth(kind, scenes.widths(), fit.dim) for kind in plan.kinds},
        {name: len(label) for name, label in labels.items()},
    )


def _features(part: Part) -> dict[str, np.ndarray]:
    """Means over bins of what networks see, of scenes that are not swapped: modality to [S, F]."""
    kept = part.label.numpy() != CLASSES.index(SWAPPED)
    out = {}
    for modality, value in part.inputs.value.items():
        seen = part.inputs.present[modality].sum(1, keepdim=True).clamp(min=1)
        out[modality] = (value.sum(1) / seen).numpy()[kept]
    return out
