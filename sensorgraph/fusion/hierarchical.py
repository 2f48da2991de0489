"""Hierarchical fusion: streams to modalities, modalities to the scene, and down again."""

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


class Hierarchical(Fusion):
    """Rounds of going up and down the levels of a scene, each followed by mixing along bins.

    A stream is told what its own modality makes of the whole scene; a modality of which nothing is visible is told
    what the scene makes of it.

    Args:
        dim: token width.
        num_layers: rounds.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> fused = Hierarchical(dim=8)(scene.tokens, scene.links)
        >>> fused.tokens["audio"].shape, fused.inside.modality_share[0].shape
        (torch.Size([1, 4, 8]), torch.Size([1, 6, 4, 1]))

    Reference: Yang et al., "Hierarchical attention networks for document classification" (2016), for the levels.
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
        exchanges = [Exchange(dim, Levels(dim, dropout), AddChange(dim, dropout)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)


class Levels(Meeting):
    r"""Modalities sum up, the scene weighs them, and answers each.

    .. math:: u_m = \mathrm{MLP}(v_m + e_m), \quad s = \sum_m \frac{p_m e^{a \cdot u_m}}
        {1 + \sum_n p_n e^{a \cdot u_n}} u_m, \quad t_m = W\,\mathrm{GELU}(V [s, p_m u_m, p_m] + f_m)

    Args:
        dim: token width.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.up_from = nn.Parameter(torch.randn(len(NODE_TYPES), 1, dim) * 0.1)
        self.up = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim))
        self.weight = nn.Linear(dim, 1)
        self.down_to = nn.Parameter(torch.randn(len(NODE_TYPES), 1, 2 * dim) * 0.1)
        self.down = nn.Sequential(nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim))
        self.enter = nn.Linear(2 * dim + 1, 2 * dim)

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        flag = voices.present[..., None]
        modality = self.up(voices.value + self.up_from) * flag
        logit = self.weight(modality).masked_fill(~flag, -torch.inf)
        # The added zero is the 1 of the formula: nobody's share.
        share = torch.cat([torch.zeros_like(logit[:, :1]), logit], dim=1).softmax(1)[:, 1:]
        scene = (share * modality).sum(1, keepdim=True).expand_as(modality)
        entered = self.enter(torch.cat([scene, modality, flag.to(modality.dtype)], dim=-1))
        return Told(self.down(entered + self.down_to), share)
