"""What a user can read while training goes on: how often the heads are right on the validation scenes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from sensorgraph.graph.schema import CANDIDATE, SCENE
from sensorgraph.models.scene_gnn import SceneGNN


@dataclass(frozen=True)
class Share:
    """How many of those that could be judged were right."""

    num_right: int
    num_judged: int


def validation_figures(model: SceneGNN, graph: HeteroData) -> dict[str, Share]:
    """Shares by name: ``type_accuracy``, ``pair_accuracy``, ``order_accuracy``, ``overflow_accuracy``.

    Pairs are judged among the candidates; order and roll-overs on true pairs. What a batch has no truth for is not in
    the result.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> found = validation_figures(run.model(dim=8), Batch.from_data_list(run.graphs()))
        >>> found["type_accuracy"].num_judged
        8
    """
    with torch.no_grad():
        encodings = model.encode(graph)
        reading = model.read(graph, encodings, model.fuse(graph, encodings))
    sensors, links = graph["sensor"], graph[CANDIDATE]
    is_pair = links.is_pair == 1
    right = {
        "type_accuracy": (reading.channel_type.argmax(-1) == sensors.channel_type)[sensors.channel_type >= 0],
        "pair_accuracy": ((reading.pairs.is_pair > 0) == is_pair)[links.is_pair >= 0],
        "order_accuracy": (reading.pairs.order.argmax(-1) == links.swapped)[is_pair & (links.swapped >= 0)],
        "overflow_accuracy": _right_overflow(reading.overflow, links.overflow, is_pair),
    }
    return {name: Share(int(found.sum()), len(found)) for name, found in right.items() if len(found)}


def class_accuracy(model: SceneGNN, graph: HeteroData) -> Share:
    """How many scenes of known class were given the right one."""
    with torch.no_grad():
        encodings = model.encode(graph)
        found = model.classify(graph, encodings, model.fuse(graph, encodings)).argmax(-1)
    truth = graph[SCENE].class_number
    return Share(int((found == truth)[truth >= 0].sum()), int((truth >= 0).sum()))


def _right_overflow(logit: Tensor, truth: Tensor, is_pair: Tensor) -> Tensor:
    known = is_pair[:, None] & (truth >= 0)
    return ((logit > 0) == (truth > 0.5))[known]
