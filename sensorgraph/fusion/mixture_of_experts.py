"""Mixture of experts: what a stream makes of what it is told is the work of several experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.joined import Joined
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import Bend, Taken, Uptake


class MixtureOfExperts(Fusion):
    """Rounds of concatenated voices taken up by gated experts, each followed by mixing along bins.

    ``inside.stream_gate`` holds how much each stream leans on each expert in each bin.

    Args:
        dim: token width.
        num_layers: rounds.
        num_experts: experts that share the work.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> gate = MixtureOfExperts(dim=8, num_experts=2)(scene.tokens, scene.links).inside.stream_gate[0]["sensor"]
        >>> gate.shape, bool(torch.allclose(gate.sum(-1), torch.ones(3, 4)))
        (torch.Size([3, 4, 2]), True)

    Reference: Jacobs et al., "Adaptive mixtures of local experts" (1991); Han et al., "FuseMoE: mixture-of-experts
        transformers for fleximodal fusion" (2024), but soft: a hard choice among near-equals would flip on rounding,
        and a scene would differ with its batch.
    """

    def __init__(
        self,
        dim: int,
        num_layers: Annotated[int, Field(ge=1)] = 2,
        num_experts: Annotated[int, Field(ge=2)] = 4,
        reach: Annotated[int, Field(ge=0)] = 2,
        causal: bool = False,
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    ) -> None:
        super().__init__(dim)
        exchanges = [Exchange(dim, Joined(dim, dropout), Experts(dim, num_experts, dropout)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)


class Experts(Uptake):
    r"""Adds the gated sum of what ``K`` experts make of a stream's token beside what it is told.

    .. math:: z_i \leftarrow z_i + \sum_k g_{ik}\, W_k\, \mathrm{GELU}(V_k [z_i, t_i]), \qquad
        g_i = \mathrm{softmax}(G [z_i, t_i])

    All experts together are as wide as the one network of the other kinds, so that more of them cost no more.

    Args:
        dim: token width.
        num_experts: ``K``.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, num_experts: int, dropout: float = 0.0) -> None:
        super().__init__()
        width = -(-2 * dim // num_experts)
        self.num_experts = num_experts
        self.bend = Bend(dim)
        self.gate = nn.Linear(2 * dim, num_experts)
        self.first = nn.Sequential(nn.Linear(2 * dim, num_experts * width), nn.GELU(), nn.Dropout(dropout))
        self.second = nn.Linear(num_experts * width, dim)

    def forward(self, value: Tensor, normed: Tensor, told: Tensor, who: Tensor) -> Taken:
        """Shapes: see `Uptake.forward`."""
        given = torch.cat([normed, self.bend(told, who)], dim=-1)
        gate = self.gate(given).softmax(-1)
        work = self.first(given).unflatten(-1, (self.num_experts, -1)) * gate[..., None]
        return Taken(value + self.second(work.flatten(-2)), gate)
