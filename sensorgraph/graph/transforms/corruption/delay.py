"""A stream that comes late, as if its clock were wrong."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch_geometric.data.storage import NodeStorage

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption

_BINS = (1.0, 2.0, 3.0, 4.0, 6.0)


class Delay(Corruption):
    """Everything that a stream does is stamped later by whole bins; what leaves the scene is lost.

    The level is the delay in bins. The first bins hold nothing then, and the summary moves with the samples.

    Args:
        modality: whose streams are delayed.
        level: 0 to 5.
        seed: not used, since nothing is drawn.
        bin_s: length of a bin (s), by which time stamps move too.

    Raises:
        ConfigError: no such level or modality, or a bin without length.
    """

    amounts: ClassVar[Amounts] = {modality: _BINS for modality in ("sensor", "image", "audio", "text", "video")}

    def __init__(self, modality: str, level: int, seed: int = 0, bin_s: float = 0.5) -> None:
        super().__init__(modality, level, seed)
        if not bin_s > 0:
            raise ConfigError(f"delay.bin_s: must be greater than 0 (got {bin_s})")
        self.bin_s = bin_s

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`; nothing is drawn."""
        num_bins = store["summary"].shape[1]
        late = min(int(amount), num_bins)
        moves = ~store["is_word"]
        sample_moves = torch.repeat_interleave(moves, store["length"])
        bins = store["bin"]
        later = torch.where((bins >= 0) & (bins + late < num_bins), bins + late, -1).to(bins.dtype)
        store["bin"] = torch.where(sample_moves, later, bins)
        store["time_s"] = torch.where(sample_moves, store["time_s"] + late * self.bin_s, store["time_s"])
        for name in ("summary", "observed"):
            moved = torch.zeros_like(store[name])
            moved[:, late:] = store[name][:, : num_bins - late]
            store[name] = torch.where(moves[:, None, None], moved, store[name])
