"""Writes the pages, the table of all cells, and the pictures of a study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.study.conduct import Conducted
from sensorgraph.study.fit import FitSettings
from sensorgraph.study.pages.cells import cells_table
from sensorgraph.study.pages.comparison import classes_section, comparison_section
from sensorgraph.study.rows import rows_of
from sensorgraph.study.task import StudyTask


def write_report(
    folder: Path, conducted: Conducted, task: StudyTask, fit: FitSettings, command: str, commit: str
) -> Iterator[Path]:
    """Write everything that a study has to say.

    Args:
        folder: where to.
        conducted: the study.
        task, fit: what it was made with.
        command: that made it.
        commit: of the program.

    Yields:
        The path of each file.
    """
    found = conducted.found
    rows = rows_of(found)
    sections = [comparison_section(found, rows), classes_section(found, rows)]
    path = folder / "experiments.md"
    write_atomically(path, ("\n\n".join(sections) + "\n").encode())
    yield path
    path = folder / "cells.csv"
    write_atomically(path, cells_table(found).to_csv(index=False, float_format="%.6g").encode())
    yield path
