"""Which streams should listen to which: the learned part of the adjacency."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.utils import to_dense_batch

from sensorgraph.fusion.base import Links
from sensorgraph.graph.schema import CANDIDATE, LINK_TYPES, RELATES, LinkType

_SAME_WITHIN = 1e-4
_MOST_STREAMS = 1 << 20


class LearnedLinks(nn.Module):
    r"""A weight for every link from who its ends are, and the top-k links between sensors.

    .. math:: w_{rs} = q(\mathrm{who}_r) \cdot k(\mathrm{who}_s) / \sqrt{d} + b_{\mathrm{type}}

    Sensors listen to the ``top_k`` sensors of their scene with the largest weight, never to themselves.

    Args:
        dim: width of the identity vectors.
        num_evidence: features per candidate link.
        top_k: links into each sensor.
        width: width ``d`` in which ends are compared.
        causal: candidate pairs carry no messages, because they are found from the words of the whole scene, and
            would carry later bins into earlier scores.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.graph.schema import NODE_TYPES
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> batch = Batch.from_data_list(tiny_run(seeds=[0]).graphs())
        >>> who = {kind: torch.randn(batch[kind].num_nodes, 8) for kind in NODE_TYPES}
        >>> links = LearnedLinks(dim=8, num_evidence=batch[CANDIDATE].edge_attr.shape[1], top_k=2)(batch, who)
        >>> batch["sensor"].num_nodes, links[RELATES].edge_index.shape
        (30, torch.Size([2, 60]))

    Reference: after Deng and Hooi, "Graph neural network-based anomaly detection in multivariate time series" (2021).
    """

    def __init__(self, dim: int, num_evidence: int, top_k: int = 8, width: int = 32, causal: bool = False) -> None:
        super().__init__()
        self.top_k = top_k
        self.query = nn.Linear(dim, width)
        self.key = nn.Linear(dim, width)
        self.bias = nn.Parameter(torch.zeros(len(LINK_TYPES)))
        self.evidence = None if causal else nn.Linear(num_evidence, 1)

    def forward(
        self, graph: HeteroData, who: Mapping[str, Tensor], is_open: Tensor | None = None
    ) -> dict[LinkType, Links]:
        """Links of every type, with weights.

        Candidate pairs are found from all words of both ends, so where a bin of either is hidden they would tell of it:
        such pairs are left out.

        Shapes: ``who[kind]`` [N, D]; ``is_open`` [N] bool, sensors of which nothing is hidden (None: all); see `Links`.
        """
        query = {kind: self.query(value) / self.query.out_features**0.5 for kind, value in who.items()}
        key = {kind: self.key(value) for kind, value in who.items()}
        out: dict[LinkType, Links] = {}
        for number, link_type in enumerate(LINK_TYPES):
            sender, _, receiver = link_type
            edge_index = graph[link_type].edge_index
            if link_type == RELATES:
                edge_index = self._strongest(query["sensor"], key["sensor"], graph["sensor"].batch)
            elif link_type == CANDIDATE and self.evidence is None:
                edge_index = edge_index[:, :0]
            kept = None
            if link_type == CANDIDATE and self.evidence is not None and is_open is not None:
                kept = is_open[edge_index].all(0)
                edge_index = edge_index[:, kept]
            weight = (key[sender][edge_index[0]] * query[receiver][edge_index[1]]).sum(-1) + self.bias[number]
            if link_type == CANDIDATE and self.evidence is not None:
                evidence = graph[CANDIDATE].edge_attr if kept is None else graph[CANDIDATE].edge_attr[kept]
                weight = weight + self.evidence(evidence).squeeze(-1)
            out[link_type] = Links(edge_index, weight, sender, receiver)
        return out

    def _strongest(self, query: Tensor, key: Tensor, scene: Tensor) -> Tensor:
        """The top-k senders of each sensor within its scene: [2, E], sorted by receiver."""
        if not len(scene):
            return torch.zeros(2, 0, dtype=torch.int64, device=scene.device)
        with torch.no_grad():
            dense_query, is_node = to_dense_batch(query, scene)
            dense_key, _ = to_dense_batch(key, scene)
            number = torch.full(is_node.shape, -1, device=scene.device)
            number[is_node] = torch.arange(len(scene), device=scene.device)
            affinity = (dense_query @ dense_key.transpose(1, 2)).double()
            # Streams that look alike have one weight but for rounding, which differs from batch to batch: among them
            # the first ones in their scene are taken.
            place = torch.arange(affinity.shape[2], device=scene.device)
            affinity = torch.round(affinity / _SAME_WITHIN) * _MOST_STREAMS - place
            affinity = affinity.masked_fill(~is_node[:, None, :], -torch.inf)
            itself = torch.eye(affinity.shape[1], dtype=torch.bool, device=scene.device)
            affinity = affinity.masked_fill(itself, -torch.inf)
            best = affinity.topk(min(self.top_k, affinity.shape[1]), dim=-1)
            sender = number.gather(1, best.indices.flatten(1)).view(best.indices.shape)
            receiver = number[..., None].expand_as(sender)
            kept = torch.isfinite(best.values) & (receiver >= 0)
            return torch.stack([sender[kept], receiver[kept]])
