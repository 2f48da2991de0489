"""Which cells a study has: first the comparison, then a closer look at a few kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from sensorgraph.errors import ConfigError
from sensorgraph.fusion import KINDS
from sensorgraph.study.cell import ALONE, WEAKNESSES, Cell
from sensorgraph.study.conditions import subsets


@dataclass(frozen=True)
class StudyPlan:
    """What is compared, and what is looked at more closely.

    Args:
        kinds: of fusion, all compared in every seed.
        num_seeds: of the comparison.
        closer: kinds that are trained again without modalities, with modality dropout, and on weakened modalities; none
            leaves this out, and the pages say so.
        num_closer_seeds: of the closer look.
        dropout: rate of modality dropout.
        weakened: modalities that are weakened, one at a time.
    """

    kinds: tuple[str, ...] = tuple(KINDS)
    num_seeds: Annotated[int, Field(ge=1)] = 3
    closer: tuple[str, ...] = ("message_passing", "concat")
    num_closer_seeds: Annotated[int, Field(ge=1)] = 2
    dropout: Annotated[float, Field(gt=0, lt=1)] = 0.3
    weakened: tuple[str, ...] = ("sensor", "image")

    def __post_init__(self) -> None:
        problems = [
            f"plan.{name}: no kind of fusion '{kind}'; known: {', '.join(KINDS)}"
            for name in ("kinds", "closer")
            for kind in getattr(self, name)
            if kind not in KINDS
        ]
        problems += [
            f"plan.closer: '{kind}' must be among plan.kinds" for kind in self.closer if kind not in self.kinds
        ]
        if not self.kinds:
            problems.append("plan.kinds: name at least one kind of fusion (got none)")
        if self.num_closer_seeds > self.num_seeds:
            problems.append(
                f"plan.num_closer_seeds: must not exceed num_seeds, {self.num_seeds} (got {self.num_closer_seeds})"
            )
        if problems:
            raise ConfigError(problems)


def comparison(plan: StudyPlan, modalities: Sequence[str]) -> list[Cell]:
    """Each modality alone and each kind with all of them, in every seed.

    Example:
        >>> len(comparison(StudyPlan(kinds=("late", "early"), closer=("late",)), ("sensor", "text")))
        12
    """
    seeds = range(plan.num_seeds)
    alone = [Cell(ALONE, (modality,), seed) for seed in seeds for modality in modalities]
    return alone + [Cell(kind, tuple(modalities), seed) for seed in seeds for kind in plan.kinds]


def closer_look(plan: StudyPlan, modalities: Sequence[str]) -> list[Cell]:
    """What is trained again: on subsets, with modality dropout, on weakened modalities; seed by seed.

    Example:
        >>> len(closer_look(StudyPlan(closer=("late",), num_closer_seeds=1, weakened=("text",)), ("sensor", "text")))
        7
    """
    whole = tuple(modalities)
    cells = []
    for seed in range(plan.num_closer_seeds):
        cells += [Cell(kind, whole, seed, dropout=plan.dropout) for kind in plan.closer]
        cells += [Cell(kind, part, seed) for kind in plan.closer for part in subsets(whole) if len(part) > 1]
        for modality in plan.weakened:
            for weakness in WEAKNESSES:
                cells.append(Cell(ALONE, (modality,), seed, weakness=weakness, weakened=modality))
                cells += [Cell(kind, whole, seed, weakness=weakness, weakened=modality) for kind in plan.closer]
    return cells
