"""Where the modalities of a scene meet: the contract in which most kinds of fusion differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn

from sensorgraph.fusion.voices import Voices


@dataclass(frozen=True)
class Told:
    """What comes out of a meeting.

    Attributes:
        value: [S, R, L, D]; ``R`` is 1 where all streams of a scene are told the same, else one per node type.
        share: [S, M, L, D] or [S, M, L, 1], how much of each voice was let through (0..1); None where that is not
            one number per voice.
    """

    value: Tensor
    share: Tensor | None = None


class Meeting(nn.Module, ABC):
    """Turns what the modalities of a scene say into what its streams are told; bins are apart from each other."""

    @abstractmethod
    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Voices` and `Told`."""
