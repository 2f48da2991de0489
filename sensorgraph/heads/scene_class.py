"""What kind of scene this is: one answer for all its streams together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class PooledTokens:
    """Tokens of the streams of one modality, summed up by scene.

    Attributes:
        total: [S, D], sum over the bins in which its streams are present.
        count: [S], how many such bins there are.
    """

    total: Tensor
    count: Tensor

    @classmethod
    def of(cls, tokens: Tensor, present: Tensor, scene: Tensor, num_scenes: int) -> PooledTokens:
        """Sums up ``tokens`` [N, L, D] where ``present`` [N, L], by ``scene`` [N].

        Example:
            >>> tokens, present = torch.ones(3, 2, 4), torch.ones(3, 2, dtype=torch.bool)
            >>> PooledTokens.of(tokens, present, torch.tensor([0, 0, 2]), 3).count.tolist()
            [4.0, 0.0, 2.0]
        """
        seen = present.to(tokens.dtype)
        total = tokens.new_zeros(num_scenes, tokens.shape[-1]).index_add(0, scene, (tokens * seen[..., None]).sum(1))
        return cls(total, tokens.new_zeros(num_scenes).index_add(0, scene, seen.sum(1)))

    def mean(self) -> Tensor:
        """[S, D], zero where nothing is present."""
        return self.total / self.count.clamp(min=1)[:, None]


class SceneClassHead(nn.Module):
    r"""Class of a scene, from its fused tokens.

    Where streams have been told of each other, one network reads the concept of the scene beside the mean of the
    modalities that are present. Where the fusion keeps them apart there is nothing to be read together: then every
    modality is read alone, and *probabilities* are averaged over the modalities that are there,
    :math:`p(y) = \frac{1}{M} \sum_m p_m(y)`. A scene of which nothing can be seen has equal probabilities then.

    Args:
        dim: width of the tokens.
        num_classes: classes ``C``.
        modalities: that the network looks at.
        apart: whether the fusion keeps the streams apart.
        dropout: share of the inputs dropped in training.

    Shapes: ``concept`` [S, D] mean of the scene's own tokens, ``pooled`` modality to `PooledTokens`; returns the
    logarithms of the probabilities [S, C].

    Example:
        >>> pooled = {"image": PooledTokens(torch.randn(3, 8), torch.tensor([1.0, 1.0, 0.0]))}
        >>> head = SceneClassHead(8, 2, ["image"], apart=True)
        >>> head(torch.zeros(3, 8), pooled).exp().sum(1).round(decimals=4).tolist(), head.read_together is None
        ([1.0, 1.0, 1.0], True)

    Reference: Kittler et al., "On combining classifiers" (1998), the sum rule.
    """

    def __init__(
        self, dim: int, num_classes: int, modalities: Sequence[str], apart: bool = False, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.read_together = None if apart else _reader(2 * dim, dim, num_classes, dropout)
        self.read_alone = nn.ModuleDict({m: _reader(dim, dim, num_classes, dropout) for m in modalities if apart})

    def forward(self, concept: Tensor, pooled: Mapping[str, PooledTokens]) -> Tensor:
        """Classify; see the class for shapes."""
        if self.read_together is not None:
            # One camera is not to drown among a hundred sensors.
            means = torch.stack([part.mean() for part in pooled.values()])
            there = torch.stack([part.count > 0 for part in pooled.values()]).to(means.dtype)[..., None]
            mean = (means * there).sum(0) / there.sum(0).clamp(min=1)
            return self.read_together(torch.cat([concept, mean], dim=-1)).log_softmax(-1)
        answers = torch.stack([read(pooled[m].mean()).log_softmax(-1) for m, read in self.read_alone.items()])
        there = torch.stack([pooled[m].count > 0 for m in self.read_alone])
        nobody = ~there.any(0)
        opinion = answers.masked_fill(~there[..., None], -torch.inf).masked_fill(nobody[:, None], 0.0)
        return opinion.logsumexp(0).log_softmax(-1)


def _reader(inputs: int, hidden: int, num_classes: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(inputs),
        nn.Dropout(dropout),
        nn.Linear(inputs, 2 * hidden),
        nn.GELU(),
        nn.Linear(2 * hidden, num_classes),
    )
