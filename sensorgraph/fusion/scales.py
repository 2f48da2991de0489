"""How loudly each modality, and each channel of its tokens, speaks: learned, and readable afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sensorgraph.graph.schema import NODE_TYPES


@dataclass(frozen=True)
class Scale:
    """What training made of one node type's scales.

    Attributes:
        modality: factor of all that the type says.
        channel: [D] factors of its channels, beside that.
    """

    modality: float
    channel: Tensor


class Scales(nn.Module):
    r"""One factor per modality and one per modality and channel, both 1 at first.

    .. math:: x_{i,d} \leftarrow a_m\, c_{m,d}\, x_{i,d} \qquad \text{for a stream } i \text{ of modality } m

    Everything is scaled after the normalisation of what is said, because a norm would undo it.

    Args:
        dim: token width ``D``.

    Example:
        >>> scales = Scales(dim=4)
        >>> scales(torch.tensor([0, 0, 2])).shape, dict(scales.read())["audio"].modality
        (torch.Size([3, 1, 4]), 1.0)
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.modality = nn.Parameter(torch.ones(len(NODE_TYPES)))
        self.channel = nn.Parameter(torch.ones(len(NODE_TYPES), dim))

    def forward(self, kind: Tensor) -> Tensor:
        """The factors of each node: ``kind`` [N] int64, places in ``NODE_TYPES``, to [N, 1, D]."""
        return (self.modality[:, None] * self.channel)[kind][:, None]

    def read(self) -> Iterator[tuple[str, Scale]]:
        """Node types and their scales, cut off from training."""
        for kind, modality, channel in zip(NODE_TYPES, self.modality.tolist(), self.channel.detach(), strict=True):
            yield kind, Scale(modality, channel.clone())
