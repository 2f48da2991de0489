"""Writes the pages, the table of all cells, and the pictures of a study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.study.conduct import Conducted
from sensorgraph.study.pages.cells import cells_table
from sensorgraph.study.pages.comparison import classes_section, comparison_section
from sensorgraph.study.pages.head import Origin, head_section, task_section
from sensorgraph.study.pages.imbalance import imbalance_section, weakened_of
from sensorgraph.study.pages.noise import noise_curves, noise_section
from sensorgraph.study.pages.pictures import draw_pictures
from sensorgraph.study.pages.postmortem import postmortem_sections
from sensorgraph.study.pages.removal import removal_section
from sensorgraph.study.pages.use import complementarity_section, dominance_section, growth_section, learned_section
from sensorgraph.study.rows import rows_of


def write_report(folder: Path, conducted: Conducted, origin: Origin) -> Iterator[Path]:
    """Write everything that a study has to say: ``experiments.md``, ``postmortem.md``, ``cells.csv`` and pictures.

    Args:
        folder: where to.
        conducted: the study.
        origin: what made it.

    Yields:
        The path of each file.
    """
    found = conducted.found
    rows, curves, weak = rows_of(found), noise_curves(found), weakened_of(found)
    experiments = [
        head_section("Is fusing worth it? Experiments", conducted, origin),
        task_section(conducted, origin),
        comparison_section(found, rows),
        classes_section(found, rows),
        removal_section(found),
        noise_section(found, curves),
        imbalance_section(found, weak),
        dominance_section(found, conducted.told),
        complementarity_section(found),
        learned_section(found),
        growth_section(conducted.growth),
    ]
    head = head_section("Is fusing worth it? Postmortem", conducted, origin)
    postmortem = [head, *postmortem_sections(found, rows, weak, conducted.growth)]
    for name, sections in (("experiments.md", experiments), ("postmortem.md", postmortem)):
        write_atomically(folder / name, ("\n\n".join(sections) + "\n").encode())
        yield folder / name
    table = cells_table(found).to_csv(index=False, float_format="%.6g")
    write_atomically(folder / "cells.csv", table.encode())
    yield folder / "cells.csv"
    yield from draw_pictures(folder, found, rows, curves, conducted.told)
