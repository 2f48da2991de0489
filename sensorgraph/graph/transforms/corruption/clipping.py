"""A sensor, a microphone or a camera that is driven beyond its range."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption
from sensorgraph.graph.transforms.corruption.resummarise import resummarise

_KEPT = (0.8, 0.6, 0.4, 0.2, 0.05)
_GAIN = (1.25, 1.5, 2.0, 3.0, 5.0)


class Clipping(Corruption):
    """Limits how far samples may lie from the stream's median, or overexposes pictures.

    The level is, for sensors and sound, the share of the largest distance from the median that is left; for pictures,
    the gain before they are cut off at white.
    """

    amounts: ClassVar[Amounts] = {"sensor": _KEPT, "audio": _KEPT, "image": _GAIN, "video": _GAIN}

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`; nothing is drawn."""
        if self.modality in ("image", "video"):
            store["value"] = (store["value"] * amount).clamp(max=1)
        else:
            sizes = store["length"].tolist()
            parts = zip(
                store["value"].split(sizes), store["valid"].split(sizes), store["is_word"].tolist(), strict=True
            )
            clipped = [value if is_word else _clipped(value, valid, amount) for value, valid, is_word in parts]
            store["value"] = torch.cat(clipped)
        resummarise(store, self.modality)


def _clipped(value: Tensor, valid: Tensor, share: float) -> Tensor:
    if not valid.any():
        return value
    middle = value[valid].median()
    reach = share * (value[valid] - middle).abs().max()
    return torch.where(valid, value.clamp(middle - reach, middle + reach), value)
