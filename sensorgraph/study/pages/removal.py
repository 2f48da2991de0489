"""What is left when a modality is missing: removed from a trained network, trained to bear it, or never there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorgraph.study.cell import AS_IS, Cell
from sensorgraph.study.conditions import keep, subsets
from sensorgraph.study.dominance import trained_on
from sensorgraph.study.found import Found
from sensorgraph.study.pages.markdown import NOT_MEASURED, between, counted, share, table
from sensorgraph.study.rows import MEAN_OF_PROBABILITIES, Verdict, right_of_mean


def removal_section(found: Found) -> str:
    """Every kind without each modality, and every subset for the kinds of the closer look."""
    without = [(m, rest_of(found, m)) for m in found.modalities]
    mean = [
        MEAN_OF_PROBABILITIES,
        share(mean_of(found, found.modalities)),
        *(share(mean_of(found, rest)) for _, rest in without),
    ]
    lines = [mean]
    for kind in found.plan.kinds:
        cells = [found.whole(kind, seed) for seed in found.seeds()]
        left = [found.mean_accuracy(cells, keep(rest)) for _, rest in without]
        lines.append([kind, share(found.mean_accuracy(cells)), *(share(value) for value in left)])
    parts = [
        "## A modality is missing",
        "Removed after training, from networks that were never trained to bear it: accuracy with all modalities, and "
        "without each. A removed modality has no node and no vote; nothing is put in its place.",
        table(["row", "all", *(f"without {m}" for m in found.modalities)], lines),
    ]
    if not found.plan.closer:
        return "\n\n".join([*parts, f"Networks that were trained to bear it: {NOT_MEASURED}."])
    parts.append(
        f"The same for every subset, beside networks that were trained with modality dropout ({found.plan.dropout:g}), "
        "and networks that were trained on that subset alone. The last column is the paired difference of the latter "
        f"two ({counted(len(found.seeds(closer=True)), 'seed')})."
    )
    parts += [_subsets_of(found, kind) for kind in found.plan.closer]
    return "\n\n".join(parts)


def rest_of(found: Found, modality: str) -> tuple[str, ...]:
    """All modalities but one."""
    return tuple(name for name in found.modalities if name != modality)


def mean_of(found: Found, part: Sequence[str]) -> float:
    """Accuracy of the mean of probabilities of some modalities."""
    by_seed = [right_of_mean(found, [found.alone(m, seed) for m in part]).mean() for seed in found.seeds()]
    return float(np.mean(by_seed))


def with_dropout(found: Found, kind: str) -> list[Cell]:
    """The cells of a kind that were trained with modality dropout."""
    seeds = found.seeds(closer=True)
    return [replace(found.whole(kind, seed), dropout=found.plan.dropout) for seed in seeds]


def trained_without(found: Found, kind: str, modality: str) -> list[Cell]:
    """The cells of a kind that never saw a modality."""
    return [trained_on(found, kind, rest_of(found, modality), seed) for seed in found.seeds(closer=True)]


def _subsets_of(found: Found, kind: str) -> str:
    seeds = found.seeds(closer=True)
    whole, dropout = [found.whole(kind, seed) for seed in seeds], with_dropout(found, kind)
    lines = []
    for part in [found.modalities, *reversed(subsets(found.modalities))]:
        condition = AS_IS if part == found.modalities else keep(part)
        retrained = whole if part == found.modalities else [trained_on(found, kind, part, seed) for seed in seeds]
        gap = found.difference(found.rights(dropout, condition), found.rights(retrained))
        lines.append(
            [
                ", ".join(part),
                share(mean_of(found, part)),
                share(found.mean_accuracy(whole, condition)),
                share(found.mean_accuracy(dropout, condition)),
                share(found.mean_accuracy(retrained)),
                f"{between(gap)} {Verdict(gap).words}",
            ]
        )
    header = [
        f"{kind}: what is left",
        MEAN_OF_PROBABILITIES,
        "removed",
        "with dropout",
        "trained on it",
        "dropout minus",
    ]
    return table(header, lines)
