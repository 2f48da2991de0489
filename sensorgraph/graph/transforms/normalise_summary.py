"""Normalisation of summaries, as a transform."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.typing import MODALITIES

LINEAR_UP_TO = 5.0


class NormaliseSummary(BaseTransform):
    """Puts every summary feature into units of its own spread, and bends what is far out.

    Up to 5 spreads a value stays as it is; beyond, it grows with the logarithm, so that a gross fault stays larger
    than a small one without drowning everything else.

    Args:
        statistics: fitted on the training graphs.
    """

    def __init__(self, statistics: SummaryStatistics) -> None:
        self.statistics = statistics

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``summary`` of every modality; nothing is written in place."""
        for modality in MODALITIES:
            store = data[modality]
            if not store.num_nodes:
                continue
            entries = [
                self.statistics.affine_of(data.recording_id, modality, store, row) for row in range(store.num_nodes)
            ]
            shape = (store.num_nodes, store.summary.shape[2])
            centre = torch.from_numpy(np.stack([np.broadcast_to(entry[0], shape[1:]) for entry in entries]))
            scale = torch.from_numpy(np.stack([np.broadcast_to(entry[1], shape[1:]) for entry in entries]))
            normal = (store.summary - centre[:, None]) / scale[:, None]
            store.summary = torch.where(store.observed, bend(normal), 0.0)
        return data


def bend(value: torch.Tensor) -> torch.Tensor:
    """Linear up to 5, logarithmic beyond, continuous with its slope.

    Example:
        >>> [round(float(v), 2) for v in bend(torch.tensor([-3.0, 5.0, 100.0]))]
        [-3.0, 5.0, 19.98]
    """
    size = value.abs()
    bent = LINEAR_UP_TO * (1 + torch.log(size.clamp(min=LINEAR_UP_TO) / LINEAR_UP_TO))
    return torch.where(size > LINEAR_UP_TO, value.sign() * bent, value)
