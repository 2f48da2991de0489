"""The nodes of all types of a batch of scenes, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sensorgraph.fusion.base import Tokens
from sensorgraph.graph.schema import NODE_TYPES


@dataclass(frozen=True)
class Places:
    """Places of nodes in their scenes.

    Attributes:
        scene: [N] int64.
        place: [N] int64, number of the node within its scene.
        num_scenes, longest: scenes, and nodes of the largest.
    """

    scene: Tensor
    place: Tensor
    num_scenes: int
    longest: int


@dataclass(frozen=True)
class Streams:
    """Tokens of ``N`` nodes of all types together.

    Attributes:
        value: [N, L, D].
        present: [N, L] bool.
        who: [N, D].
        scene: [N] int64, the scene of each node.
        kind: [N] int64, its type as a place in ``NODE_TYPES``.
        num_scenes: scenes of the batch.
        begin: node type to where its rows begin; one type after the other.
        size: node type to its number of rows.
    """

    value: Tensor
    present: Tensor
    who: Tensor
    scene: Tensor
    kind: Tensor
    num_scenes: int
    begin: dict[str, int]
    size: dict[str, int]

    @classmethod
    def of(cls, tokens: Mapping[str, Tokens]) -> Streams:
        """Joins the types, in the order of the mapping.

        Example:
            >>> from sensorgraph.testing import fake_scene
            >>> streams = Streams.of(fake_scene({"sensor": 2, "audio": 1}).tokens)
            >>> streams.kind.tolist(), streams.by_type(streams.who)["audio"].shape
            ([0, 0, 2, 5], torch.Size([1, 8]))
        """
        entries = list(tokens.values())
        scene = torch.cat([entry.scene for entry in entries])
        size = {kind: len(entry.value) for kind, entry in tokens.items()}
        begin, total = {}, 0
        for kind, rows in size.items():
            begin[kind], total = total, total + rows
        number = torch.tensor([NODE_TYPES.index(kind) for kind in tokens], device=scene.device)
        return cls(
            torch.cat([entry.value for entry in entries]),
            torch.cat([entry.present for entry in entries]),
            torch.cat([entry.who for entry in entries]),
            scene,
            torch.repeat_interleave(number, torch.tensor(list(size.values()), device=scene.device)),
            int(scene.max()) + 1 if len(scene) else 0,
            begin,
            size,
        )

    def places(self) -> Places:
        """Where each node stands among the nodes of its scene."""
        count = torch.bincount(self.scene, minlength=self.num_scenes)
        order = torch.argsort(self.scene, stable=True)
        place = torch.empty_like(self.scene)
        begin = count.cumsum(0) - count
        place[order] = torch.arange(len(place), device=place.device) - begin[self.scene[order]]
        return Places(self.scene, place, self.num_scenes, int(count.max()) if self.num_scenes else 0)

    def by_type(self, rows: Tensor) -> dict[str, Tensor]:
        """Node type to its part of something that has one row per node."""
        return dict(zip(self.size, rows.split(list(self.size.values())), strict=True))
