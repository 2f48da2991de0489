"""Something stands before the camera."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption
from sensorgraph.graph.transforms.corruption.resummarise import resummarise
from sensorgraph.graph.transforms.draw import uniform
from sensorgraph.graph.transforms.spans import per_sample

_SIDES = (0.2, 0.35, 0.5, 0.7, 0.9)


class Occlusion(Corruption):
    """A black rectangle covers the same part of all frames; the level is its height and width as a share of theirs."""

    amounts: ClassVar[Amounts] = {"image": _SIDES, "video": _SIDES}

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`."""
        height, width = store["value"].shape[-2:]
        luck = uniform(2, len(store["length"]), like=store["value"], generator=generator)
        covered = _covered(luck[0], height, amount)[:, :, None] & _covered(luck[1], width, amount)[:, None, :]
        store["value"] = store["value"].masked_fill(per_sample(covered, store)[:, None], 0)
        resummarise(store, self.modality)


def _covered(luck: Tensor, size: int, share: float) -> Tensor:
    """Rows (or columns) that are covered, [N, size] bool; each share contains the smaller ones."""
    middle = (torch.arange(size) + 0.5) / size
    return (middle >= luck[:, None] * (1 - share)) & (middle < luck[:, None] + share * (1 - luck[:, None]))
