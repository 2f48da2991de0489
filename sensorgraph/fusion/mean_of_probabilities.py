"""Late fusion without parameters: streams are not mixed at all, and outputs are averaged by who reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens


class MeanOfProbabilities(Fusion):
    r"""Leaves every token as it is.

    Every stream, through its own encoder, keeps its own opinion to the end, and the fused answer is the plain mean of
    what follows from each, :math:`p(y \mid x) = \frac{1}{M} \sum_m p(y \mid x_m)`, taken over outputs (probabilities
    of a class, scores) and not in here. There is nothing to learn: no weight, no scale, no mixing along bins. It is the
    row that a learned fusion must beat to have earned its place. A hidden stream is told nothing, so what is expected
    of it is no more than what it usually does.

    Args:
        dim: token width.
        causal: accepted like that of the other kinds; bins are apart from each other anyway.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 3}, dim=8)
        >>> fused = MeanOfProbabilities(dim=8)(scene.tokens, scene.links)
        >>> fused.tokens["sensor"] is scene.tokens["sensor"].value, MeanOfProbabilities(dim=8).read_scales()
        (True, {})

    Reference: Kittler et al., "On combining classifiers" (1998), the sum rule.
    """

    keeps_apart: ClassVar[bool] = True

    def __init__(self, dim: int, causal: bool = False) -> None:
        super().__init__(dim)

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; no link gets attention."""
        silent = {kind: link.weight.new_zeros(link.weight.shape) for kind, link in links.items()}
        return Fused({kind: entry.value for kind, entry in tokens.items()}, silent)
