"""Late fusion: every stream works for itself, and opinions are averaged at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from torch import Tensor, nn

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing
from sensorgraph.fusion.opinions import Opinions
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import Bend, Taken, Uptake


class Late(Fusion):
    """Rounds of mixing along the bins of each stream, then one average of opinions.

    Modalities do not interact before their opinions are made, nor after: what is told is added by a linear map. So it
    can be read off which modality says what, and what no modality can say alone is out of reach.

    Args:
        dim: token width.
        num_layers: rounds of mixing before the exchange.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> fused = Late(dim=8)(scene.tokens, scene.links)
        >>> fused.tokens["sensor"].shape, fused.inside.modality_share[0].shape
        (torch.Size([3, 4, 8]), torch.Size([1, 6, 4, 1]))

    Reference: Snoek et al., "Early versus late fusion in semantic video analysis" (2005).
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
        mixing = [BinMixing(dim, reach, causal, dropout) for _ in range(num_layers)]
        self.rounds = Rounds(dim, [*mixing, Exchange(dim, Opinions(dim, dropout), AddLinear(dim))])

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)


class AddLinear(Uptake):
    """Adds what is told, bent by who listens; the stream's own token has no say in it.

    Args:
        dim: token width.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.bend = Bend(dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, value: Tensor, normed: Tensor, told: Tensor, who: Tensor) -> Taken:
        """Shapes: see `Uptake.forward`."""
        return Taken(value + self.out(self.bend(told, who)))
