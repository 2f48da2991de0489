"""A scene without some of its modalities."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.keep import keep_streams
from sensorgraph.typing import MODALITIES


class DropModality(BaseTransform):
    """Removes all streams of some modalities, as if they had never been recorded (see `keep_streams`).

    Args:
        modalities: one or more of sensor, image, audio, text, video.

    Raises:
        ConfigError: no such modality.

    Example:
        >>> import numpy as np
        >>> from sensorgraph.graph.build import build_graph
        >>> from sensorgraph.graph.schema import GraphSchema
        >>> from sensorgraph.graph.statistics import ValueStatistics
        >>> from sensorgraph.scenes import Audio, Scene, Sensor
        >>> streams = (Sensor("oil", 10.0, np.ones(20, np.float32)), Audio("hum", 1e3, np.zeros(2000, np.float32)))
        >>> graph = build_graph(Scene("s", "r", 0.0, 2.0, streams), GraphSchema(2.0, 4), ValueStatistics())
        >>> DropModality(["audio"])(graph).stream_id["audio"], graph.stream_id["audio"]
        ([], ['hum'])
    """

    def __init__(self, modalities: Sequence[str]) -> None:
        self.modalities = (modalities,) if isinstance(modalities, str) else tuple(modalities)
        unknown = [name for name in self.modalities if name not in MODALITIES]
        if unknown:
            raise ConfigError(
                f"drop_modality.modalities: no modality '{unknown[0]}'; known: {', '.join(MODALITIES)} (got {unknown})"
            )

    def forward(self, data: HeteroData) -> HeteroData:
        """A new graph; ``data`` is not changed."""
        for modality in self.modalities:
            data = keep_streams(data, modality, torch.zeros(data[modality].num_nodes, dtype=torch.bool))
        return data
