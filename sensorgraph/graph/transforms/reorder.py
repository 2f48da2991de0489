"""Windows of a stream in another order."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform
from sensorgraph.graph.transforms.spans import begins_of, samples_in


class Reorder(BaseTransform):
    """Cuts each stream into windows of about equal length and lays them out in a random order.

    What a stream looks like from near stays; what follows what does not. Time stamps and bins stay where they are, only
    the samples (with their validity) move.

    Args:
        num_windows: windows per stream; a shorter stream has as many as samples.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, num_windows: int = 4, generator: Generator = None) -> None:
        if num_windows < 1:
            raise ConfigError(f"reorder.num_windows: must be at least 1 (got {num_windows})")
        self.num_windows = num_windows
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` and ``valid`` of sensors and microphones."""
        for modality in ("sensor", "audio"):
            store = data[modality]
            length = store["length"]
            window = torch.arange(self.num_windows + 1, device=length.device)
            edge = length[:, None] * window // self.num_windows
            first, count = begins_of(length)[:, None] + edge[:, :-1], edge.diff(dim=1)
            order = uniform(*count.shape, like=store["value"], generator=self.generator).argsort(1)
            source = samples_in(first.gather(1, order).flatten(), count.gather(1, order).flatten())
            store["value"], store["valid"] = store["value"][source], store["valid"][source]
        return data
