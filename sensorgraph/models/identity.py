"""Who a stream is: what stays the same whatever it does."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.graph.schema import NODE_TYPES, SCENE, GraphSchema
from sensorgraph.typing import MODALITIES

_RATE_IS_NOMINAL = ("sensor", "audio")


class Identity(nn.Module):
    """One vector per node from its channel number, modality, rate and kind.

    A stream that the schema does not know by name is told apart by its profile, the mean of its visible tokens. In
    causal mode there is no profile, because a mean over the scene would carry later bins into earlier scores; nor is
    there a rate of lines and pictures, because that is counted over the whole scene.

    Args:
        schema: names the known channels.
        dim: width ``D``.
        causal: leave out what only the whole scene tells.

    Shapes: ``tokens[m]`` [N, L, D] and ``present[m]`` [N, L]; returns node type to [N, D].

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> batch, model = Batch.from_data_list(run.graphs()), run.model(dim=8)
        >>> seen = model.encode(batch)
        >>> Identity(run.schema, dim=8)(batch, seen.tokens, seen.present)["sensor"].shape
        torch.Size([30, 8])
    """

    def __init__(self, schema: GraphSchema, dim: int, causal: bool = False) -> None:
        super().__init__()
        self.channel = nn.Embedding(schema.num_channels, dim)
        self.kind = nn.ParameterDict({kind: nn.Parameter(torch.randn(dim) * 0.5) for kind in NODE_TYPES})
        self.facts = nn.Linear(2, dim)
        self.causal = causal
        self.profile = None if causal else nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)

    def forward(
        self, graph: HeteroData, tokens: Mapping[str, Tensor], present: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Who everybody is; see the class for shapes."""
        out: dict[str, Tensor] = {}
        for modality in MODALITIES:
            store = graph[modality]
            rate = torch.log10(store.rate_hz.clamp(min=1e-6)) / 4
            if self.causal and modality not in _RATE_IS_NOMINAL:
                rate = torch.zeros_like(rate)
            facts = torch.stack([rate, store.is_word.to(rate.dtype)], dim=-1)
            who = self.channel(store.channel) + self.kind[modality] + self.facts(facts)
            if self.profile is not None:
                seen = present[modality].to(who.dtype)[..., None]
                mean = (tokens[modality] * seen).sum(1) / seen.sum(1).clamp(min=1)
                who = who + self.profile(mean)
            out[modality] = self.norm(who)
        out[SCENE] = self.norm(self.kind[SCENE]).expand(graph[SCENE].num_nodes, -1)
        return out
