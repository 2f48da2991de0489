"""What every fusion promises: tokens of all streams in, tokens of all streams out, under the same keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from sensorgraph.fusion.scales import Scale, Scales


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
class Inside:
    """What went on within a fusion: for looking, never needed to go on. What a kind does not have is empty.

    Attributes:
        modality_share: one per exchange, [S, M, L, D] or [S, M, L, 1]: how much of what each node type of a scene says
            is let through (0..1), in the order of `sensorgraph.graph.schema.NODE_TYPES`.
        stream_gate: one per exchange, node type to [N, L, K]: gates at each receiver (0..1).
        link_attention: link type to [E, L], attention in each bin (0..1).
        scene_score: [S], how much a scene lives from what its streams share (1) rather than from what each of them
            has for itself (0).
    """

    modality_share: tuple[Tensor, ...] = ()
    stream_gate: tuple[dict[str, Tensor], ...] = ()
    link_attention: dict[tuple[str, str, str], Tensor] = field(default_factory=dict)
    scene_score: Tensor | None = None


@dataclass(frozen=True)
class Fused:
    """Result of a fusion.

    Attributes:
        tokens: node type to [N, L, D], the same keys as came in.
        attention: link type to [E], the share of its receiver's attention that each link has (0..1); zeros where a
            fusion does not go along links.
        inside: gates and shares on the way; a by-product, so it costs nothing.
    """

    tokens: dict[str, Tensor]
    attention: dict[tuple[str, str, str], Tensor]
    inside: Inside = field(default_factory=Inside)


class Fusion(nn.Module, ABC):
    """Lets the streams of a scene tell each other what they know.

    A scene's result depends on that scene alone: never on others in the batch. Bins that a stream lacks, or that are
    hidden, influence nothing.

    Args:
        dim: width ``D`` of the tokens.
        num_factors: Gaussian factors through which known streams also tell each other linearly what they know; 0
            leaves this out.
        num_remembered: bins of normal operation that scenes are compared with as wholes; 0 leaves this out.
    """

    keeps_apart: ClassVar[bool] = False
    """True for kinds that tell streams nothing of each other: who needs one answer for a scene has to average."""

    def __init__(self, dim: int, num_factors: int = 0, num_remembered: int = 0) -> None:
        super().__init__()
        self.dim = dim
        self.num_factors = num_factors
        self.num_remembered = num_remembered

    def read_scales(self) -> dict[str, Scale]:
        """The learned scales of each node type; empty for a kind without any."""
        return {kind: scale for part in self.modules() if isinstance(part, Scales) for kind, scale in part.read()}

    @abstractmethod
    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Fuse the tokens of a batch of scenes.

        Shapes: see `Tokens`, `Links` and `Fused`.
        """
