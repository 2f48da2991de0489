"""Made-up streams of any modality, small enough for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from sensorgraph.graph.ragged import Ragged

StreamKind = Literal["number", "word", "audio", "text", "picture"]

VOCAB_SIZE = 50
"""Token ids of made-up text are below this."""
PICTURE_SIZE = (3, 12, 10)
"""Channels, height and width of made-up pictures; deliberately no multiple of anything."""


def fake_streams(
    kind: StreamKind,
    lengths: Sequence[int],
    rates_hz: Sequence[float],
    num_bins: int = 4,
    missing_share: float = 0.1,
    seed: int = 0,
) -> Ragged:
    """Random streams, each spread over all bins; the first sample of each lies before the first bin.

    Args:
        kind: what the values are.
        lengths: samples per stream.
        rates_hz: rate per stream (Hz).
        num_bins: bins of the scene.
        missing_share: share of samples that are missing.
        seed: of the random numbers.

    Example:
        >>> streams = fake_streams("number", lengths=[5, 0], rates_hz=[10.0, 20.0])
        >>> streams.num_streams, streams.bin.tolist()
        (2, [-1, 0, 1, 2, 3])
    """
    random = torch.Generator().manual_seed(seed)
    total = sum(lengths)
    valid = torch.rand(total, generator=random) >= missing_share
    value = _values(kind, total, random)
    bins = [torch.arange(length) * num_bins // max(length, 1) for length in lengths]
    for part in bins:
        part[:1] = -1
    return Ragged(
        value * valid.view(-1, *[1] * (value.dim() - 1)),
        torch.tensor(lengths, dtype=torch.int64),
        torch.cat([*bins, torch.zeros(0, dtype=torch.int64)]),
        valid,
        torch.cat([*(torch.arange(n) / rate for n, rate in zip(lengths, rates_hz, strict=True)), torch.zeros(0)]),
        torch.tensor(rates_hz, dtype=torch.float32),
        num_bins,
    )


def _values(kind: StreamKind, total: int, random: torch.Generator) -> Tensor:
    if kind == "word":
        return torch.randint(0, 1 << 16, (total,), generator=random).float()
    if kind == "text":
        return torch.randint(0, VOCAB_SIZE, (total,), generator=random)
    if kind == "picture":
        return torch.rand(total, *PICTURE_SIZE, generator=random)
    return torch.randn(total, generator=random) * (0.1 if kind == "audio" else 1.0)
