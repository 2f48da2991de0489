"""A stream stands still."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption
from sensorgraph.graph.transforms.corruption.resummarise import resummarise
from sensorgraph.graph.transforms.corruption.stretch import stretch_of

_SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)


class Freeze(Corruption):
    """Through one block, every sample or frame repeats the first of the block; the level is the share of the stream.

    Where the first is missing, so is the block.
    """

    amounts: ClassVar[Amounts] = {modality: _SHARES for modality in ("sensor", "image", "audio", "video")}

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`."""
        stretch = stretch_of(store, amount, generator)
        source = torch.repeat_interleave(stretch.first, stretch.count)
        store["value"] = store["value"].index_copy(0, stretch.sample, store["value"][source])
        store["valid"] = store["valid"].index_copy(0, stretch.sample, store["valid"][source])
        resummarise(store, self.modality)
