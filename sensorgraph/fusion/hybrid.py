"""Hybrid fusion: modalities meet at the beginning, work apart, and compare opinions at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing
from sensorgraph.fusion.joined import Joined
from sensorgraph.fusion.late import AddLinear
from sensorgraph.fusion.opinions import Opinions
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import AddChange


class Hybrid(Fusion):
    """An early exchange of concatenated voices, rounds of mixing, and a late average of opinions.

    Args:
        dim: token width.
        num_layers: rounds of mixing between the exchanges.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> Hybrid(dim=8)(scene.tokens, scene.links).tokens["audio"].shape
        torch.Size([1, 4, 8])

    Reference: Atrey et al., "Multimodal fusion for multimedia analysis: a survey" (2010).
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
        first = Exchange(dim, Joined(dim, dropout), AddChange(dim, dropout))
        mixing = [BinMixing(dim, reach, causal, dropout) for _ in range(num_layers)]
        last = Exchange(dim, Opinions(dim, dropout), AddLinear(dim))
        self.rounds = Rounds(dim, [first, *mixing, last])

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)
