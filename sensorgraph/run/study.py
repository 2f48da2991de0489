"""Is fusing worth it? Compares every kind of fusion with each modality alone, on a supervised task (simulated).

Writes experiments.md, postmortem.md, cells.csv and pictures into the folder of the study. A run that was interrupted
goes on where it stopped when it is called again; --quick is a small version in minutes.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sensorgraph.config import load, to_yaml
from sensorgraph.errors import ConfigError
from sensorgraph.run.arguments import add_config, count
from sensorgraph.run.commit import commit_of_program
from sensorgraph.run.progress import progress_bar
from sensorgraph.run.study_file import StudyFile, StudySize
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.study import FitSettings, StudyTask, conduct
from sensorgraph.study.pages.head import Origin
from sensorgraph.study.pages.write import write_report

SETTINGS_FILE = "study.yaml"


@dataclass(frozen=True)
class SameForAll:
    """What all cells of a folder share."""

    task: StudyTask
    fit: FitSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_config(parser)
    parser.add_argument("--quick", action="store_true", help="the small size of the run file")
    parser.add_argument("--out", metavar="FOLDER", help="where to put it (default: runs/NAME_OF_CONFIG[-quick])")
    parser.add_argument(
        "--workers", type=count, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    settings = load(args.config, StudyFile, args.overrides)
    size = settings.quick if args.quick else settings.full
    folder = Path(args.out or Path("runs") / (Path(args.config).stem + ("-quick" if args.quick else "")))
    claim(folder, size)
    commit = commit_of_program()
    with progress_bar() as bar:

        def track(things: Iterable[object], total: int, name: str) -> Iterable[object]:
            return bar.track(things, total=total, description=name)

        conducted = conduct(size.task, size.fit, size.plan, folder, commit, args.workers, track)
    for path in write_report(folder, conducted, Origin(size.task, size.fit, _command(args), commit)):
        print(path)
    return 0


def _command(args: argparse.Namespace) -> str:
    """The command, without what changes nothing about the results."""
    return " ".join(["sensorgraph study", args.config, *args.overrides, *(["--quick"] if args.quick else [])])


def claim(folder: Path, size: StudySize) -> None:
    """Makes the folder this study's own, or checks that it is; the plan may change, since every cell has its own file.

    Raises:
        ConfigError: it holds scenes or cells that were made with other settings.
    """
    file, text = folder / SETTINGS_FILE, to_yaml(SameForAll(size.task, size.fit))
    if file.is_file():
        if file.read_text(encoding="utf-8") != text:
            raise ConfigError(f"{folder}: holds a study with other settings; choose another --out or delete it")
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(file, text.encode())
