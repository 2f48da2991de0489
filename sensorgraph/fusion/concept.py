"""Concept fusion: an abstract concept per scene, and streams that move between it and what is their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.meeting import Meeting, Told
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import Bend, Taken, Uptake
from sensorgraph.fusion.voices import Voices
from sensorgraph.graph.schema import NODE_TYPES, SCENE


class Concept(Fusion):
    r"""Rounds of making a concept and moving towards it, each followed by mixing along bins.

    With encoders :math:`z_m = E_m(x_m)` before and decoders :math:`\hat x_m = D_m(\cdot)` behind it, this is the
    autoencoder whose concept is :math:`z_c = F(z_1, \ldots, z_M)`. Here :math:`F` weighs the modalities element by
    element (`FindConcept`), and a stream that is decoded stands, in each element, somewhere between the concept and
    itself (`MoveToConcept`):

    .. math:: z_i \leftarrow \alpha_i \odot S(z_c; \mathrm{who}_i) + (1 - \alpha_i) \odot z_i

    A hidden stream has nothing of its own, so that it is decoded from the concept, :math:`\hat x_i = D(z_c)`; the loss
    is the reconstruction error summed over modalities, as everywhere in this package. ``inside.scene_score`` is the
    mean of :math:`\alpha` over streams, bins and elements of a scene: 1 where its streams live from what they share, 0
    where each lives from its own (and for a scene without streams).

    Args:
        dim: token width.
        num_layers: rounds.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import batched, fake_scene
        >>> scenes = batched([fake_scene({"sensor": 3, "audio": 1}, dim=8), fake_scene({"sensor": 2}, dim=8)])
        >>> inside = Concept(dim=8)(scenes.tokens, scenes.links).inside
        >>> inside.scene_score.shape, inside.stream_gate[0]["sensor"].shape, inside.modality_share[0].shape
        (torch.Size([2]), torch.Size([5, 4, 8]), torch.Size([2, 6, 4, 8]))

    Reference: Altinses and Schwung, "Multimodal synthetic dataset balancing" (2023), whose authors' concept-guided
        multimodal autoencoder this follows; that the move is a gate per element is our reading of "dynamically adjusts
        between shared and unique modality signals".
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
        exchanges = [Exchange(dim, FindConcept(dim), MoveToConcept(dim, dropout)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        fused = self.rounds(tokens, links)
        num_scenes = len(fused.inside.modality_share[0])
        total = count = fused.tokens[SCENE].new_zeros(num_scenes)
        for gates in fused.inside.stream_gate:
            for kind, gate in gates.items():
                if kind != SCENE:
                    mean = gate.mean((1, 2))
                    total = total.index_add(0, tokens[kind].scene, mean.to(total.dtype))
                    count = count.index_add(0, tokens[kind].scene, torch.ones_like(mean, dtype=count.dtype))
        return replace(fused, inside=replace(fused.inside, scene_score=total / count.clamp(min=1)))


class FindConcept(Meeting):
    r"""The concept as a mean of what modalities mean, weighted per element.

    .. math:: w_m = \frac{p_m e^{u_m}}{1 + \sum_n p_n e^{u_n}}, \quad u_m = U v_m + e_m, \qquad
        z_c = \sum_m w_m \odot V v_m

    Args:
        dim: token width.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.meaning = nn.Linear(dim, dim)
        self.weight = nn.Linear(dim, dim)
        self.modality = nn.Parameter(torch.zeros(len(NODE_TYPES), 1, dim))

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        logit = self.weight(voices.value) + self.modality
        logit = logit.masked_fill(~voices.present[..., None], -torch.inf)
        # The added zero is the 1 of the formula: nobody's share.
        share = torch.cat([torch.zeros_like(logit[:, :1]), logit], dim=1).softmax(1)[:, 1:]
        return Told((share * self.meaning(voices.value)).sum(1, keepdim=True), share)


class MoveToConcept(Uptake):
    r"""Between the concept and oneself, :math:`\alpha = \sigma(A [z_i, z_c])` per element.

    Args:
        dim: token width.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.bend = Bend(dim)
        self.shared = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim))
        self.alpha = nn.Linear(2 * dim, dim)

    def forward(self, value: Tensor, normed: Tensor, told: Tensor, who: Tensor) -> Taken:
        """Shapes: see `Uptake.forward`."""
        told = self.bend(told, who)
        alpha = torch.sigmoid(self.alpha(torch.cat([normed, told], dim=-1)))
        return Taken(value + alpha * (self.shared(told) - value), alpha)
