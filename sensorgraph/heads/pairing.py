"""Which two channels are the halves of one value, and which of them is the high one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class PairLogits:
    """Logits per candidate link: ``is_pair`` [E], and ``order`` [E, 2] (0: the first is the MSB, 1: the second is)."""

    is_pair: Tensor
    order: Tensor


class PairingHead(nn.Module):
    """Judges sparse candidate links only, never all N x N pairs.

    Args:
        dim: width of the vectors.
        num_evidence: features per candidate link.
        hidden: width of the hidden layer.

    Shapes: ``vectors`` [N, D], ``link`` [2, E] int64 (supposed MSB, supposed LSB), ``evidence`` [E, K]; returns
    `PairLogits`.

    Example:
        >>> head = PairingHead(dim=8, num_evidence=6)
        >>> logits = head(torch.zeros(3, 8), torch.tensor([[0, 1], [2, 2]]), torch.zeros(2, 6))
        >>> logits.is_pair.shape, logits.order.shape
        (torch.Size([2]), torch.Size([2, 2]))
    """

    def __init__(self, dim: int, num_evidence: int, hidden: int = 64) -> None:
        super().__init__()
        self.high = nn.Linear(dim, hidden)
        self.low = nn.Linear(dim, hidden, bias=False)
        self.evidence = nn.Linear(num_evidence, hidden, bias=False)
        self.mlp = nn.Sequential(nn.GELU(), nn.Linear(hidden, hidden), nn.GELU())
        self.is_pair = nn.Linear(hidden, 1)
        self.order = nn.Linear(hidden, 2)

    def forward(self, vectors: Tensor, link: Tensor, evidence: Tensor) -> PairLogits:
        """Judge the links; see the class for shapes."""
        hidden = self.mlp(self.high(vectors)[link[0]] + self.low(vectors)[link[1]] + self.evidence(evidence))
        return PairLogits(self.is_pair(hidden).squeeze(-1), self.order(hidden))


def best_pair_of(is_pair: Tensor, link: Tensor, num_nodes: int, none: float = -8.0) -> Tensor:
    """Logit of the best candidate link at each node, ``none`` where it has no candidate.

    Shapes: ``is_pair`` [E], ``link`` [2, E]; returns [N].

    Example:
        >>> best_pair_of(torch.tensor([3.0, -1.0]), torch.tensor([[0, 1], [1, 2]]), num_nodes=4).tolist()
        [3.0, 3.0, -1.0, -8.0]
    """
    out = torch.full((num_nodes,), none, dtype=is_pair.dtype, device=is_pair.device)
    return out.scatter_reduce(0, link.reshape(-1), is_pair.repeat(2), "amax")
