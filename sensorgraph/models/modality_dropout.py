"""Whole modalities that are hidden at random in training, so that one network serves every subset of them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch_geometric.data import HeteroData

from sensorgraph.models.hiding import Hidden
from sensorgraph.typing import MODALITIES


def drop_modalities(
    hidden: Hidden, graph: HeteroData, rates: Mapping[str, float], generator: torch.Generator | None = None
) -> Hidden:
    """Hides each modality of each scene with a probability of its own, beside what is hidden already.

    What is hidden is reconstructed from the rest, so a scene in which nothing would be left keeps all its modalities.

    Args:
        hidden: modality to [N, L] bool; it is not changed.
        graph: the batch of scenes.
        rates: modality to the probability that it is hidden; those left out are never.
        generator: of the random numbers; None takes torch's global one.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.models.hiding import nothing
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> batch = Batch.from_data_list(tiny_run(seeds=[0]).graphs())
        >>> hidden = drop_modalities(nothing(batch), batch, {"audio": 1.0, "text": 0.0})
        >>> bool(hidden["audio"].all()), bool(hidden["text"].any())
        (True, False)
    """
    num_scenes = graph["scene"].num_nodes
    # Drawn on the CPU, so that a seed drops the same on every device.
    rate = torch.tensor([rates.get(modality, 0.0) for modality in MODALITIES])
    drop = torch.rand(num_scenes, len(MODALITIES), generator=generator) < rate
    there = torch.stack([torch.bincount(graph[m].batch.cpu(), minlength=num_scenes) > 0 for m in MODALITIES], dim=1)
    drop &= (there & ~drop).any(1, keepdim=True)
    return {
        modality: hidden[modality] | drop[graph[modality].batch.cpu(), place].to(hidden[modality].device)[:, None]
        for place, modality in enumerate(MODALITIES)
    }
