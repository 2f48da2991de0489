"""What every encoder promises: samples of N streams in, tokens per bin and one vector per stream out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sensorgraph.graph.ragged import Ragged


@dataclass(frozen=True)
class Encoded:
    """Output of an encoder.

    Attributes:
        tokens: [N, L, D], zero where the mask is False.
        vectors: [N, D], one per stream (a masked mean of something, never of the padding).
        mask: [N, L] bool, True where the bin holds at least one valid sample.
    """

    tokens: Tensor
    vectors: Tensor
    mask: Tensor


class Encoder(nn.Module, ABC):
    """Maps the samples of ``N`` streams of one modality to tokens.

    A stream's output depends on that stream alone: never on its neighbours in the batch, nor on the padding.
    ``N`` may be 0.

    Args:
        dim: width ``D`` of tokens and vectors.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    @abstractmethod
    def forward(self, streams: Ragged) -> Encoded:
        """Encode ``N`` streams.

        Shapes: see `Ragged` and `Encoded`.
        """


def pool_to_bins(features: Tensor, bin_number: Tensor, num_bins: int) -> tuple[Tensor, Tensor]:
    """Mean of the features that fall into each bin.

    Shapes: ``features`` [N, T, D], ``bin_number`` [N, T] int64 (-1: leave out); returns tokens [N, L, D] (zero where
    nothing fell into the bin) and mask [N, L] bool.
    """
    num_streams, _, dim = features.shape
    kept = bin_number >= 0
    place = torch.arange(num_streams, device=features.device)[:, None] * num_bins + bin_number.clamp(min=0)
    total = features.new_zeros(num_streams * num_bins, dim)
    weight = kept.to(features.dtype)
    total.index_add_(0, place.reshape(-1), (features * weight[..., None]).reshape(-1, dim))
    count = features.new_zeros(num_streams * num_bins)
    count.index_add_(0, place.reshape(-1), weight.reshape(-1))
    tokens = total / count.clamp(min=1)[:, None]
    return tokens.view(num_streams, num_bins, dim), (count > 0).view(num_streams, num_bins)
