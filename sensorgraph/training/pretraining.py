"""First stage: encoders learn by themselves, from two views of the same streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.encoders import Encoded
from sensorgraph.graph.ragged import Ragged
from sensorgraph.losses import CPC, LossSum, MaskedBits, NTXent, WeightedSum
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.training.own_summary import OwnSummary
from sensorgraph.typing import MODALITIES

PRETRAIN_TERMS: dict[str, float] = {"contrast": 1.0, "cpc": 0.5, "masked_bits": 0.5, "own_summary": 0.0}
"""Terms of the first stage, with their default weights."""


class PretrainObjective(nn.Module):
    """Contrast of two augmented views, prediction of later tokens, masked bits of words, and an auxiliary head.

    The auxiliary head of each modality (`OwnSummary`) is there where ``own_summary`` has a weight.

    Args:
        dim: token width.
        augment: makes a view of a batch of graphs, without changing it.
        weights: term name to weight; names that are left out keep their default.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.graph.transforms import Jitter
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> loss = PretrainObjective(8, Jitter(0.1))(run.model(dim=8), Batch.from_data_list(run.graphs()))
        >>> sorted(loss.raw)
        ['contrast', 'cpc', 'masked_bits', 'own_summary']
    """

    def __init__(
        self, dim: int, augment: Callable[[HeteroData], HeteroData], weights: Mapping[str, float] | None = None
    ) -> None:
        super().__init__()
        self.augment = augment
        chosen = {**PRETRAIN_TERMS, **(weights or {})}
        self.sum = WeightedSum(chosen)
        self.contrast = NTXent()
        self.cpc = nn.ModuleDict({modality: CPC(dim) for modality in MODALITIES})
        self.bits = nn.Linear(dim, 16)
        self.masked_bits = MaskedBits()
        self.own_summary = OwnSummary(dim) if chosen["own_summary"] else None

    def forward(self, model: SceneGNN, graph: HeteroData) -> LossSum:
        """Loss of one batch."""
        first, second = self.augment(graph), self.augment(graph)
        contrast: list[Tensor] = []
        predict: list[Tensor] = []
        own: list[Tensor] = []
        bits = 0 * self.bits.weight.sum() + 0 * self.bits.bias.sum()
        for modality in model.encoders:
            if not graph[modality].num_nodes:
                continue
            one, two = _encode(model, modality, first), _encode(model, modality, second)
            if len(one.vectors) > 1:
                contrast.append(self.contrast(one.vectors, two.vectors, _stream_number(graph, modality)))
            predict.append(self.cpc[modality](one.tokens, one.mask))
            if self.own_summary is not None:
                own.append(self.own_summary(modality, one.tokens, one.mask, graph[modality]))
            if modality == "sensor":
                bits = bits + self._bits(graph, one.tokens, one.mask)
        zero = 0 * sum(parameter.sum() for parameter in self.cpc.parameters())
        terms = {
            "contrast": torch.stack(contrast).mean() if contrast else zero,
            "cpc": torch.stack(predict).mean() + zero if predict else zero,
            "masked_bits": bits,
            "own_summary": torch.stack(own).mean() if own else 0 * bits,
        }
        return self.sum(terms, graph.scene_id)

    def _bits(self, graph: HeteroData, tokens: Tensor, mask: Tensor) -> Tensor:
        """How busy each bit is in a bin, told from the two bins beside it alone."""
        store = graph["sensor"]
        toggles = store.toggle_rate
        beside = torch.nn.functional.pad(tokens, (0, 0, 1, 1))
        logits = self.bits(beside[:, :-2] + beside[:, 2:])
        return self.masked_bits(logits, toggles.clamp(0, 1), mask & store.is_word[:, None])


def _encode(model: SceneGNN, modality: str, graph: HeteroData) -> Encoded:
    streams = Ragged.of_store(graph[modality])
    encoder = model.encoders[modality]
    return encoder(streams, graph[modality].is_word) if modality == "sensor" else encoder(streams)


def _stream_number(graph: HeteroData, modality: str) -> Tensor:
    """Streams that share a name are one stream, seen in two scenes; the unnamed are each their own."""
    store = graph[modality]
    own = torch.arange(len(store.channel), device=store.channel.device) + int(store.channel.max()) + 1
    return torch.where(store.channel > 0, store.channel, own)
