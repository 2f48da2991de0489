"""Weighted average: how much each modality listens to each other one is a learned number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.late import AddLinear
from sensorgraph.fusion.meeting import Meeting, Told
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.voices import Voices
from sensorgraph.graph.schema import NODE_TYPES


class Weighted(Fusion):
    """Rounds of a weighted average of voices, each followed by mixing along bins.

    Weights depend on nothing but which modality listens to which, so one table per round says all: `weights`.

    Args:
        dim: token width.
        num_layers: rounds.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> Weighted(dim=8)(scene.tokens, scene.links).tokens["sensor"].shape
        torch.Size([3, 4, 8])
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
        exchanges = [Exchange(dim, Average(), AddLinear(dim)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)

    def weights(self) -> list[dict[str, dict[str, float]]]:
        """Per round, listener to speaker to weight, where all modalities are present; see `Average.weights`."""
        return [part.weights() for part in self.modules() if isinstance(part, Average)]


class Average(Meeting):
    r"""Average of present voices with learned weights.

    .. math:: t_r = \frac{\sum_m p_m\, e^{w_{rm}}\, v_m}{1 + \sum_m p_m\, e^{w_{rm}}}

    The 1 stands for somebody who says nothing, so that a voice that is alone is not taken for certain.

    Example:
        >>> from sensorgraph.fusion.voices import Voices
        >>> Average().weights()["audio"]["sensor"] == 1 / 7
        True
    """

    def __init__(self) -> None:
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(len(NODE_TYPES), len(NODE_TYPES)))

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        weight = self.logit.exp()[:, :, None] * voices.present[:, None].to(voices.value.dtype)
        share = weight / (1 + weight.sum(2, keepdim=True))
        return Told(torch.einsum("srml,smld->srld", share, voices.value))

    def weights(self) -> dict[str, dict[str, float]]:
        """Listener to speaker to weight, where all modalities are present; what is missing to 1 is nobody's."""
        weight = self.logit.detach().double().exp()
        share = weight / (1 + weight.sum(1, keepdim=True))
        return {r: dict(zip(NODE_TYPES, row, strict=True)) for r, row in zip(NODE_TYPES, share.tolist(), strict=True)}
