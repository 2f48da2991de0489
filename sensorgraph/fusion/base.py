"""What every fusion promises: tokens of all streams in, tokens of all streams out, under the same keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Tokens:
    """Tokens of the nodes of one type.

    Attributes:
        value: [N, L, D].
        present: [N, L] bool, False where the stream has no sample in the bin, or where it is hidden. Such a token
            carries who the stream is but nothing of what it did; it receives messages and sends none.
        who: [N, D], who the stream is, the same in all bins; nothing of what it did in a hidden bin.
        scene: [N] int64, the scene of the batch that each node belongs to.
    """

    value: Tensor
    present: Tensor
    who: Tensor
    scene: Tensor


@dataclass(frozen=True)
class Links:
    """Links of one type.

    Attributes:
        edge_index: [2, E] int64, sender and receiver.
        weight: [E] float, logit of how much the receiver should listen, learned by the model from who the two are.
        sender, receiver: node types.
    """

    edge_index: Tensor
    weight: Tensor
    sender: str
    receiver: str


@dataclass(frozen=True)
class Fused:
    """Result of a fusion.

    Attributes:
        tokens: node type to [N, L, D], the same keys as came in.
        attention: link type to [E], the share of its receiver's attention that each link has (0..1).
    """

    tokens: dict[str, Tensor]
    attention: dict[tuple[str, str, str], Tensor]


class Fusion(nn.Module, ABC):
    """Lets the streams of a scene tell each other what they know.

    A scene's result depends on that scene alone: never on others in the batch. Bins that a stream lacks, or that are
    hidden, influence nothing.

    Args:
        dim: width ``D`` of the tokens.
        num_factors: Gaussian factors through which known streams also tell each other linearly what they know; 0
            leaves this out.
    """

    def __init__(self, dim: int, num_factors: int = 0) -> None:
        super().__init__()
        self.dim = dim
        self.num_factors = num_factors

    @abstractmethod
    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Fuse the tokens of a batch of scenes.

        Shapes: see `Tokens`, `Links` and `Fused`.
        """
