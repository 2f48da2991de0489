"""What a stream makes of what it is told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Taken:
    """Tokens after a stream has listened, and its gates if it has any: [N, L, D] and [N, L, K] (0..1)."""

    value: Tensor
    gate: Tensor | None = None


class Uptake(nn.Module, ABC):
    """How streams change by what they are told. Hidden streams know nothing else."""

    @abstractmethod
    def forward(self, value: Tensor, normed: Tensor, told: Tensor, who: Tensor) -> Taken:
        """Shapes: ``value``, ``normed`` (the same, normalised) and ``told`` [N, L, D], ``who`` [N, D]."""


class Bend(nn.Module):
    r"""Turns a token by who a stream is, :math:`x \odot (1 + a(\mathrm{who})) + b(\mathrm{who})`.

    Without it all that streams say in a scene, and all that they are told, would mean the same for each of them.

    Args:
        dim: token width.

    Reference: Perez et al., "FiLM: visual reasoning with a general conditioning layer" (2018).
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.bend = nn.Linear(dim, 2 * dim)

    def forward(self, value: Tensor, who: Tensor) -> Tensor:
        """Shapes: [N, L, D] and [N, D] to [N, L, D]."""
        scale, shift = self.bend(who).chunk(2, dim=-1)
        return torch.addcmul(shift[:, None], value, 1 + scale[:, None])


class AddChange(Uptake):
    """Adds what a small network makes of the stream's own token beside what it is told.

    Args:
        dim: token width.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.bend = Bend(dim)
        self.change = nn.Sequential(
            nn.Linear(2 * dim, 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim)
        )

    def forward(self, value: Tensor, normed: Tensor, told: Tensor, who: Tensor) -> Taken:
        """Shapes: see `Uptake.forward`."""
        return Taken(value + self.change(torch.cat([normed, self.bend(told, who)], dim=-1)))
