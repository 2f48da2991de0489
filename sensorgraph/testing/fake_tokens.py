"""Made-up tokens and links of single scenes, and how they are batched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sensorgraph.fusion.base import Links, Tokens
from sensorgraph.graph.schema import LINK_TYPES, NODE_TYPES, SCENE, LinkType


@dataclass(frozen=True)
class FusionInput:
    """What a fusion takes: node type to tokens, link type to links."""

    tokens: dict[str, Tokens]
    links: dict[LinkType, Links]


def fake_scene(
    num_nodes: Mapping[str, int], dim: int = 8, num_bins: int = 4, absent_share: float = 0.2, seed: int = 0
) -> FusionInput:
    """One scene with random tokens and links; every type of the schema is there, with zero rows where it has none.

    Args:
        num_nodes: streams per modality; types that are left out have none. There is always one scene node.
        dim: token width.
        num_bins: bins of the scene.
        absent_share: share of tokens that are absent.
        seed: of the random numbers.

    Example:
        >>> scene = fake_scene({"sensor": 3})
        >>> scene.tokens["sensor"].value.shape, scene.tokens["audio"].value.shape
        (torch.Size([3, 4, 8]), torch.Size([0, 4, 8]))
    """
    random = torch.Generator().manual_seed(seed)
    count = {kind: num_nodes.get(kind, 0) for kind in NODE_TYPES} | {SCENE: 1}
    tokens = {
        kind: Tokens(
            torch.randn(n, num_bins, dim, generator=random),
            torch.rand(n, num_bins, generator=random) >= (0.0 if kind == SCENE else absent_share),
            torch.randn(n, dim, generator=random),
            torch.zeros(n, dtype=torch.int64),
        )
        for kind, n in count.items()
    }
    links = {}
    for kind in LINK_TYPES:
        sender, _, receiver = kind
        both = torch.cartesian_prod(torch.arange(count[sender]), torch.arange(count[receiver])).reshape(-1, 2)
        kept = torch.rand(len(both), generator=random) < (1.0 if SCENE in (sender, receiver) else 0.6)
        if sender == receiver:
            kept &= both[:, 0] != both[:, 1]
        edge_index = both[kept].t().contiguous()
        links[kind] = Links(edge_index, torch.randn(edge_index.shape[1], generator=random), sender, receiver)
    return FusionInput(tokens, links)


def batched(scenes: Sequence[FusionInput]) -> FusionInput:
    """Several scenes as one batch, as PyG would collate them.

    Example:
        >>> batch = batched([fake_scene({"sensor": 3}), fake_scene({"sensor": 1})])
        >>> batch.tokens["sensor"].scene.tolist()
        [0, 0, 0, 1]
    """
    tokens, links = {}, {}
    begin: dict[str, Tensor] = {}
    for kind in scenes[0].tokens:
        parts = [scene.tokens[kind] for scene in scenes]
        size = torch.tensor([len(part.value) for part in parts])
        begin[kind] = size.cumsum(0) - size
        tokens[kind] = Tokens(
            torch.cat([part.value for part in parts]),
            torch.cat([part.present for part in parts]),
            torch.cat([part.who for part in parts]),
            torch.repeat_interleave(torch.arange(len(parts)), size),
        )
    for link_type in scenes[0].links:
        routes = [scene.links[link_type] for scene in scenes]
        sender, receiver = routes[0].sender, routes[0].receiver
        shift = torch.stack([begin[sender], begin[receiver]])
        edge_index = torch.cat([route.edge_index + shift[:, [k]] for k, route in enumerate(routes)], dim=1)
        links[link_type] = Links(edge_index, torch.cat([route.weight for route in routes]), sender, receiver)
    return FusionInput(tokens, links)
