"""Another exposure, and a hidden corner, for images and videos."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform
from sensorgraph.graph.transforms.spans import per_sample

_MIDDLE_GREY = 0.5


class Brightness(BaseTransform):
    """Changes contrast (about middle grey) and brightness, alike in all frames of a stream; values stay in [0, 1].

    Args:
        max_change: largest change of brightness, and of the contrast factor from 1.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, max_change: float = 0.1, generator: Generator = None) -> None:
        if not 0 <= max_change < 1:
            raise ConfigError(f"brightness.max_change: must be at least 0 and below 1 (got {max_change})")
        self.max_change = max_change
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of images and videos."""
        for modality in ("image", "video"):
            store = data[modality]
            most, num_streams = self.max_change, len(store["length"])
            luck = uniform(2, num_streams, like=store["value"], generator=self.generator, low=-most, high=most)
            contrast, offset = (per_sample(part, store)[:, None, None, None] for part in luck)
            store["value"] = ((store["value"] - _MIDDLE_GREY) * (1 + contrast) + _MIDDLE_GREY + offset).clamp(0, 1)
        return data


class PictureCutout(BaseTransform):
    """Covers one rectangle with middle grey, at the same place in all frames of a stream.

    Args:
        side_share: height and width of the rectangle as a share of the picture's, 0 to 1.
        generator: of the random numbers; None takes torch's global one.

    Reference:
        DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.
    """

    def __init__(self, side_share: float = 0.3, generator: Generator = None) -> None:
        if not 0 <= side_share <= 1:
            raise ConfigError(f"picture_cutout.side_share: must be 0 to 1 (got {side_share})")
        self.side_share = side_share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of images and videos."""
        for modality in ("image", "video"):
            store = data[modality]
            height, width = store["value"].shape[-2:]
            luck = uniform(2, len(store["length"]), like=store["value"], generator=self.generator)
            covered = self._covered(luck[0], height)[:, :, None] & self._covered(luck[1], width)[:, None, :]
            store["value"] = store["value"].masked_fill(per_sample(covered, store)[:, None], _MIDDLE_GREY)
        return data

    def _covered(self, luck: Tensor, size: int) -> Tensor:
        """Which rows (or columns) each stream's rectangle covers: [N, size] bool."""
        count = int(size * self.side_share + 1e-6)
        first = (luck * (size - count + 1)).long().clamp(max=size - count)[:, None]
        place = torch.arange(size, device=luck.device)
        return (place >= first) & (place < first + count)
