"""The stem of the encoders of numbers: one matrix product per patch of samples.

Why: a convolution over 2 kHz samples spends its time on samples that the bins average anyway. A patch of 16 samples
becomes one step, which costs one row of a matrix product. Because patches begin anew at every bin, a step belongs to
exactly one bin, and a network that is causal over steps is causal in bins.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sensorgraph.encoders.row import Steps, patchify
from sensorgraph.graph.ragged import Ragged


class PatchStem(nn.Module):
    """Numbers to steps: each patch, its validity and the stream's rate through one linear map.

    Args:
        patch_samples: samples per patch.
        hidden: channels of a step.

    Reference: Nie et al., "A Time Series is Worth 64 Words: Long-term Forecasting with Transformers" (2023).
    """

    def __init__(self, patch_samples: int, hidden: int) -> None:
        super().__init__()
        self.patch_samples = patch_samples
        self.value = nn.Linear(2 * patch_samples, hidden)
        self.rate = nn.Linear(1, hidden, bias=False)

    def forward(self, streams: Ragged, gap: int) -> Steps:
        """Steps, with ``gap`` empty ones behind each stream."""
        patches = patchify(streams, self.patch_samples, gap)
        value = patches.spread(compress(torch.where(streams.valid, streams.value, 0.0)))
        valid = patches.spread(streams.valid)
        steps = self.value(torch.cat([value, valid.to(value.dtype)], dim=1))
        if len(steps):
            steps = steps + self.rate(log_rate(streams.rate_hz))[patches.row.stream()]
        return Steps(steps * patches.row.inside(), valid.any(1), patches.row)


def compress(value: Tensor) -> Tensor:
    r"""Symmetric logarithm :math:`\mathrm{sign}(x)\log(1+|x|)`: the identity near 0, and 1e38 becomes 88."""
    return value.sign() * value.abs().log1p()


def log_rate(rate_hz: Tensor) -> Tensor:
    """Rate as a feature between 0 and about 1: log10 of 1 + rate (Hz), over 4; never 0, or it could not be learned."""
    return (rate_hz.clamp(min=0) + 1).log10()[:, None] / 4
