"""Encode once, train many times: with frozen encoders the tokens of a scene never change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch_geometric.data import Dataset, HeteroData
from torch_geometric.loader import DataLoader

from sensorgraph.graph.dataset import GraphList
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.typing import MODALITIES

_RAW = ("value", "valid", "bin", "time_s")


def encode_all(
    model: SceneGNN,
    dataset: Dataset,
    progress: Callable[[Iterable[HeteroData]], Iterator[HeteroData]] = iter,
) -> GraphList:
    """The scenes of a data set with ``token`` [N, L, D] and ``token_present`` [N, L] in place of their raw series.

    A scene then takes some 100 kB instead of megabytes, so that a whole training split stays in memory.

    Example:
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> scene = encode_all(run.model(dim=8), GraphList(run.graphs()))[0]
        >>> scene["audio"].token.shape, "value" in scene["audio"]
        (torch.Size([1, 4, 8]), False)
    """
    was_training = model.training
    model.eval()
    out = []
    with torch.no_grad():
        for graph in progress(DataLoader(dataset, batch_size=1)):
            encodings = model.encode(graph)
            single = graph.get_example(0)
            for modality in MODALITIES:
                store = single[modality]
                store.token = encodings.tokens[modality]
                store.token_present = encodings.present[modality]
                for name in _RAW:
                    del store[name]
            out.append(single)
    model.train(was_training)
    return GraphList(out)
