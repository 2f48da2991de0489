"""How unusual all channels are together over a few rows: one distance that knows every relation, now and earlier."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sensorgraph.models.linear_messages import PairMoments, rows_since, with_earlier

_LEAST_VARIANCE = 1e-3
"""Of a channel: directions are not trusted to be steadier, for digits end somewhere."""

_MOST_PATTERNS = 64
"""Sets of present channels that are solved one by one; rows of rarer sets are not judged."""

_ROWS_AT_ONCE = 1024
"""So few that what is between stays in the fast memory of a processor."""

_BOUND = 100.0
"""No direction is farther from normal than this many times its usual distance."""


class JointWindows(nn.Module):
    r"""Distance of a window of rows from normal ones, every direction in its own usual size.

    With the window :math:`x = (u_t, u_{t-1}, \dots, u_{t-K})` of all channels and its covariance
    :math:`\Sigma = V \operatorname{diag}(s^2) V^\top`,

    .. math:: r_t = \sqrt{\tfrac{1}{D} \, x^\top \Sigma^{-1} x}, \qquad D = C (1 + K)

    A message tells one channel what it ought to be (`LinearMessages`); this asks all at once, so that one channel
    among hundreds that leaves a relation by little is seen, be it a relation between channels or along time.

    Sizes :math:`s` are those of rows that the directions :math:`V` were not fitted to (`cross_validated`): along
    directions that are narrow by chance, or that wander, new rows stray farther than the covariance says. For channels
    that are absent, distances are those of the others, by their part of :math:`\Sigma`.

    Args:
        num_channels: ``C``.
        num_lags: earlier rows in a window, ``K``.

    Reference: Bartz, "Cross-validation based nonlinear shrinkage" (2016).

    Example:
        >>> wave = torch.sin(torch.arange(400.0) / 9)
        >>> rows = torch.stack([wave, wave], 1) + 0.1 * torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
        >>> moments = PairMoments.of(with_earlier(rows, 1))
        >>> windows = JointWindows(2, num_lags=1)
        >>> windows.fit(moments.covariance())
        >>> odd = rows.clone()
        >>> odd[200, 1] -= 1.0  # within its range, yet not what the first says
        >>> bool(windows(odd)[200] > 3 * windows(rows)[200])
        True
    """

    def __init__(self, num_channels: int, num_lags: int = 0) -> None:
        super().__init__()
        self.num_channels = num_channels
        self.num_lags = num_lags
        self.register_buffer("covariance", torch.eye(num_channels * (1 + num_lags), dtype=torch.float64))
        self._solved: dict[bytes, Tensor] = {}

    def fit(self, covariance: Tensor) -> None:
        """Take the covariance of normal windows. Shapes: ``covariance`` [D, D], of what `with_earlier` gives."""
        self.get_buffer("covariance").copy_(covariance)
        self._solved.clear()

    def prepare(self) -> None:
        """Solve for the common case, in which every channel is there, before anybody waits for a score."""
        self._whitener(torch.ones(self.num_channels, dtype=torch.bool))

    def without(self, channels: Tensor) -> JointWindows:
        """The same where some channels are never asked. Shapes: ``channels`` [C] bool."""
        other = JointWindows(self.num_channels, self.num_lags)
        unknown = channels.repeat(1 + self.num_lags)
        other.fit(torch.where(unknown | unknown[:, None], torch.nan, self.get_buffer("covariance")))
        return other

    def forward(self, values: Tensor, begins: Tensor | None = None) -> Tensor:
        """Distances, about 1 for normal rows.

        A channel takes part in a row where its whole window is known. Shapes: ``values`` [T, C] float32, NaN where
        absent, ``begins`` [T] bool, rows that follow a gap in time; returns [T], NaN where no channel is there, or a
        set of channels that is rare, and for the first ``K`` rows of all and after a gap, whose windows are not whole.
        """
        out = values.new_full((len(values),), torch.nan)
        if len(values) > self.num_lags:
            out[self.num_lags :] = self._distances(values)[self.num_lags :]
        if begins is not None:
            out[rows_since(begins) < self.num_lags] = torch.nan
        return out

    def _distances(self, values: Tensor) -> Tensor:
        window = with_earlier(values, self.num_lags)
        ever = ~torch.isnan(self.get_buffer("covariance").diagonal()[: self.num_channels])
        if bool(ever.all()) and not bool(torch.isnan(values).any()):
            return self._distance(window, ever)
        known = ever & ~torch.isnan(window).reshape(len(values), 1 + self.num_lags, -1).any(1)
        # As in `LinearMessages`: a random projection tells sets of channels apart far faster than comparing rows.
        generator = torch.Generator().manual_seed(0)
        key = known.double() @ torch.rand(known.shape[1], generator=generator, dtype=torch.float64)
        _, pattern, count = torch.unique(key, return_inverse=True, return_counts=True)
        out = values.new_full((len(values),), torch.nan)
        for number in count.argsort(descending=True)[:_MOST_PATTERNS].tolist():
            rows = (pattern == number).nonzero()[:, 0]
            if bool(known[rows[0]].any()):
                out[rows] = self._distance(window[rows], known[rows[0]])
        return out

    def _distance(self, window: Tensor, there: Tensor) -> Tensor:
        if not bool(there.all()):
            window = window[:, there.repeat(1 + self.num_lags)]
        whitener = self._whitener(there)
        parts = [(part @ whitener).clamp_(-_BOUND, _BOUND).square_().mean(1) for part in window.split(_ROWS_AT_ONCE)]
        return torch.cat(parts).sqrt()

    def _whitener(self, there: Tensor) -> Tensor:
        r"""[D', D'] float32 ``W`` with :math:`W W^\top = \Sigma^{-1}` of the channels that are there."""
        key = there.numpy().tobytes()
        if key not in self._solved:
            if len(self._solved) >= 4 * _MOST_PATTERNS:
                self._solved.clear()
            kept = there.repeat(1 + self.num_lags)
            variance, direction = torch.linalg.eigh(self.get_buffer("covariance")[kept][:, kept])
            self._solved[key] = (direction / variance.sqrt()).float().contiguous()
        return self._solved[key]


def directions_of(parts: Sequence[PairMoments]) -> tuple[list[Tensor], Tensor]:
    """Directions of normal windows, and how far windows stray along them that the directions were not fitted to.

    Args:
        parts: moments of stretches of rows.

    Shapes: returns directions [D, D] per stretch, from all other stretches, narrow ones first; sizes [D], which rise.
    """
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    directions, variances = [], []
    for part in parts:
        direction = torch.linalg.eigh((total - part).covariance())[1]
        directions.append(direction)
        variances.append((direction * (part.covariance() @ direction)).sum(0))
    variance = torch.stack(variances).mean(0).clamp(min=_LEAST_VARIANCE)
    return directions, variance.cummax(0).values.sqrt()


def covariance_of(total: PairMoments, size: Tensor) -> Tensor:
    """Covariance with the directions of all rows and given sizes [D] along them, [D, D]."""
    direction = torch.linalg.eigh(total.covariance())[1] * size
    return direction @ direction.T
