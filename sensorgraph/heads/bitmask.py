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
    """Reads every bit by one small network from the bit's own figures, its neighbours' and the channel's vector.

    Args:
        dim: width of the vectors.
        num_word_features: word features ``K`` per channel.
        num_bit_features: the first ``16 * num_bit_features`` word features are figures per bit, figure by figure.
        hidden: width of the hidden layer.

    Shapes: ``vectors`` [N, D], ``word_feature`` [N, K], ``moved`` [N, 16] (1 where the bit ever changed); returns
    `BitLogits`.

    Example:
        >>> head = BitmaskHead(dim=8, num_word_features=40, num_bit_features=2)
        >>> head(torch.zeros(3, 8), torch.zeros(3, 40), torch.zeros(3, 16)).live.shape
        torch.Size([3, 16])
    """

    def __init__(self, dim: int, num_word_features: int, num_bit_features: int, hidden: int = 64) -> None:
        super().__init__()
        self.num_bit_features = num_bit_features
        self.channel = nn.Linear(dim + num_word_features, hidden)
        self.bit = nn.Linear(3 * (num_bit_features + 1), hidden, bias=False)
        self.place = nn.Parameter(torch.zeros(16, hidden))
        self.mlp = nn.Sequential(nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 2))

    def forward(self, vectors: Tensor, word_feature: Tensor, moved: Tensor) -> BitLogits:
        """Read the bits; see the class for shapes."""
        figures = word_feature[:, : 16 * self.num_bit_features].view(len(vectors), self.num_bit_features, 16)
        figures = torch.cat([figures, moved[:, None]], dim=1)
        padded = nn.functional.pad(figures, (1, 1))
        around = torch.cat([padded[..., :-2], figures, padded[..., 2:]], dim=1).transpose(1, 2)
        channel = self.channel(torch.cat([vectors, word_feature], dim=-1))
        live, flag = self.mlp(self.bit(around) + channel[:, None] + self.place).unbind(-1)
        return BitLogits(live, flag)
