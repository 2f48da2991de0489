"""One modality is weakened before anything is learned: does fusion adapt, or does it suffer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.evaluation import Interval
from sensorgraph.study.cell import ALONE, WEAKNESSES, Cell, Weakness
from sensorgraph.study.conditions import noise, short
from sensorgraph.study.damage import WEAK_LEVEL
from sensorgraph.study.dominance import perceptual_scores
from sensorgraph.study.found import Found
from sensorgraph.study.pages.markdown import NOT_MEASURED, between, counted, share, table
from sensorgraph.study.pages.removal import trained_without
from sensorgraph.study.rows import Verdict
from sensorgraph.study.weaken import LESS_DATA_SHARE, SHORT_BINS


@dataclass(frozen=True)
class Weakened:
    """A kind of fusion whose one modality is weak.

    Attributes:
        kind, modality, weakness: which.
        alone: accuracy of the weak modality alone.
        healthy: of the fusion with everything well.
        surprised: trained with everything well, asked with the weak modality; None where weakness is in training only.
        adapted: trained and asked with the weak modality.
        without: trained without it.
        gain: adapted minus without, paired.
        reliance: perceptual score of the modality, healthy and weak.
    """

    kind: str
    modality: str
    weakness: Weakness
    alone: float
    healthy: float
    surprised: float | None
    adapted: float
    without: float
    gain: Interval
    reliance: tuple[float, float]

    @property
    def words(self) -> str:
        """What became of the weak modality: it helps still, does nothing, or harms."""
        words = {"outperforms": "still helps", "falls behind": "harms"}
        return words.get(Verdict(self.gain).words, "no difference shown")


def weakened_of(found: Found) -> list[Weakened]:
    """All that were measured."""
    return [
        _one(found, kind, modality, weakness)
        for modality in found.plan.weakened
        for weakness in WEAKNESSES
        for kind in found.plan.closer
    ]


def imbalance_section(found: Found, weak: Sequence[Weakened]) -> str:
    """One table per modality."""
    if not weak:
        return f"## One modality is weak\n\nWeakened in training: {NOT_MEASURED}."
    parts = [
        "## One modality is weak",
        f"`less_data`: {1 - LESS_DATA_SHARE:.0%} of the training scenes lack the modality; `corrupted`: noise of level "
        f"{WEAK_LEVEL} in all scenes; `shortened`: only the first {counted(SHORT_BINS, 'bin')}, in all scenes. "
        "*surprised* was trained with everything well and asked with the weak modality; *adapted* was trained with "
        "it; *without* never saw it. *relies* is the perceptual score of the modality, well and weak. "
        f"{counted(len(found.seeds(closer=True)), 'seed')}.",
    ]
    header = [
        "",
        "fusion",
        "alone",
        "all well",
        "surprised",
        "adapted",
        "without",
        "adapted minus without",
        "",
        "relies",
    ]
    for modality in found.plan.weakened:
        rows = [
            [
                one.weakness,
                one.kind,
                share(one.alone),
                share(one.healthy),
                share(one.surprised),
                share(one.adapted),
                share(one.without),
                between(one.gain),
                one.words,
                f"{share(one.reliance[0])} to {share(one.reliance[1])}",
            ]
            for one in weak
            if one.modality == modality
        ]
        parts.append(table([f"{modality} is weak", *header[1:]], rows))
    return "\n\n".join(parts)


def _one(found: Found, kind: str, modality: str, weakness: Weakness) -> Weakened:
    seeds = found.seeds(closer=True)
    healthy = [found.whole(kind, seed) for seed in seeds]
    adapted = [replace(cell, weakness=weakness, weakened=modality) for cell in healthy]
    alone = [Cell(ALONE, (modality,), seed, weakness=weakness, weakened=modality) for seed in seeds]
    without = trained_without(found, kind, modality)
    condition = {"corrupted": noise(modality, WEAK_LEVEL), "shortened": short(modality)}.get(weakness)

    def relied(cells: Sequence[Cell]) -> float:
        return float(np.mean([perceptual_scores(found, cell)[modality] for cell in cells]))

    return Weakened(
        kind,
        modality,
        weakness,
        found.mean_accuracy(alone),
        found.mean_accuracy(healthy),
        None if condition is None else found.mean_accuracy(healthy, condition),
        found.mean_accuracy(adapted),
        found.mean_accuracy(without),
        found.difference(found.rights(adapted), found.rights(without)),
        (relied(healthy), relied(adapted)),
    )
