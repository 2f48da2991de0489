"""Damage of one modality in five steps, on the summaries that networks see."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from sensorgraph.graph.transforms.corruption import LEVELS, Corruption, Noise, TokenLoss

NOISE_LEVELS = LEVELS[1:]
WEAK_LEVEL = 4
"""At which level a modality is corrupted to learn from."""

NOISE_OF: dict[str, type[Corruption]] = {
    "sensor": Noise,
    "image": Noise,
    "audio": Noise,
    "text": TokenLoss,
    "video": Noise,
}
"""What noise is to each modality: of text, tokens go missing."""


def damaged(rows: dict[str, Tensor], modality: str, level: int, scene_id: str) -> tuple[Tensor, Tensor]:
    """Summary and what is observed of it, of a modality's damaged streams.

    Args:
        rows: the node attributes of the modality, as `sensorgraph.graph.nodes.Rows.tensors` gives them.
        modality: which.
        level: 1 to 5.
        scene_id: draws the damage, together with the modality.

    Shapes: returns [N, L, F] and [N, L, F] bool.
    """
    data = HeteroData()
    for name, tensor in rows.items():
        data[modality][name] = tensor
    data.scene_id = scene_id
    store = NOISE_OF[modality](modality, level)(data)[modality]
    return store["summary"].to(torch.float32), store["observed"]
