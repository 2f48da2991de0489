"""Gated fusion: every element of every modality passes a gate that all modalities open together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.meeting import Meeting, Told
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import AddChange
from sensorgraph.fusion.voices import Voices
from sensorgraph.graph.schema import NODE_TYPES


class Gated(Fusion):
    """Rounds of a gated multimodal unit, each followed by mixing along bins.

    ``inside.modality_share`` holds the gates: which modality was let through, per element, scene and bin.

    Args:
        dim: token width.
        num_layers: rounds.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> gates = Gated(dim=8)(scene.tokens, scene.links).inside.modality_share
        >>> len(gates), gates[0].shape
        (2, torch.Size([1, 6, 4, 8]))

    Reference: Arevalo et al., "Gated multimodal units for information fusion" (2017), for more than two modalities.
    """

    def __init__(
        self,
        dim: int,
        num_layers: Annotated[int, Field(ge=1)] = 2,
        reach: Annotated[int, Field(ge=0)] = 2,
        causal: bool = False,
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    ) -> None:
        super().__init__(dim)
        exchanges = [Exchange(dim, GatedSum(dim), AddChange(dim, dropout)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)


class GatedSum(Meeting):
    r"""Sum of what modalities say, each element through a gate.

    .. math:: g_m = \sigma(W_m [v_1, p_1, \ldots, v_M, p_M]), \qquad
        t = \sum_m p_m\, g_m \odot \tanh(V v_m + e_m)

    Args:
        dim: token width.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        num_kinds = len(NODE_TYPES)
        self.gate = nn.Linear(num_kinds * (dim + 1), num_kinds * dim)
        self.content = nn.Linear(dim, dim)
        self.modality = nn.Parameter(torch.randn(num_kinds, 1, dim) * 0.1)

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        flag = voices.present[..., None].to(voices.value.dtype)
        side_by_side = torch.cat([voices.value, flag], dim=-1).transpose(1, 2).flatten(2)
        gate = torch.sigmoid(self.gate(side_by_side)).unflatten(-1, (len(NODE_TYPES), -1)).transpose(1, 2) * flag
        content = torch.tanh(self.content(voices.value) + self.modality)
        return Told((gate * content).sum(1, keepdim=True), gate)
