"""What every corruption promises."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.keep import refuse_batch

LEVELS = (0, 1, 2, 3, 4, 5)
"""0 leaves a graph as it is, 5 is the worst."""

Amounts = Mapping[str, tuple[float, float, float, float, float]]
"""Modality to what the levels 1 to 5 mean."""


class Corruption(BaseTransform, ABC):
    """Damages the streams of one modality; the graph that goes in stays as it was.

    Raw words of sensors are left alone, because the evidence on candidate pairs was found in them when the graph was
    built, and would still be that of the undamaged words.

    Args:
        modality: whose streams are damaged.
        level: 0 (nothing) to 5; what that means is in ``amounts``.
        seed: of what is drawn; the same seed damages a scene in the same places at every level.

    Raises:
        ConfigError: no such level, or a modality that cannot suffer so.
    """

    amounts: ClassVar[Amounts]
    """What the levels mean; the class says in which unit."""

    def __init__(self, modality: str, level: int, seed: int = 0) -> None:
        name = type(self).__name__.lower()
        problems = []
        if modality not in self.amounts:
            known = ", ".join(self.amounts)
            problems.append(f"{name}.modality: no such damage to '{modality}'; choose from {known}")
        if level not in LEVELS:
            problems.append(f"{name}.level: must be one of {', '.join(map(str, LEVELS))} (got {level})")
        if problems:
            raise ConfigError(problems)
        self.modality = modality
        self.level = level
        self.seed = seed

    def forward(self, data: HeteroData) -> HeteroData:
        """New ``value``, ``valid``, ``bin``, ``summary`` and ``observed`` of the modality, as far as they change.

        Raises:
            DataError: ``data`` is a batch.
        """
        refuse_batch(data)
        store = data[self.modality]
        if self.level and len(store["length"]):
            place = f"{self.seed}:{data.scene_id}:{self.modality}:{type(self).__name__}"
            generator = torch.Generator().manual_seed(zlib.crc32(place.encode()))
            self.damage(store, self.amounts[self.modality][self.level - 1], generator)
        return data

    @abstractmethod
    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """Put new tensors into the store; nothing is written in place.

        What is drawn must not depend on ``amount``, so that levels contain each other.
        """
