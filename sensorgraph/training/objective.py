"""What the network is trained for once its streams are encoded: reconstruct what is hidden, read what is there."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.encoders.experts import ExpertsEncoder
from sensorgraph.graph.schema import CANDIDATE
from sensorgraph.losses import (
    BitmaskBCE,
    ChannelTypeLoss,
    CosineNorm,
    ExpertDiversity,
    LossSum,
    MaskedSpan,
    OverflowBCE,
    PairBCE,
    PairContrast,
    PairOrder,
    Reconstructed,
    WeightedSum,
)
from sensorgraph.models.hiding import Hidden, random_hiding
from sensorgraph.models.scene_gnn import Encodings, SceneGNN, State

FUSION_TERMS: dict[str, float] = {
    "reconstruction": 1.0,
    "channel_type": 0.5,
    "live_bits": 0.5,
    "flag_bits": 0.5,
    "pair": 0.5,
    "order": 0.25,
    "overflow": 1.0,
    "pair_contrast": 0.1,
    "expert_diversity": 0.05,
    "cosine_norm": 0.01,
}
"""Terms of the second and third stage, with their default weights."""


class FusionObjective(nn.Module):
    """All terms of fusion training on one batch; each term without truth in the batch is a connected zero.

    Args:
        weights: term name to weight; names that are left out keep their default.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.models.hiding import random_hiding
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> batch = Batch.from_data_list(run.graphs())
        >>> loss = FusionObjective({"overflow": 2.0})(run.model(dim=8), batch, random_hiding(batch))
        >>> bool(loss.total.isfinite()), "reconstruction" in loss.raw
        (True, True)
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        super().__init__()
        self.sum = WeightedSum({**FUSION_TERMS, **(weights or {})})
        # A little of the squared error keeps the mean learning where the variance would rather give up.
        self.reconstruction = MaskedSpan(beta=0.5)
        self.channel_type = ChannelTypeLoss()
        self.bitmask = BitmaskBCE()
        self.pair = PairBCE()
        self.order = PairOrder()
        self.overflow = OverflowBCE()
        self.pair_contrast = PairContrast()
        self.expert_diversity = ExpertDiversity()
        self.cosine_norm = CosineNorm()

    @staticmethod
    def hide(graph: HeteroData, generator: torch.Generator | None = None) -> Hidden:
        """What one look at a batch hides."""
        return random_hiding(graph, generator)

    def forward(self, model: SceneGNN, graph: HeteroData, hidden: Hidden) -> LossSum:
        """Loss of one batch with ``hidden`` hidden."""
        encodings = model.encode(graph)
        whole = model.fuse(graph, encodings)
        terms = self._structure(model, graph, encodings, whole)
        terms["reconstruction"] = self.reconstruction(reconstructed(model, graph, encodings, hidden))
        terms["expert_diversity"] = self._experts(model, whole)
        terms["cosine_norm"] = self.cosine_norm(torch.cat(list(whole.tokens.values())))
        return self.sum(terms, graph.scene_id)

    def _structure(self, model: SceneGNN, graph: HeteroData, encodings: Encodings, state: State) -> dict[str, Tensor]:
        reading = model.read(graph, encodings, state)
        truth, links = graph["sensor"], graph[CANDIDATE]
        vectors = state.tokens["sensor"].mean(1)
        return {
            "channel_type": self.channel_type(reading.channel_type, truth.channel_type),
            "live_bits": self.bitmask(reading.bits.live, truth.live_bits, truth.bits_known),
            "flag_bits": self.bitmask(reading.bits.flag, truth.flag_bits, truth.bits_known),
            "pair": self.pair(reading.pairs.is_pair, links.is_pair),
            "order": self.order(reading.pairs.order, links.swapped),
            "overflow": self.overflow(reading.overflow, links.overflow, links.is_pair == 1),
            "pair_contrast": self.pair_contrast(vectors, links.edge_index, links.is_pair),
        }

    def _experts(self, model: SceneGNN, state: State) -> Tensor:
        records = [
            module.gate_record
            for module in model.modules()
            if isinstance(module, ExpertsEncoder) and module.gate_record is not None and module.training
        ]
        zero = 0 * state.tokens["scene"].sum()
        if not records:
            return zero
        found = [self.expert_diversity(record.probability, record.present) + record.similarity for record in records]
        return torch.stack(found).mean() + zero


def reconstructed(model: SceneGNN, graph: HeteroData, encodings: Encodings, hidden: Hidden) -> dict[str, Reconstructed]:
    """What the model expects of the hidden bins of each modality, beside the truth."""
    found = model.reconstruct(model.fuse(graph, encodings, hidden))
    return {
        modality: Reconstructed(
            part.mean, part.log_variance, graph[modality].summary, graph[modality].observed, hidden[modality]
        )
        for modality, part in found.items()
    }
