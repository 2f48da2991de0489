"""Noise on samples and pixels."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption
from sensorgraph.graph.transforms.corruption.resummarise import resummarise
from sensorgraph.graph.transforms.draw import normal
from sensorgraph.graph.transforms.spans import per_sample


class Noise(Corruption):
    """Adds white noise: to sensors and sound in shares of each stream's own spread, to pictures in shares of white.

    Example:
        >>> from sensorgraph.graph.build import build_graph
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> graph = build_graph(run.scenes[0], run.schema, run.values)
        >>> worse = [Noise("audio", level)(graph)["audio"].summary[0, 0, 0] for level in (0, 3, 5)]
        >>> worse[0] == graph["audio"].summary[0, 0, 0], worse == sorted(worse)
        (tensor(True), True)
    """

    amounts: ClassVar[Amounts] = {
        "sensor": (0.1, 0.25, 0.5, 1.0, 2.0),
        "audio": (0.1, 0.25, 0.5, 1.0, 2.0),
        "image": (0.05, 0.1, 0.2, 0.3, 0.5),
        "video": (0.05, 0.1, 0.2, 0.3, 0.5),
    }

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`."""
        value, valid = store["value"], store["valid"]
        noise = normal(*value.shape, like=value, generator=generator)
        if self.modality in ("image", "video"):
            store["value"] = torch.where(valid[:, None, None, None], (value + amount * noise).clamp(0, 1), 0.0)
        else:
            parts = zip(value.split(store["length"].tolist()), valid.split(store["length"].tolist()), strict=True)
            spread = torch.stack([_spread(part[seen]) for part, seen in parts]).masked_fill(store["is_word"], 0)
            store["value"] = torch.where(valid, value + amount * per_sample(spread, store) * noise, 0.0)
        resummarise(store, self.modality)


def _spread(value: torch.Tensor) -> torch.Tensor:
    return value.std(correction=0) if len(value) else torch.tensor(0.0)
