"""What the network is trained for where scenes have classes: to tell them apart."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.errors import ConfigError
from sensorgraph.graph.schema import SCENE
from sensorgraph.heads import PooledTokens
from sensorgraph.losses import LossSum, WeightedSum
from sensorgraph.models.hiding import Hidden, nothing
from sensorgraph.models.scene_gnn import Encodings, SceneGNN
from sensorgraph.typing import MODALITIES

CLASS_TERMS: dict[str, float] = {"scene_class": 1.0, "own_class": 0.0}
"""Terms of the second and third stage where scenes have classes, with their default weights."""


class ClassObjective(nn.Module):
    """Cross-entropy of the class of each scene, and an auxiliary head for each modality.

    The auxiliary heads (term ``own_class``) read the class off the tokens of one modality, before any fusion: whoever
    could tell it alone is made to, so that a modality that learns fast does not silence the others. They are there
    where the term has a weight, and are thrown away after training. A scene graph carries its class as
    ``graph["scene"].class_number`` [1], -1 where nobody knows.

    Args:
        dim: token width.
        num_classes: classes.
        weights: term name to weight; names that are left out keep their default.

    Raises:
        ConfigError: a weight of a term that does not exist.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.fusion import KINDS
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> batch, plain = Batch.from_data_list(run.graphs()), run.model(dim=8)
        >>> model = SceneGNN(run.schema, plain.encoders, KINDS["concat"](8), 8, num_classes=3)
        >>> batch["scene"].class_number = torch.tensor([0, 2])
        >>> objective = ClassObjective(8, 3, {"own_class": 0.5})
        >>> loss = objective(model, batch, objective.hide(batch))
        >>> sorted(loss.raw), bool(loss.total.isfinite())
        (['own_class', 'scene_class'], True)
    """

    def __init__(self, dim: int, num_classes: int, weights: Mapping[str, float] | None = None) -> None:
        super().__init__()
        unknown = [name for name in weights or {} if name not in CLASS_TERMS]
        if unknown:
            raise ConfigError(f"classes.losses: no such term; known are {', '.join(CLASS_TERMS)} (got {unknown})")
        chosen = {**CLASS_TERMS, **(weights or {})}
        self.sum = WeightedSum(chosen)
        self.own = nn.ModuleDict({m: nn.Linear(dim, num_classes) for m in MODALITIES if chosen["own_class"]})

    @staticmethod
    def hide(graph: HeteroData, generator: torch.Generator | None = None) -> Hidden:
        """Nothing is hidden; modality dropout comes on top, where it is asked for."""
        return nothing(graph)

    def forward(self, model: SceneGNN, graph: HeteroData, hidden: Hidden) -> LossSum:
        """Loss of one batch with ``hidden`` hidden."""
        encodings = model.encode(graph)
        found = model.classify(graph, encodings, model.fuse(graph, encodings, hidden), hidden)
        truth = graph[SCENE].class_number
        terms = {"scene_class": _mean_over_known(found, truth), "own_class": self._own(model, graph, encodings)}
        return self.sum(terms, graph.scene_id)

    def _own(self, model: SceneGNN, graph: HeteroData, encodings: Encodings) -> Tensor:
        losses = []
        for modality in model.encoders:
            if modality in self.own and graph[modality].num_nodes:
                tokens, present = encodings.tokens[modality], encodings.present[modality]
                pooled = PooledTokens.of(tokens, present, graph[modality].batch, graph[SCENE].num_nodes)
                truth = torch.where(pooled.count > 0, graph[SCENE].class_number, -1)
                losses.append(_mean_over_known(self.own[modality](pooled.mean()).log_softmax(-1), truth))
        return torch.stack(losses).mean() if losses else model.hidden_token.sum() * 0


def _mean_over_known(log_probability: Tensor, truth: Tensor) -> Tensor:
    """Mean cross-entropy of the scenes whose class is known; a connected zero where there is none."""
    known = truth >= 0
    total = F.nll_loss(log_probability[known], truth[known], reduction="sum")
    return total / known.sum().clamp(min=1)
