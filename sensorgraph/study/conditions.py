"""What is done to test scenes after training: modalities removed, made noisy, exchanged between scenes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import torch

from sensorgraph.study.damage import NOISE_LEVELS
from sensorgraph.study.inputs import Inputs
from sensorgraph.study.scenes import Part
from sensorgraph.study.weaken import SHORT_BINS

NUM_PERMUTATIONS = 2


def keep(modalities: Sequence[str]) -> str:
    """Name of the condition that only these modalities are left."""
    return "keep " + "+".join(modalities)


def noise(modality: str, level: int) -> str:
    """Name of the condition that a modality is noisy."""
    return f"noise {modality} {level}"


def short(modality: str) -> str:
    """Name of the condition that of a modality only the beginning of each scene is left."""
    return f"short {modality}"


def permuted(modality: str, number: int) -> str:
    """Name of the condition that a modality comes from another scene, drawn at random."""
    return f"permuted {modality} {number}"


def subsets(modalities: Sequence[str]) -> list[tuple[str, ...]]:
    """All subsets but the empty one and the whole, in the order of ``modalities``.

    Example:
        >>> subsets(("sensor", "audio", "text"))[:4]
        [('sensor',), ('audio',), ('text',), ('sensor', 'audio')]
    """
    return [part for size in range(1, len(modalities)) for part in combinations(modalities, size)]


def permutations_of(test: Inputs, modalities: Sequence[str]) -> Iterator[tuple[str, Inputs]]:
    """Scenes in which one modality was exchanged at random between scenes: condition and scenes."""
    for place, modality in enumerate(modalities):
        for number in range(NUM_PERMUTATIONS):
            random = torch.Generator().manual_seed(1000 * place + number)
            yield permuted(modality, number), test.permuted(modality, torch.randperm(test.num_scenes, generator=random))


def damages_of(test: Part, modalities: Sequence[str]) -> Iterator[tuple[str, Inputs]]:
    """Scenes with modalities removed, cut short or noisy: condition and scenes."""
    given = test.inputs.keep(modalities)
    for part in subsets(modalities):
        yield keep(part), given.keep(part)
    for modality in modalities:
        yield short(modality), given.shortened(modality, SHORT_BINS)
        for level in NOISE_LEVELS:
            worse = test.noisy[level]
            yield noise(modality, level), given.replaced(modality, worse.value[modality], worse.present[modality])
