"""A process that runs cells: it reads the scenes once and keeps them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch

from sensorgraph.study.cell import Cell, Result
from sensorgraph.study.fit import FitSettings
from sensorgraph.study.prepare import read_shards
from sensorgraph.study.run_cell import run_cell
from sensorgraph.study.scenes import StudyScenes, study_scenes
from sensorgraph.study.task import StudyTask


class Worker:
    """Runs cells on scenes.

    Args:
        task: that the scenes belong to.
        paths: of their shards.
        fit: training.
        made_by: which state of the program this is.
    """

    def __init__(self, task: StudyTask, paths: Sequence[Path], fit: FitSettings, made_by: str) -> None:
        torch.set_num_threads(1)  # small networks: more threads would only wait for each other
        self.scenes: StudyScenes = study_scenes(task, read_shards(paths))
        self.fit = fit
        self.made_by = made_by

    def __call__(self, cell: Cell) -> Result:
        """Run one."""
        return replace(run_cell(cell, self.scenes, self.fit), made_by=self.made_by)


def pool_of_workers(
    num_workers: int, task: StudyTask, paths: Sequence[Path], fit: FitSettings, made_by: str
) -> ProcessPoolExecutor:
    """Processes for `run_in_worker`, each with a `Worker` of its own; end them with ``shutdown``."""
    context = multiprocessing.get_context("spawn")  # a copy of a process with threads may hang
    return ProcessPoolExecutor(num_workers, context, _hire, (task, list(paths), fit, made_by))


def run_in_worker(cell: Cell) -> Result:
    """Run a cell in this process's worker."""
    return _workers[0](cell)


_workers: list[Worker] = []
"""The worker of this process, where the process was made by `pool_of_workers`."""


def _hire(task: StudyTask, paths: list[Path], fit: FitSettings, made_by: str) -> None:
    _workers[:] = [Worker(task, paths, fit, made_by)]
