"""Carrying messages along links: by a sparse matrix, or by full ones where small scenes are trained on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_LEAST_ATTENTION = 1e-6
_DENSE_UP_TO = 160
"""Nodes per scene up to which training takes a full matrix per scene: its gradient is cheaper than a sparse one's."""


@dataclass(frozen=True)
class Route:
    """Links of a batch of scenes, and where each node stands in its scene.

    Attributes:
        sender, receiver: [E] int64 node numbers.
        scene: [M] int64, the scene of each node.
        place: [M] int64, number of the node within its scene.
        num_scenes, longest: scenes, and nodes of the largest.
        way: [E] int64, which of the W ways each link takes; links between the same two nodes share one.
        origin: [W] int64, the sender of each way; ways are sorted by receiver.
        begin: [M + 1] int64, where the ways into each node begin.
    """

    sender: Tensor
    receiver: Tensor
    scene: Tensor
    place: Tensor
    num_scenes: int
    longest: int
    way: Tensor
    origin: Tensor
    begin: Tensor

    @classmethod
    def of(cls, sender: Tensor, receiver: Tensor, scene: Tensor) -> Route:
        """From links and the scene of every node, in any order of nodes."""
        num_scenes = int(scene.max()) + 1 if len(scene) else 0
        count = torch.bincount(scene, minlength=num_scenes)
        order = torch.argsort(scene, stable=True)
        begin = count.cumsum(0) - count
        place = torch.empty_like(scene)
        place[order] = torch.arange(len(scene), device=scene.device) - begin[scene[order]]
        num_nodes = len(scene)
        key, way = torch.unique(receiver * num_nodes + sender, return_inverse=True)
        num_into = torch.bincount(key // max(num_nodes, 1), minlength=num_nodes)
        begin = nn.functional.pad(num_into.cumsum(0), (1, 0))
        longest = int(count.max()) if num_scenes else 0
        return cls(sender, receiver, scene, place, num_scenes, longest, way, key % max(num_nodes, 1), begin)


def carry(value: Tensor, present: Tensor, attention: Tensor, route: Route) -> Tensor:
    """Mean of what the present senders say, weighted by attention; zero where none is present.

    Shapes: ``value`` [M, L, H, d], ``present`` [M, L] bool, ``attention`` [E, H]; returns [M, L, H, d].
    """
    weight = present.to(value.dtype)
    said = value * weight[:, :, None, None]
    if torch.is_grad_enabled() and route.longest <= _DENSE_UP_TO:
        return _dense(said, weight, attention, route)
    return _sparse(said, weight, attention, route)


def _sparse(said: Tensor, weight: Tensor, attention: Tensor, route: Route) -> Tensor:
    """One product with a sparse matrix in which the heads are blocks along the diagonal."""
    num_nodes, num_bins, num_heads, width = said.shape
    num_ways = len(route.origin)
    head = torch.arange(num_heads, device=said.device)[:, None]
    begin = torch.cat([(route.begin[:-1] + num_ways * head).flatten(), route.begin[-1:] * num_heads])
    origin = (route.origin + num_nodes * head).flatten()
    # Sparse products know no half precision.
    precision, said, weight = said.dtype, said.float(), weight.float()
    share = said.new_zeros(num_ways, num_heads).index_add(0, route.way, attention.float()).T.flatten()
    with warnings.catch_warnings():
        # torch calls all of its CSR support beta, once per process.
        warnings.filterwarnings("ignore", "Sparse CSR tensor support", UserWarning)
        matrix = torch.sparse_csr_tensor(begin, origin, share, (num_heads * num_nodes,) * 2, check_invariants=False)
    # The last column of each bin carries whether there was anything to hear.
    spoken = torch.cat([said, weight[:, :, None, None].expand(-1, -1, num_heads, 1)], dim=-1)
    with torch.autocast(said.device.type, enabled=False):
        heard = matrix @ spoken.permute(2, 0, 1, 3).reshape(num_heads * num_nodes, num_bins * (width + 1))
    total = heard.view(num_heads, num_nodes, num_bins, width + 1).permute(1, 2, 0, 3)
    return (total[..., :-1] / total[..., -1:].clamp(min=_LEAST_ATTENTION)).to(precision)


def _dense(said: Tensor, weight: Tensor, attention: Tensor, route: Route) -> Tensor:
    _, num_bins, num_heads, width = said.shape
    size, row = route.longest, route.scene * route.longest + route.place
    matrix = said.new_zeros(route.num_scenes * size * size, num_heads)
    # Two nodes may be linked in several ways; their attentions add up.
    matrix = matrix.index_add(0, row[route.receiver] * size + route.place[route.sender], attention.to(said.dtype))
    matrix = matrix.view(route.num_scenes, size, size, num_heads).permute(0, 3, 1, 2)

    def by_scene(flat: Tensor) -> Tensor:
        return flat.new_zeros(route.num_scenes * size, flat.shape[1]).index_copy(0, row, flat)

    spoken = by_scene(said.transpose(1, 2).flatten(1))
    spoken = spoken.view(route.num_scenes, size, num_heads, num_bins * width).transpose(1, 2)
    heard = matrix @ by_scene(weight).view(route.num_scenes, 1, size, num_bins)
    total = (matrix @ spoken).view(route.num_scenes, num_heads, size, num_bins, width)
    mean = total / heard.clamp(min=_LEAST_ATTENTION)[..., None]
    return mean.permute(0, 2, 3, 1, 4).reshape(route.num_scenes * size, num_bins, num_heads, width)[row]
