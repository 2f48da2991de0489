"""A graph with some of its streams only."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch, HeteroData

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.graph.schema import LINK_TYPES, SCENE
from sensorgraph.graph.transforms.spans import begins_of, samples_in
from sensorgraph.typing import MODALITIES

_PER_SAMPLE = ("value", "valid", "bin", "time_s")


def keep_streams(data: HeteroData, modality: str, mask: Tensor) -> HeteroData:
    """The graph without the streams of a modality that ``mask`` leaves out.

    With a stream go its samples, summary, truth and links; types that are left without rows stay, as types. The
    result is what `build_graph` makes of the scene without those streams, but for one thing: candidate links of the
    words that stay are those that were found among all of them, and a search without the others may name more.

    Args:
        data: the graph of one scene; it is not changed.
        modality: of the streams.
        mask: [N] bool, True for streams that stay.

    Raises:
        DataError: a batch of several scenes, or a mask of another length.
        UnknownNameError: no such modality.
    """
    if modality not in MODALITIES:
        raise UnknownNameError(f"keep_streams: no modality '{modality}'; known: {', '.join(MODALITIES)}")
    refuse_batch(data)
    num_streams = data[modality].num_nodes
    if mask.dtype != torch.bool or mask.shape != (num_streams,):
        raise DataError(
            f"keep_streams: mask must be bool, one entry per {modality} stream; this scene has {num_streams} "
            f"(got {mask.dtype} {tuple(mask.shape)})"
        )
    out = _shallow(data)
    if bool(mask.all()):
        return out
    _keep_rows(out, modality, mask)
    _keep_links(out, modality, mask)
    out[SCENE].anomalous = torch.stack([out[m].cause.any(0) for m in MODALITIES]).any(0, keepdim=True)
    kept = mask.tolist()
    out.stream_id = {
        **data.stream_id,
        modality: [name for name, stays in zip(data.stream_id[modality], kept, strict=True) if stays],
    }
    return out


def refuse_batch(data: HeteroData) -> None:
    """Streams are removed from single scenes.

    Raises:
        DataError: ``data`` is a batch.
    """
    if isinstance(data, Batch):
        raise DataError("graph: streams are removed from single scenes; do it before batching (got a batch)")


def _shallow(data: HeteroData) -> HeteroData:
    """The same tensors in a new graph. Shared with nobody, unlike what ``copy.copy`` does to nested dictionaries."""
    out = HeteroData()
    for key, value in data._global_store.items():
        out[key] = value
    for kind in (*data.node_types, *data.edge_types):
        for key, value in data[kind].items():
            out[kind][key] = value
    return out


def _keep_rows(data: HeteroData, modality: str, mask: Tensor) -> None:
    store = data[modality]
    row = mask.nonzero().squeeze(1)
    sample = samples_in(begins_of(store.length)[row], store.length[row])
    for name, value in list(store.items()):
        if name != "num_nodes":
            store[name] = value[sample if name in _PER_SAMPLE else row]
    store.num_nodes = len(row)


def _keep_links(data: HeteroData, modality: str, mask: Tensor) -> None:
    new_row = mask.cumsum(0) - 1
    for link_type in LINK_TYPES:
        ends = (link_type[0] == modality, link_type[2] == modality)
        if not any(ends):
            continue
        store = data[link_type]
        edge = store.edge_index
        stays = torch.ones(edge.shape[1], dtype=torch.bool)
        for row, of_modality in zip(edge, ends, strict=True):
            if of_modality:
                stays = stays & mask[row]
        for name, value in list(store.items()):
            store[name] = value[:, stays] if name == "edge_index" else value[stays]
        store.edge_index = torch.stack(
            [new_row[row] if of_modality else row for row, of_modality in zip(store.edge_index, ends, strict=True)]
        )
