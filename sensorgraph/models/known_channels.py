"""Streams that the schema knows by name, side by side in the same place in every scene."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.schema import GraphSchema


def known_rows(schema: GraphSchema, modality: str) -> tuple[Tensor, int]:
    """Which row each channel number has among the known channels of a modality, and how many rows there are.

    Row 0 stands for the unknown: it says nothing, and is told nothing.

    Shapes: [schema.num_channels] int64.
    """
    row = torch.zeros(schema.num_channels, dtype=torch.int64)
    known = [number for number, name in enumerate(schema.channels, 1) if name.startswith(f"{modality}:")]
    row[known] = torch.arange(1, len(known) + 1)
    return row, len(known)


def spread_out(
    owner: nn.Module, modality: str, store: NodeStorage, present: Tensor, scene: Tensor, num_scenes: int
) -> tuple[Tensor, Tensor]:
    """Summaries of the known streams side by side, and where they were observed.

    Args:
        owner: a module with the buffers ``row_<modality>`` (of `known_rows`) and ``centre_<modality>`` [P].
        modality: of the nodes.
        store: the nodes.
        present: [N, L] bool, where they have something to say.
        scene: [N] int64, their scenes.
        num_scenes: how many there are.

    Shapes: returns [S, L, P] float64, 0 where nothing was observed, and [S, L, P] bool.
    """
    row = owner.get_buffer(f"row_{modality}")[store.channel]
    known = row > 0
    num_bins, num_features = store.summary.shape[1:]
    num_rows = int(owner.get_buffer(f"centre_{modality}").numel()) // num_features
    value = store.summary.new_zeros(num_scenes, num_rows, num_bins, num_features, dtype=torch.float64)
    seen = torch.zeros(value.shape, dtype=torch.bool, device=value.device)
    place = (scene[known], row[known] - 1)
    value[place] = store.summary[known].double()
    seen[place] = store.observed[known] & present[known][..., None]
    return (value * seen).transpose(1, 2).flatten(2), seen.transpose(1, 2).flatten(2)
