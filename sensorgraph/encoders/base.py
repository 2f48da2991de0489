"""What every encoder promises: samples of N streams in, tokens per bin and one vector per stream out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sensorgraph.errors import DataError
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


def check_encoded(encoded: object, encoder: Encoder, num_streams: int, num_bins: int, place: str) -> None:
    """Refuse what an encoder may not return, before it fails somewhere else; meant for encoders from outside.

    Raises:
        DataError: naming the encoder, what was expected and what came.

    Example:
        >>> from sensorgraph.encoders.image import ImageEncoder
        >>> wrong = Encoded(torch.zeros(3, 8), torch.zeros(3, 8), torch.ones(3, 4, dtype=torch.bool))
        >>> check_encoded(wrong, ImageEncoder(8), 3, 4, "encoders.image")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        sensorgraph.errors.DataError: encoders.image: ImageEncoder must return tokens of [3, 4, 8]; ... (got [3, 8])
    """
    name = type(encoder).__name__
    if not isinstance(encoded, Encoded):
        problem = "must return a sensorgraph.encoders.Encoded; wrap its tokens, vectors and mask"
        raise DataError(f"{place}: {name} {problem} (got {type(encoded).__name__})")
    wanted = {
        "tokens": (num_streams, num_bins, encoder.dim),
        "vectors": (num_streams, encoder.dim),
        "mask": (num_streams, num_bins),
    }
    for part, shape in wanted.items():
        found = tuple(getattr(encoded, part).shape)
        if found != shape:
            meaning = {"tokens": "streams, bins, dim", "vectors": "streams, dim", "mask": "streams, bins"}[part]
            raise DataError(
                f"{place}: {name} must return {part} of {list(shape)}; that is [{meaning}] (got {list(found)})"
            )
    if encoded.mask.dtype != torch.bool:
        raise DataError(f"{place}: {name} must return a mask of bool; compare with 0 (got {encoded.mask.dtype})")


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
