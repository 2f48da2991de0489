"""Reconstruction of a stream's summary from its fused tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sensorgraph.decoders.channel_linear import ChannelLinear

LEAST_LOG_VARIANCE, LARGEST_LOG_VARIANCE = -6.0, 4.0


@dataclass(frozen=True)
class Reconstruction:
    """What a decoder expects of streams: ``mean`` [N, L, F] and ``log_variance`` [N, L, F], in normalised units."""

    mean: Tensor
    log_variance: Tensor


class SummaryDecoder(nn.Module):
    """Mean and variance of each summary feature, by an MLP that knows which stream it speaks for.

    A feature that others cannot know gets a large variance instead of a large residual.

    Args:
        dim: token width.
        num_features: summary features ``F`` of the modality.
        num_channels: known channels plus one; each has an output of its own beside the shared one.
        hidden: width of the hidden layer.

    Shapes: ``tokens`` [N, L, D], ``who`` [N, D], ``channel`` [N] int64; returns a `Reconstruction` of [N, L, F].

    Example:
        >>> decoder = SummaryDecoder(dim=8, num_features=5, num_channels=3)
        >>> expected = decoder(torch.zeros(2, 4, 8), torch.zeros(2, 8), torch.tensor([0, 2]))
        >>> expected.mean.shape, expected.log_variance.shape
        (torch.Size([2, 4, 5]), torch.Size([2, 4, 5]))

    Reference: Nix and Weigend, "Estimating the mean and variance of the target probability distribution" (1994).
    """

    def __init__(self, dim: int, num_features: int, num_channels: int, hidden: int = 128) -> None:
        super().__init__()
        self.bend = nn.Linear(dim, 2 * hidden)
        self.enter = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, hidden))
        self.middle = nn.Sequential(nn.GELU(), nn.Linear(hidden, hidden), nn.GELU())
        self.leave = ChannelLinear(num_channels, hidden, 2 * num_features)
        # It begins by adding next to nothing to what the linear messages say.
        nn.init.normal_(self.leave.shared.weight, std=0.01)
        nn.init.zeros_(self.leave.shared.bias)

    def forward(self, tokens: Tensor, who: Tensor, channel: Tensor) -> Reconstruction:
        """Decode; see the class for shapes."""
        scale, shift = self.bend(who).chunk(2, dim=-1)
        hidden = self.middle(self.enter(tokens) * (1 + scale[:, None]) + shift[:, None])
        mean, log_variance = self.leave(hidden, channel).chunk(2, dim=-1)
        middle = (LARGEST_LOG_VARIANCE + LEAST_LOG_VARIANCE) / 2
        reach = (LARGEST_LOG_VARIANCE - LEAST_LOG_VARIANCE) / 2
        return Reconstruction(mean, middle + reach * torch.tanh((log_variance - middle) / reach))
