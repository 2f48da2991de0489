"""Ways to weaken one modality before anything is learned, on purpose."""

from __future__ import annotations

import zlib

import torch

from sensorgraph.study.cell import Cell
from sensorgraph.study.damage import WEAK_LEVEL
from sensorgraph.study.inputs import Inputs
from sensorgraph.study.scenes import Part

LESS_DATA_SHARE = 0.25
"""Share of the training scenes that still have the modality."""
SHORT_BINS = 1
"""Bins at the beginning of each scene that are left."""


def weakened(part: Part, cell: Cell, is_train: bool) -> Inputs:
    """The scenes of a split as the cell sees them.

    ``less_data``: most training scenes lack the modality; ``corrupted``: it is noisy, everywhere; ``shortened``: only
    its beginning is left of each scene, everywhere.
    """
    given, modality = part.inputs.keep(cell.modalities), cell.weakened
    if cell.weakness == "corrupted":
        worse = part.noisy[WEAK_LEVEL]
        return given.replaced(modality, worse.value[modality], worse.present[modality])
    if cell.weakness == "shortened":
        return given.shortened(modality, SHORT_BINS)
    if cell.weakness == "less_data" and is_train:
        random = torch.Generator().manual_seed(zlib.crc32(f"{modality} {cell.seed}".encode()))
        return given.lacking({modality: torch.rand(given.num_scenes, generator=random) >= LESS_DATA_SHARE})
    return given
