"""Random bins go missing."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform
from sensorgraph.graph.transforms.spans import hide, runs_of, samples_in


class Mask(BaseTransform):
    """Makes all samples of randomly chosen bins missing, each stream for itself.

    Of the ``K`` bins in which a stream has samples, ``floor(share * K)`` are chosen, so that a stream is never hidden
    as a whole.

    Args:
        share: share of the bins, from 0 to below 1.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, share: float = 0.15, generator: Generator = None) -> None:
        if not 0 <= share < 1:
            raise ConfigError(f"mask.share: must be at least 0 and below 1 (got {share})")
        self.share = share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` and ``valid`` of sensors and microphones."""
        for modality in ("sensor", "audio"):
            store = data[modality]
            if not len(store["value"]):
                continue
            runs = runs_of(store)
            inside = runs.bin >= 0
            num_streams, num_bins = store["summary"].shape[:2]
            luck = uniform(num_streams, num_bins, like=store["value"], generator=self.generator)
            held = torch.zeros(num_streams, num_bins, dtype=torch.bool, device=luck.device)
            held[runs.stream[inside], runs.bin[inside]] = True
            rank = luck.masked_fill(~held, 2.0).argsort(1).argsort(1)
            # The small term: 0.3 * 10 is 3 bins, although the product of the floats is just below.
            chosen = rank < (held.sum(1, keepdim=True) * self.share + 1e-6).floor()
            gone = inside & chosen[runs.stream, runs.bin]
            hide(store, samples_in(runs.begin[gone], runs.count[gone]))
        return data
