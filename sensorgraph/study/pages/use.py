"""What modalities are worth and what is made of them: dominance, complementarity, learned weights, growth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sensorgraph.study.dominance import (
    complementarity,
    perceptual_scores,
    removed_shapley,
    retrained_shapley,
    utilisation,
)
from sensorgraph.study.found import Found
from sensorgraph.study.pages.markdown import NOT_MEASURED, counted, share, table
from sensorgraph.study.reconstruct import NUM_DIRECTIONS, Told


def dominance_section(found: Found, told: Told) -> str:
    """Perceptual scores, Shapley values, utilisation and the R2 matrix."""
    names, kinds = found.modalities, found.plan.kinds
    seeds, closer = found.seeds(), found.seeds(closer=True)
    perceptual = _rows(found, kinds, seeds, lambda kind, seed: perceptual_scores(found, found.whole(kind, seed)))
    removed = _rows(found, kinds, seeds, lambda kind, seed: removed_shapley(found, found.whole(kind, seed)))
    retrained = _rows(found, found.plan.closer, closer, lambda kind, seed: retrained_shapley(found, kind, seed))
    used = _rows(found, found.plan.closer, closer, lambda kind, seed: utilisation(found, kind, seed))
    return "\n\n".join(
        [
            "## Which modality dominates",
            "**Perceptual score**: share of the accuracy that is lost when a modality comes from another scene, drawn "
            "at random. It tells what a network looks at, not whether another modality would have done as well.",
            table(["row", *names], perceptual),
            "**Shapley values** of accuracy, exact over all subsets; a row adds up to the accuracy with all modalities "
            f"minus {share(found.chance)}. Modalities removed from a trained network:",
            table(["row", *names], removed),
            f"With a network trained for every subset ({counted(len(closer), 'seed')}):",
            table(["row", *names], retrained) if retrained else f"{NOT_MEASURED}.",
            "**Conditional utilisation rate**: the share of the accuracy that goes when a network is trained without "
            "the modality.",
            table(["row", *names], used) if used else f"{NOT_MEASURED}.",
            f"**R2**: how well a modality's {NUM_DIRECTIONS} strongest directions are told by others, in test scenes "
            "that are not swapped (kernel ridge regression, trained on training scenes). A modality that the others "
            "tell well is redundant.",
            _r2_table(found, told),
            "![How well modalities are told by others](r2.png)",
        ]
    )


def r2_matrix(modalities: Sequence[str], told: Told) -> tuple[np.ndarray, list[str]]:
    """R2 [M, M + 1 + M] of each modality from each other one, from all others, and from all others but one."""
    columns = [f"from {m}" for m in modalities] + ["from all others"] + [f"others but {m}" for m in modalities]
    out = np.full((len(modalities), len(columns)), np.nan)
    for (target, sources), value in told.items():
        row = list(modalities).index(target)
        others = [m for m in modalities if m != target]
        if len(sources) == len(others):
            out[row, len(modalities)] = value
        if len(sources) == 1:
            out[row, list(modalities).index(sources[0])] = value
        if len(sources) == len(others) - 1:
            left = next(m for m in others if m not in sources)
            out[row, len(modalities) + 1 + list(modalities).index(left)] = value
    return out, columns


def complementarity_section(found: Found) -> str:
    """P(B right | A wrong)."""
    values = complementarity(found)
    rows = [
        [f"{name} is wrong", *(share(float(v)) for v in row)]
        for name, row in zip(found.modalities, values, strict=True)
    ]
    for place, row in enumerate(rows):
        row[place + 1] = f"({row[place + 1]})"
    return "\n\n".join(
        [
            "## Do modalities complement each other",
            "Share of the scenes of which the modality of the row, alone, is wrong, that the modality of the column is "
            "right about; in brackets the accuracy of the modality itself.",
            table(["", *(f"{m} is right" for m in found.modalities)], rows),
        ]
    )


def learned_section(found: Found) -> str:
    """Scales, shares and weights of modalities, of every kind that has any."""
    explained = {
        "scale": "Learned **scales**: factor of all that a modality says (1 before training).",
        "share": "Mean **share** of a modality's voice that gates, attention or averages let through.",
        "weight": "Learned **weights** of the weighted average, mean over listeners and rounds.",
    }
    parts = ["## What was learned about modalities"]
    for name, words in explained.items():
        values = learned(found, name)
        if values:
            rows = [[kind, *(share(row[m]) for m in found.modalities)] for kind, row in values.items()]
            parts += [words, table(["row", *found.modalities], rows)]
    return "\n\n".join([*parts, "![Learned scales](weights.png)"])


def learned(found: Found, name: str) -> dict[str, dict[str, float]]:
    """Kind to modality to the mean over seeds of what was learned; kinds that have it."""
    out = {}
    for kind in found.plan.kinds:
        seeds = [found.results[found.whole(kind, seed)].learned.get(name) for seed in found.seeds()]
        kept = [one for one in seeds if one is not None]
        if kept:
            out[kind] = {m: float(np.mean([one[m] for one in kept])) for m in found.modalities}
    return out


def growth_section(growth: Mapping[str, Sequence[int]]) -> str:
    """Parameters of the whole network by the number of modalities."""
    most = max(len(row) for row in growth.values())
    rows = [[kind, *(f"{count:,}" for count in row)] for kind, row in growth.items()]
    return "\n\n".join(
        [
            "## Parameters by the number of modalities",
            "Of the whole network with the first one, two, ... modalities (encoders, fusion and head).",
            table(["row", *(str(number + 1) for number in range(most))], rows),
        ]
    )


def _rows(
    found: Found, kinds: Sequence[str], seeds: range, measure: Callable[[str, int], Mapping[str, float]]
) -> list[list[str]]:
    """One row per kind, with the mean over seeds for each modality."""
    out = []
    for kind in kinds:
        values = [measure(kind, seed) for seed in seeds]
        out.append([kind, *(share(float(np.mean([one[m] for one in values]))) for m in found.modalities)])
    return out


def _r2_table(found: Found, told: Told) -> str:
    values, columns = r2_matrix(found.modalities, told)
    rows = [[name, *(share(float(v)) for v in row)] for name, row in zip(found.modalities, values, strict=True)]
    return table(["modality", *columns], rows)
