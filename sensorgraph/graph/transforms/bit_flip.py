"""Wrong bits in raw words."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform
from sensorgraph.graph.transforms.spans import begins_of

_NUM_BITS = 16


class BitFlip(BaseTransform):
    """Flips one bit of randomly drawn words, as a disturbed line does. Physical values stay as they are.

    Words are drawn with replacement from all streams of words together: the share holds on average.

    Args:
        share: share of the words that get a wrong bit, 0 to 1.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, share: float = 1e-3, generator: Generator = None) -> None:
        if not 0 <= share <= 1:
            raise ConfigError(f"bit_flip.share: must be 0 to 1 (got {share})")
        self.share = share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of sensors."""
        store = data["sensor"]
        value, length = store["value"], store["length"]
        words = torch.where(store["is_word"], length, 0)
        total = int(words.sum())
        luck = uniform(2, round(total * self.share), like=length, generator=self.generator).double()
        # A place among the words alone, then among all samples.
        among_words = (luck[0] * total).long().clamp(max=max(total - 1, 0))
        stream = torch.searchsorted(words.cumsum(0), among_words, right=True)
        sample = begins_of(length)[stream] + among_words - begins_of(words)[stream]
        sample_bit = (luck[1] * _NUM_BITS).long().clamp(max=_NUM_BITS - 1)
        flipped = value[sample].long() ^ (1 << sample_bit)
        store["value"] = value.index_put((sample,), torch.where(store["valid"][sample], flipped, 0).to(value.dtype))
        return data
