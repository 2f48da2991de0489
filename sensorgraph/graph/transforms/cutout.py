"""One stretch of each stream goes missing."""

from __future__ import annotations

from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform
from sensorgraph.graph.transforms.spans import begins_of, hide, samples_in


class Cutout(BaseTransform):
    """Makes one stretch of neighbouring samples missing, at another place in each stream.

    Args:
        share: length of the stretch as a share of the stream's samples, from 0 to below 1.
        generator: of the random numbers; None takes torch's global one.

    Reference:
        DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.
    """

    def __init__(self, share: float = 0.1, generator: Generator = None) -> None:
        if not 0 <= share < 1:
            raise ConfigError(f"cutout.share: must be at least 0 and below 1 (got {share})")
        self.share = share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` and ``valid`` of sensors and microphones."""
        for modality in ("sensor", "audio"):
            store = data[modality]
            length = store["length"]
            count = (length.double() * self.share + 1e-6).floor().long()
            luck = uniform(len(length), like=length, generator=self.generator)
            first = (luck.double() * (length - count + 1)).long().minimum(length - count)
            hide(store, samples_in(begins_of(length) + first, count))
        return data
