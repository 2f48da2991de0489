"""Makes labelled recordings of a simulated machine, one zarr folder each.

They lie in FOLDER/ROLE/ID.zarr, where ROLE is train, validation, calibration or test, beside the settings that made
them (FOLDER/simulate.yaml). The same settings make the same recordings, bit for bit; a run that was interrupted goes on
where it stopped when it is called again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from sensorgraph.config import load, to_yaml
from sensorgraph.errors import ConfigError
from sensorgraph.run.arguments import add_config, count
from sensorgraph.run.progress import progress_bar
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.scenes.store import is_store, write_recording
from sensorgraph.simulate import (
    DatasetSize,
    PlannedContextual,
    PlannedRecording,
    SimulatorConfig,
    plan_dataset,
)

SETTINGS_FILE = "simulate.yaml"


@dataclass(frozen=True)
class SimulationFile:
    """What the YAML file of this verb holds.

    Args:
        seed: draws everything.
        simulate: the machine, its streams and what goes wrong with it.
        dataset: how many recordings there are of each role.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    simulate: SimulatorConfig = field(default_factory=SimulatorConfig)
    dataset: DatasetSize = field(default_factory=DatasetSize)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_config(parser)
    parser.add_argument("--out", metavar="FOLDER", help="where to put them (default: data/simulated/NAME_OF_CONFIG)")
    parser.add_argument(
        "--workers", type=count, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    settings = load(args.config, SimulationFile, args.overrides)
    out = Path(args.out or Path("data") / "simulated" / Path(args.config).stem)
    num_made = write_dataset(settings, out, num_workers=args.workers)
    kept = "" if num_made.found == 0 else f" ({num_made.found} were there already)"
    print(f"{num_made.total} recordings{kept} lie in {out}")
    return 0


@dataclass(frozen=True)
class Written:
    """How many recordings a data set has, and how many of them an earlier run had made."""

    total: int
    found: int


def write_dataset(settings: SimulationFile, out: Path, num_workers: int = 1) -> Written:
    """Makes every recording that the folder does not hold yet.

    Raises:
        ConfigError: the folder holds something else, or the settings contradict each other.
    """
    plan = plan_dataset(settings.simulate, settings.seed, settings.dataset)
    _claim(out, to_yaml(settings))
    # Groups first: they take longest, and the other workers need not wait for them at the end.
    jobs: list[PlannedRecording | PlannedContextual] = [*plan.contextual, *plan.recordings]
    num_found = 0
    with progress_bar() as bar:
        task = bar.add_task("recordings", total=plan.num_recordings)
        for made in _each(partial(_write, settings.simulate, out), jobs, num_workers):
            num_found += made.found
            bar.advance(task, made.total)
    return Written(plan.num_recordings, num_found)


def _claim(out: Path, settings: str) -> None:
    """Makes the folder this data set's own, or checks that it is."""
    file = out / SETTINGS_FILE
    if file.is_file():
        if file.read_text(encoding="utf-8") != settings:
            raise ConfigError(f"{out}: holds recordings made with other settings; choose another --out or delete it")
        return
    if out.is_dir() and any(not entry.name.startswith(".") for entry in out.iterdir()):
        raise ConfigError(f"{out}: is not empty and was not made by this verb; choose another --out")
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(file, settings.encode())


def _write(config: SimulatorConfig, out: Path, job: PlannedRecording | PlannedContextual) -> Written:
    folder = out / job.role
    if isinstance(job, PlannedRecording):
        path = folder / f"{job.id}.zarr"
        if is_store(path):
            return Written(1, 1)
        write_recording(path, job.make(config))
        return Written(1, 0)
    num_needed = job.num_recordings(config)
    num_found = sum(is_store(path) for path in folder.glob(f"{job.id}-*.zarr"))
    if num_found == num_needed:
        return Written(num_needed, num_needed)
    for recording in job.make(config):
        write_recording(folder / f"{recording.id}.zarr", recording)
    return Written(num_needed, num_found)


def _each(
    work: Callable[[PlannedRecording | PlannedContextual], Written],
    jobs: Sequence[PlannedRecording | PlannedContextual],
    num_workers: int,
) -> Iterator[Written]:
    if num_workers == 1:
        yield from map(work, jobs)
        return
    # "spawn": the progress bar has a thread, and forking a process with threads can hang
    executor = ProcessPoolExecutor(
        num_workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),  # Ctrl-C reaches us, and we tell the workers
    )
    try:
        for future in as_completed([executor.submit(work, job) for job in jobs]):
            yield future.result()
    finally:
        executor.shutdown(cancel_futures=True)
