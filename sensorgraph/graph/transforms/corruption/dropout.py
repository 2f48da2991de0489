"""A stretch of a stream is lost."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption
from sensorgraph.graph.transforms.corruption.resummarise import resummarise
from sensorgraph.graph.transforms.corruption.stretch import stretch_of
from sensorgraph.graph.transforms.draw import uniform
from sensorgraph.graph.transforms.spans import hide, per_sample

_BLOCK_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


class Dropout(Corruption):
    """One block of samples or frames goes missing, at another place in each stream; of logs, a block of whole bins.

    The level is the share of the stream. Missing is missing: the samples are not valid, and their bins not observed.
    """

    amounts: ClassVar[Amounts] = {modality: _BLOCK_SHARES for modality in ("sensor", "image", "audio", "text", "video")}

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`."""
        if self.modality != "text":
            hide(store, stretch_of(store, amount, generator).sample)
            resummarise(store, self.modality)
            return
        num_streams, num_bins = store["observed"].shape[:2]
        luck = uniform(num_streams, like=store["summary"], generator=generator)[:, None]
        # From u (1 - share) to u + share (1 - u), in bins: each level contains the one below.
        middle = (torch.arange(num_bins) + 0.5) / num_bins
        lost = (middle >= luck * (1 - amount)) & (middle < luck + amount * (1 - luck))
        store["observed"] = store["observed"] & ~lost[..., None]
        store["summary"] = store["summary"].masked_fill(lost[..., None], 0)
        row = per_sample(torch.arange(num_streams), store)
        bins = store["bin"].long()
        hide(store, (lost[row, bins.clamp(min=0)] & (bins >= 0)).nonzero().squeeze(1))
