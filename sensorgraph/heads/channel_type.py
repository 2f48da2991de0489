"""What a channel is: one word, half of a 32-bit value, or packed bits."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sensorgraph.typing import ChannelType


class ChannelTypeHead(nn.Module):
    """Type of each word from its fused vector, its word features and the best pair it could belong to.

    Args:
        dim: width of the vectors.
        num_word_features: word features ``K`` per channel.
        hidden: width of the hidden layer.

    Shapes: ``vectors`` [N, D], ``word_feature`` [N, K], ``best_pair`` [N] (logit of the best candidate link at the
    channel); returns logits [N, 3] in the order of `ChannelType`.

    Example:
        >>> head = ChannelTypeHead(dim=8, num_word_features=40)
        >>> head(torch.zeros(3, 8), torch.zeros(3, 40), torch.zeros(3)).shape
        torch.Size([3, 3])
    """

    def __init__(self, dim: int, num_word_features: int, hidden: int = 64) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(dim + num_word_features + 1, hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, len(ChannelType)),
        )

    def forward(self, vectors: Tensor, word_feature: Tensor, best_pair: Tensor) -> Tensor:
        """Classify; see the class for shapes."""
        # The pair's logit informs the type; the type's loss must not bend the pair's.
        return self.mlp(torch.cat([vectors, word_feature, best_pair.detach()[:, None] / 4], dim=-1))
