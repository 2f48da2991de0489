"""Which modality does a network live from? Four measures, each with its own blind spot."""

from __future__ import annotations

import numpy as np

from sensorgraph.study.cell import AS_IS, Cell
from sensorgraph.study.conditions import NUM_PERMUTATIONS, keep, permuted, subsets
from sensorgraph.study.found import Found
from sensorgraph.study.shapley import shapley_values


def perceptual_scores(found: Found, cell: Cell) -> dict[str, float]:
    """Share of the accuracy that is lost when a modality comes from another scene.

    A modality that the network does not look at scores 0. It sees use, not worth: what another modality could replace
    counts all the same.

    Reference: Gat, Schwartz and Schwing, "Perceptual score: what data modalities does your model perceive?" (2021).
    """
    whole = found.accuracy(cell)
    out = {}
    for modality in cell.modalities:
        left = np.mean([found.accuracy(cell, permuted(modality, number)) for number in range(NUM_PERMUTATIONS)])
        out[modality] = (whole - float(left)) / whole if whole > 0 else 0.0
    return out


def removed_shapley(found: Found, cell: Cell) -> dict[str, float]:
    """Exact Shapley values of accuracy, with modalities removed from a trained network."""
    worth = {frozenset(part): found.accuracy(cell, keep(part)) for part in subsets(cell.modalities)}
    worth |= {frozenset(): found.chance, frozenset(cell.modalities): found.accuracy(cell)}
    return shapley_values(cell.modalities, worth)


def retrained_shapley(found: Found, kind: str, seed: int) -> dict[str, float]:
    """Exact Shapley values of accuracy, with a network trained for every subset."""
    parts = [*subsets(found.modalities), found.modalities]
    worth = {frozenset(part): found.accuracy(trained_on(found, kind, part, seed)) for part in parts}
    return shapley_values(found.modalities, worth | {frozenset(): found.chance})


def utilisation(found: Found, kind: str, seed: int) -> dict[str, float]:
    r"""Conditional utilisation rate: :math:`(A(\text{all}) - A(\text{all but } m)) / A(\text{all})`, retrained.

    Reference: Wu, Jastrzebski, Cho and Geras, "Characterizing and overcoming the greedy nature of learning in
        multi-modal deep neural networks" (2022), with all other modalities for the other one.
    """
    whole = found.accuracy(found.whole(kind, seed))
    out = {}
    for modality in found.modalities:
        rest = tuple(name for name in found.modalities if name != modality)
        out[modality] = (whole - found.accuracy(trained_on(found, kind, rest, seed))) / whole
    return out


def trained_on(found: Found, kind: str, part: tuple[str, ...], seed: int) -> Cell:
    """The cell that was trained on a subset."""
    return found.alone(part[0], seed) if len(part) == 1 else Cell(kind, part, seed)


def complementarity(found: Found) -> np.ndarray:
    """How often another modality helps out: [A, B] with P(B right | A wrong), on the test scenes, over all seeds.

    The diagonal is the share of scenes that A alone is right about.
    """
    right = np.stack([[found.right(found.alone(m, s), AS_IS) for s in found.seeds()] for m in found.modalities])
    size = len(found.modalities)
    out = np.zeros((size, size))
    for a in range(size):
        wrong = ~right[a]
        for b in range(size):
            chosen = right[b][wrong]
            out[a, b] = right[a].mean() if a == b else chosen.mean() if chosen.size else np.nan
    return out
