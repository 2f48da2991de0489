"""Bilinear fusion: products of what two modalities say, and of what a stream knows and is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.meeting import Meeting, Told
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import Bend, Taken, Uptake
from sensorgraph.fusion.voices import Voices
from sensorgraph.graph.schema import NODE_TYPES


class Bilinear(Fusion):
    """Rounds of low-rank bilinear interaction, each followed by mixing along bins.

    An interaction that is a product, such as power from voltage and current, is one multiplication here, where a
    network of sums has to be taught it.

    Args:
        dim: token width.
        num_layers: rounds.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> Bilinear(dim=8)(scene.tokens, scene.links).tokens["audio"].shape
        torch.Size([1, 4, 8])

    Reference: Kim et al., "Hadamard product for low-rank bilinear pooling" (2017); pairs of many voices in linear time
        after Rendle, "Factorization machines" (2010).
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
        exchanges = [Exchange(dim, PairProducts(dim), AddProduct(dim, dropout)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)


class PairProducts(Meeting):
    r"""What modalities say, and the products of all pairs of it.

    .. math:: t = W_1 \sum_m c_m + W_2 \sum_{m \le n} c_m \odot c_n, \qquad c_m = p_m \tanh(V v_m + e_m)

    The sum over pairs is :math:`\frac12 ((\sum_m c_m)^2 + \sum_m c_m^2)`.

    Args:
        dim: token width.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.content = nn.Linear(dim, dim)
        self.modality = nn.Parameter(torch.randn(len(NODE_TYPES), 1, dim) * 0.1)
        self.out = nn.Linear(2 * dim, dim)

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        content = torch.tanh(self.content(voices.value) + self.modality) * voices.present[..., None]
        total = content.sum(1, keepdim=True)
        pairs = (total.square() + content.square().sum(1, keepdim=True)) / 2
        return Told(self.out(torch.cat([total, pairs], dim=-1)))


class AddProduct(Uptake):
    r"""Adds :math:`W((A z_i) \odot (B t_i)) + C t_i`, with ``t`` what the stream is told.

    Args:
        dim: token width.
        dropout: share of the products dropped in training.
    """

    def __init__(self, dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.bend = Bend(dim)
        self.own = nn.Linear(dim, 2 * dim)
        self.told = nn.Linear(dim, 2 * dim)
        self.out = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * dim, dim))
        self.plain = nn.Linear(dim, dim)

    def forward(self, value: Tensor, normed: Tensor, told: Tensor, who: Tensor) -> Taken:
        """Shapes: see `Uptake.forward`."""
        told = self.bend(told, who)
        return Taken(value + self.out(torch.tanh(self.own(normed)) * self.told(told)) + self.plain(told))
