"""Summaries of samples that have changed since the graph was built."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.summary import summarise_audio, summarise_pictures, summarise_sensor


def resummarise(store: NodeStorage, modality: str) -> None:
    """Replace ``summary`` and ``observed`` of physical sensors, microphones or cameras by those of their samples.

    Example:
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> from sensorgraph.graph.build import build_graph
        >>> graph = build_graph(run.scenes[0], run.schema, run.values)
        >>> before = graph["audio"].summary
        >>> resummarise(graph["audio"], "audio")
        >>> torch.equal(before, graph["audio"].summary)
        True
    """
    num_bins, sizes = store["summary"].shape[1], store["length"].tolist()
    summary, observed = store["summary"].clone(), store["observed"].clone()
    parts = zip(*(store[name].split(sizes) for name in ("value", "valid", "bin")), strict=True)
    for row, (value, valid, bins) in enumerate(parts):
        if store["is_word"][row]:
            continue
        found, seen = _summary(modality, value.numpy(), valid.numpy(), bins.numpy().astype(np.int64), num_bins)
        summary[row], observed[row] = torch.from_numpy(found), torch.from_numpy(seen)
    store["summary"], store["observed"] = summary, observed


def _summary(
    modality: str, value: np.ndarray, valid: np.ndarray, bins: np.ndarray, num_bins: int
) -> tuple[np.ndarray, np.ndarray]:
    if modality == "sensor":
        return summarise_sensor(value, valid, bins, num_bins)
    if modality == "audio":
        return summarise_audio(value, valid, bins, num_bins)
    frames = np.moveaxis(value, 1, -1)[valid]
    return summarise_pictures(frames, bins[valid], num_bins, motion=modality == "video")
