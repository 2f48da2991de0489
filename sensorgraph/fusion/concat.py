"""Concatenation: the modalities of a scene side by side, projected, and told to every stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.joined import Joined
from sensorgraph.fusion.rounds import Exchange, Rounds
from sensorgraph.fusion.uptake import AddChange


class Concat(Fusion):
    """Concatenates the voices of all modalities and projects them, in rounds; each is followed by mixing along bins.

    The plain baseline of learned fusion: any interaction of modalities that the projection can hold, and no structure.

    Args:
        dim: token width.
        num_layers: rounds.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3, "audio": 1}, dim=8)
        >>> Concat(dim=8)(scene.tokens, scene.links).tokens["audio"].shape
        torch.Size([1, 4, 8])

    Reference: Baltrusaitis et al., "Multimodal machine learning: a survey and taxonomy" (2018).
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
        exchanges = [Exchange(dim, Joined(dim, dropout), AddChange(dim, dropout)) for _ in range(num_layers)]
        self.rounds = Rounds.alternating(dim, exchanges, reach, causal, dropout)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        return self.rounds(tokens, links)
