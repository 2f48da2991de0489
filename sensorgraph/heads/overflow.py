"""In which bins the low word of a pair rolls over."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class OverflowHead(nn.Module):
    """Reads roll-overs from the evidence per bin and the tokens of both halves, by a small convolution along bins.

    Args:
        dim: token width.
        num_evidence: evidence features per candidate link and bin.
        hidden: width of the hidden layer.

    Shapes: ``tokens`` [N, L, D], ``link`` [2, E] int64, ``evidence`` [E, L, k]; returns logits [E, L].

    Example:
        >>> head = OverflowHead(dim=8, num_evidence=2)
        >>> head(torch.zeros(3, 5, 8), torch.tensor([[0], [2]]), torch.zeros(1, 5, 2)).shape
        torch.Size([1, 5])
    """

    def __init__(self, dim: int, num_evidence: int, hidden: int = 32) -> None:
        super().__init__()
        self.high = nn.Linear(dim, hidden)
        self.low = nn.Linear(dim, hidden, bias=False)
        self.evidence = nn.Linear(num_evidence, hidden, bias=False)
        self.along = nn.Sequential(nn.GELU(), nn.Conv1d(hidden, hidden, 3, padding=1), nn.GELU())
        self.out = nn.Linear(hidden + num_evidence, 1)

    def forward(self, tokens: Tensor, link: Tensor, evidence: Tensor) -> Tensor:
        """Read the roll-overs; see the class for shapes."""
        hidden = self.high(tokens)[link[0]] + self.low(tokens)[link[1]] + self.evidence(evidence)
        hidden = self.along(hidden.transpose(1, 2)).transpose(1, 2)
        return self.out(torch.cat([hidden, evidence], dim=-1)).squeeze(-1)
