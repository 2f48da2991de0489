"""Carrying messages along links: dense where scenes are small, sparse where they are large."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_LEAST_ATTENTION = 1e-6
_DENSE_UP_TO = 160
"""Nodes per scene up to which a full matrix per scene beats gathering and scattering along links."""


@dataclass(frozen=True)
class Route:
    """Links of a batch of scenes, and where each node stands in its scene.

    Attributes:
        sender, receiver: [E] int64 node numbers.
        scene: [M] int64, the scene of each node.
        place: [M] int64, number of the node within its scene.
        num_scenes, longest: scenes, and nodes of the largest.
    """

    sender: Tensor
    receiver: Tensor
    scene: Tensor
    place: Tensor
    num_scenes: int
    longest: int

    @classmethod
    def of(cls, sender: Tensor, receiver: Tensor, scene: Tensor) -> Route:
        """From links and the scene of every node, in any order of nodes."""
        num_scenes = int(scene.max()) + 1 if len(scene) else 0
        count = torch.bincount(scene, minlength=num_scenes)
        order = torch.argsort(scene, stable=True)
        begin = count.cumsum(0) - count
        place = torch.empty_like(scene)
        place[order] = torch.arange(len(scene), device=scene.device) - begin[scene[order]]
        return cls(sender, receiver, scene, place, num_scenes, int(count.max()) if num_scenes else 0)


def carry(value: Tensor, present: Tensor, attention: Tensor, route: Route) -> Tensor:
    """Mean of what the present senders say, weighted by attention; zero where none is present.

    Shapes: ``value`` [M, L, H, d], ``present`` [M, L] bool, ``attention`` [E, H]; returns [M, L, H, d].
    """
    weight = present.to(value.dtype)
    said = value * weight[:, :, None, None]
    if route.longest <= _DENSE_UP_TO:
        return _dense(said, weight, attention, route)
    return _sparse(said, weight, attention, route)


def _sparse(said: Tensor, weight: Tensor, attention: Tensor, route: Route) -> Tensor:
    message = said[route.sender] * attention[:, None, :, None]
    total = torch.zeros_like(said).index_add_(0, route.receiver, message)
    share = weight[route.sender][:, :, None] * attention[:, None]
    heard = share.new_zeros(*said.shape[:3]).index_add_(0, route.receiver, share)
    return total / heard.clamp(min=_LEAST_ATTENTION)[..., None]


def _dense(said: Tensor, weight: Tensor, attention: Tensor, route: Route) -> Tensor:
    _, num_bins, num_heads, width = said.shape
    size, row = route.longest, route.scene * route.longest + route.place
    matrix = said.new_zeros(route.num_scenes * size * size, num_heads)
    # Two nodes may be linked in several ways; their attentions add up.
    matrix = matrix.index_add(0, row[route.receiver] * size + route.place[route.sender], attention)
    matrix = matrix.view(route.num_scenes, size, size, num_heads).permute(0, 3, 1, 2)

    def by_scene(flat: Tensor) -> Tensor:
        return flat.new_zeros(route.num_scenes * size, flat.shape[1]).index_copy(0, row, flat)

    spoken = by_scene(said.transpose(1, 2).flatten(1))
    spoken = spoken.view(route.num_scenes, size, num_heads, num_bins * width).transpose(1, 2)
    heard = matrix @ by_scene(weight).view(route.num_scenes, 1, size, num_bins)
    total = (matrix @ spoken).view(route.num_scenes, num_heads, size, num_bins, width)
    mean = total / heard.clamp(min=_LEAST_ATTENTION)[..., None]
    return mean.permute(0, 2, 3, 1, 4).reshape(route.num_scenes * size, num_bins, num_heads, width)[row]
