"""What every channel expects of itself: a ridge autoregression per channel, fitted in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class PastMoments:
    """Sums over samples from which autoregressions are fitted; sums of parts add up.

    Attributes:
        among: [C, P, P] float64, sum of products of two lags.
        towards: [C, P] float64, sum of products of a lag and the sample itself.
        count: [C] float64, number of samples.
    """

    among: Tensor
    towards: Tensor
    count: Tensor

    @staticmethod
    def of(values: Tensor, num_lags: int, whole: Tensor | None = None) -> PastMoments:
        """Of samples in order of time.

        Shapes: ``values`` [T, C], NaN where missing; ``whole`` [T] bool, False where the past is cut off.
        """
        lags = _lags(values, num_lags)
        seen = ~torch.isnan(values[num_lags:])
        for lag in lags:
            seen = seen & ~torch.isnan(lag)
        if whole is not None:
            seen = seen & whole[num_lags:, None]
        series = [torch.where(seen, part, 0.0).double() for part in (values[num_lags:], *lags)]
        sums = torch.stack([torch.stack([(a * b).sum(0) for b in series]) for a in series])
        return PastMoments(sums[1:, 1:].permute(2, 0, 1), sums[0, 1:].T, seen.sum(0).double())

    def __add__(self, other: PastMoments) -> PastMoments:
        return PastMoments(self.among + other.among, self.towards + other.towards, self.count + other.count)

    def __sub__(self, other: PastMoments) -> PastMoments:
        return PastMoments(self.among - other.among, self.towards - other.towards, self.count - other.count)


class OwnPast(nn.Module):
    r"""Each channel foreseen from its own last samples, :math:`\hat x_t = \sum_{l=1}^{P} w_l \, x_{t-l}`.

    It knows habits that the others cannot tell: a step, a spike or a new roughness is far from what just was.

    Args:
        num_channels: ``C``.
        num_lags: ``P``.
        penalty: of the ridge, in units of the channels' variance.

    Example:
        >>> wave = torch.sin(0.3 * torch.arange(500.0))[:, None]
        >>> past = OwnPast(1, num_lags=2)
        >>> past.fit(PastMoments.of(wave, 2))
        >>> bool(past(wave)[2:].abs().max() < 0.1)
        True
    """

    def __init__(self, num_channels: int, num_lags: int = 10, penalty: float = 1e-3) -> None:
        super().__init__()
        self.num_lags = num_lags
        self.penalty = penalty
        self.register_buffer("weight", torch.zeros(num_channels, num_lags))

    def fit(self, moments: PastMoments) -> None:
        """Solve for all channels at once; a channel without samples foresees 0."""
        count = moments.count.clamp(min=1.0)[:, None]
        among = moments.among / count[..., None] + self.penalty * torch.eye(self.num_lags, dtype=torch.float64)
        self.get_buffer("weight").copy_(torch.linalg.solve(among, moments.towards / count))

    def without(self, channels: Tensor) -> OwnPast:
        """The same without the memory of some channels: their residuals are NaN. Shapes: ``channels`` [C] bool."""
        other = OwnPast(len(channels), self.num_lags, self.penalty)
        weight = self.get_buffer("weight")
        other.get_buffer("weight").copy_(torch.where(channels[:, None], torch.nan, weight))
        return other

    def forward(self, values: Tensor, channels: Tensor | None = None) -> Tensor:
        """Residuals; NaN for the first ``P`` samples and wherever a lag is missing.

        Shapes: ``values`` [T, G] of the channels numbered in ``channels`` [G] (all when None); returns [T, G].
        """
        weight = self.get_buffer("weight") if channels is None else self.get_buffer("weight")[channels]
        out = torch.full_like(values, torch.nan)
        if len(values) > self.num_lags:
            rest = values[self.num_lags :].clone()
            for number, lag in enumerate(_lags(values, self.num_lags)):
                rest.addcmul_(lag, weight[:, number], value=-1.0)
            out[self.num_lags :] = rest
        return out


def _lags(values: Tensor, num_lags: int) -> list[Tensor]:
    """The samples 1, 2, ... before each from number ``num_lags`` on; all empty where there are too few."""
    num = max(len(values) - num_lags, 0)
    return [values[num_lags - lag : num_lags - lag + num] for lag in range(1, num_lags + 1)]
