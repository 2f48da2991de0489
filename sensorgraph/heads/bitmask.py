"""Which of the 16 bits of a channel are live, and which are flags."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class BitLogits:
    """Logits per bit, bit 0 first: ``live`` [N, 16] and ``flag`` [N, 16]."""

    live: Tensor
    flag: Tensor


class BitmaskHead(nn.Module):
    """Reads each bit from the channel's vector, the word features and the bit's own place.

    Args:
        dim: width of the vectors.
        num_word_features: word features ``K`` per channel.
        hidden: width of the hidden layer.

    Shapes: ``vectors`` [N, D], ``word_feature`` [N, K]; returns `BitLogits`.
    """

    def __init__(self, dim: int, num_word_features: int, hidden: int = 128) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(dim + num_word_features, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU()
        )
        self.live = nn.Linear(hidden, 16)
        self.flag = nn.Linear(hidden, 16)

    def forward(self, vectors: Tensor, word_feature: Tensor) -> BitLogits:
        """Read the bits; see the class for shapes."""
        hidden = self.mlp(torch.cat([vectors, word_feature], dim=-1))
        return BitLogits(self.live(hidden), self.flag(hidden))
