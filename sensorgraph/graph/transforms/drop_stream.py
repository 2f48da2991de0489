"""A scene without some of its streams."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.graph.transforms.keep import keep_streams, refuse_batch
from sensorgraph.typing import MODALITIES


class DropStream(BaseTransform):
    """Removes streams by name, as if they had never been recorded (see `keep_streams`).

    A scene that has no stream of a name stays as it is: recordings differ in what they hold.

    Args:
        stream_ids: what to remove.

    Example:
        >>> import numpy as np
        >>> from sensorgraph.graph.build import build_graph
        >>> from sensorgraph.graph.schema import GraphSchema
        >>> from sensorgraph.graph.statistics import ValueStatistics
        >>> from sensorgraph.scenes import Scene, Sensor
        >>> streams = tuple(Sensor(name, 10.0, np.ones(20, np.float32)) for name in ("oil", "water"))
        >>> graph = build_graph(Scene("s", "r", 0.0, 2.0, streams), GraphSchema(2.0, 4), ValueStatistics())
        >>> DropStream(["oil"])(graph).stream_id["sensor"]
        ['water']
    """

    def __init__(self, stream_ids: Sequence[str]) -> None:
        self.stream_ids = frozenset([stream_ids] if isinstance(stream_ids, str) else stream_ids)

    def forward(self, data: HeteroData) -> HeteroData:
        """A new graph; ``data`` is not changed."""
        refuse_batch(data)
        for modality in MODALITIES:
            names = data.stream_id[modality]
            if not self.stream_ids.isdisjoint(names):
                mask = torch.tensor([name not in self.stream_ids for name in names])
                data = keep_streams(data, modality, mask)
        return data
