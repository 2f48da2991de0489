"""What every channel is told by all others, fitted in closed form: message passing without a self link."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

_MOST_PATTERNS = 64
"""Sets of present channels that are solved one by one; rows of rarer sets hear the absent as silent."""


@dataclass(frozen=True)
class PairMoments:
    """Sums over rows from which messages are fitted; sums of parts add up.

    Attributes:
        product: [C, C] float64, sum of products of two channels over the rows where both are known.
        count: [C, C] float64, number of those rows.
    """

    product: Tensor
    count: Tensor

    @staticmethod
    def of(values: Tensor) -> PairMoments:
        """Of rows with gaps. Shapes: ``values`` [T, C], NaN where missing."""
        known = ~torch.isnan(values)
        filled = torch.where(known, values, 0.0)
        if bool(known.all()):
            count = torch.full((values.shape[1],) * 2, float(len(values)), dtype=torch.float64)
        else:
            count = (known.float().T @ known.float()).double()
        return PairMoments((filled.T @ filled).double(), count)

    def leading(self, num: int) -> PairMoments:
        """Of the first channels only."""
        return PairMoments(self.product[:num, :num], self.count[:num, :num])

    def __add__(self, other: PairMoments) -> PairMoments:
        return PairMoments(self.product + other.product, self.count + other.count)

    def __sub__(self, other: PairMoments) -> PairMoments:
        return PairMoments(self.product - other.product, self.count - other.count)

    def covariance(self) -> Tensor:
        """[C, C] float64, positive semidefinite also where pairs were seen in different rows."""
        covariance = self.product / self.count.clamp(min=1.0)
        if bool((self.count == self.count[0, 0]).all()):
            return covariance
        size, direction = torch.linalg.eigh(covariance)
        return (direction * size.clamp(min=0.0)) @ direction.T


@dataclass(frozen=True)
class Messages:
    """Weights for one set of present channels.

    Attributes:
        unlike: [C + K C, C] float32; a row of what is told times this is what it fails to explain.
        spread: [C] float32, how many times larger residuals are than with all channels there.
    """

    unlike: Tensor
    spread: Tensor


class LinearMessages(nn.Module):
    r"""One round of messages between channels; what a channel says never returns to itself.

    Rows are modelled as :math:`x \sim N(0, \Sigma)`. With the precision :math:`P = (\Sigma + \lambda I)^{-1}` the
    others' expectation of channel :math:`i` is the ridge regression

    .. math:: \hat x_i = -\sum_{j \ne i} \frac{P_{ij}}{P_{ii}} x_j, \qquad x - \hat x = x P \operatorname{diag}(P)^{-1}

    so one matrix product hides every channel from itself at once. The link between two channels is their partial
    correlation. An absent channel sends nothing: the weights are solved anew for the channels that are there, as
    `sensorgraph.models.shared_factors.SharedFactors` does with factors in the place of :math:`\Sigma`.

    Where a user has said which channels are connected, messages travel along those links and the strongest learned
    ones only; each channel is then regressed on its neighbours.

    A message may also tell what a channel said a few rows ago, for what one machine part does reaches the next with a
    delay: the rows are then those of all channels now and at each lag, and only what is said now is explained. A
    channel's own past is among them; what it says now never is.

    Args:
        num_channels: ``C``.
        penalty: :math:`\lambda`, in units of the channels' variance.
        num_learned: strongest learned links per channel that are kept beside given ones.
        num_lags: earlier rows that are told, ``K``.

    Reference: Meinshausen and Bühlmann, "High-dimensional graphs and variable selection with the lasso" (2006), for
    links from regressions; here with a ridge.

    Example:
        >>> wave = torch.sin(torch.arange(400.0))
        >>> rows = torch.stack([wave, -wave, torch.cos(torch.arange(400.0))], 1)
        >>> messages = LinearMessages(3, penalty=0.01)
        >>> messages.fit(PairMoments.of(rows).covariance())
        >>> messages(rows).square().mean(0).round(decimals=1).tolist()
        [0.0, 0.0, 0.5]
    """

    def __init__(self, num_channels: int, penalty: float = 0.1, num_learned: int = 8, num_lags: int = 0) -> None:
        super().__init__()
        self.num_channels = num_channels
        self.penalty = penalty
        self.num_learned = num_learned
        self.num_lags = num_lags
        size = num_channels * (1 + num_lags)
        self.register_buffer("covariance", torch.eye(size, dtype=torch.float64))
        self.register_buffer("given", torch.zeros(size, size, dtype=torch.bool))
        self._tells_earlier = True
        self._solved: dict[bytes, Messages] = {}

    def fit(self, covariance: Tensor, given: Tensor | None = None) -> None:
        """Take the moments of normal rows, and links that a user gave.

        Shapes: ``covariance`` [C + K C] twice, of what `with_earlier` gives; ``given`` [C, C].
        """
        self.get_buffer("covariance").copy_(covariance)
        if given is not None and bool(given.any()):
            itself = torch.eye(self.num_channels, dtype=torch.bool)
            every = (given | given.T | itself).repeat(1 + self.num_lags, 1 + self.num_lags)
            self.get_buffer("given").copy_(every.fill_diagonal_(False))
        self._solved.clear()

    def prepare(self) -> None:
        """Solve for the common case, in which every channel is there, before anybody waits for a score."""
        self._messages(torch.ones(len(self.get_buffer("covariance")), dtype=torch.bool))

    def of_now(self) -> LinearMessages:
        """The same where nobody tells what was earlier, for rows that come faster or slower than those of fitting."""
        other = LinearMessages(self.num_channels, self.penalty, self.num_learned, self.num_lags)
        other.load_state_dict(self.state_dict())
        other._tells_earlier = False
        return other

    def forward(self, values: Tensor, begins: Tensor | None = None) -> Tensor:
        """Residuals, in units in which they are comparable between sets of present channels.

        Shapes: ``values`` [T, C] float32, NaN where absent; ``begins`` [T] as in `with_earlier`; returns [T, C].
        """
        told = with_earlier(values, self.num_lags, begins)
        if self._tells_earlier and not bool(torch.isnan(values).any()):
            return self._residual(told, torch.ones(told.shape[1], dtype=torch.bool))
        if not self._tells_earlier:
            told = torch.cat([values, torch.full_like(told[:, self.num_channels :], torch.nan)], 1)
        return self._residuals(told)

    def _residuals(self, values: Tensor) -> Tensor:
        """Of channels now, from [T, C + K C]."""
        absent = torch.isnan(values)
        # Rows of the same set of channels are told apart by a random projection, which is far faster than by rows.
        generator = torch.Generator().manual_seed(0)
        key = absent.double() @ torch.rand(values.shape[1], generator=generator, dtype=torch.float64)
        _, pattern, count = torch.unique(key, return_inverse=True, return_counts=True)
        out = torch.full_like(values[:, : self.num_channels], torch.nan)
        common = count.argsort(descending=True)[:_MOST_PATTERNS]
        for number in common.tolist():
            rows = (pattern == number).nonzero()[:, 0]
            out[rows] = self._residual(values[rows], ~absent[rows[0]])
        rare = (~torch.isin(pattern, common)).nonzero()[:, 0]
        if len(rare):
            there = ~absent[rare].all(0)
            told = self._residual(torch.where(absent[rare], 0.0, values[rare]), there)
            out[rare] = torch.where(absent[rare][:, : self.num_channels], torch.nan, told)
        return out

    def partial_correlation(self) -> Tensor:
        """Strength of every link between what is said now, [C, C] float64 in -1 to 1, 0 on the diagonal."""
        now = slice(0, self.num_channels)
        precision = self._precision(torch.ones(len(self.get_buffer("covariance")), dtype=torch.bool))[now, now]
        size = precision.diagonal().sqrt()
        return (-precision / size / size[:, None]).fill_diagonal_(0.0)

    def _residual(self, values: Tensor, there: Tensor) -> Tensor:
        now = there[: self.num_channels]
        if not bool(now.any()):
            return torch.full_like(values[:, : self.num_channels], torch.nan)
        messages = self._messages(there)
        if bool(there.all()):
            return (values @ messages.unlike).div_(messages.spread)
        rest = torch.where(there, values, 0.0) @ messages.unlike / messages.spread
        return rest if bool(now.all()) else torch.where(now, rest, torch.nan)

    def _messages(self, there: Tensor) -> Messages:
        key = there.numpy().tobytes()
        if key not in self._solved:
            if len(self._solved) >= 4 * _MOST_PATTERNS:
                self._solved.clear()
            solve = self._along_links if bool(self.get_buffer("given").any()) else self._from_all
            found, now = solve(there), slice(0, self.num_channels)
            self._solved[key] = Messages(found.unlike[:, now].contiguous(), found.spread[now])
        return self._solved[key]

    def _precision(self, there: Tensor) -> Tensor:
        """Of the channels that are there; the others are alone in the world."""
        covariance = torch.where(there & there[:, None], self.get_buffer("covariance"), 0.0)
        covariance = covariance + self.penalty * torch.eye(len(there), dtype=torch.float64)
        return torch.cholesky_inverse(torch.linalg.cholesky(covariance))

    def _from_all(self, there: Tensor) -> Messages:
        precision = self._precision(there)
        size = precision.diagonal()
        everybody = size if bool(there.all()) else self._precision(torch.ones_like(there)).diagonal()
        return Messages((precision / size).float(), torch.where(there, everybody / size, 1.0).sqrt().float())

    def _along_links(self, there: Tensor) -> Messages:
        """Each channel from its neighbours: one small system per channel."""
        covariance, given = self.get_buffer("covariance"), self.get_buffer("given") & there & there[:, None]
        precision = self._precision(there)
        size = precision.diagonal().sqrt()
        strength = (precision / size / size[:, None]).abs() * there * there[:, None]
        # A given link is heard before any learned one.
        strength = torch.where(given, 2.0, strength).fill_diagonal_(-1.0)
        width = min(int(given.sum(1).max()) + self.num_learned, len(there) - 1)
        best, neighbour = strength.topk(width, dim=1)
        rank_allowed = given.sum(1, keepdim=True) + self.num_learned
        heard = (best > 0) & (torch.arange(width) < rank_allowed)
        among = covariance[neighbour[:, :, None], neighbour[:, None, :]] * heard[:, :, None] * heard[:, None, :]
        among = among + self.penalty * torch.eye(width, dtype=torch.float64)
        towards = torch.gather(covariance, 1, neighbour) * heard
        weight = torch.linalg.solve(among, towards)
        unlike = torch.eye(len(there), dtype=torch.float64).scatter_add(1, neighbour, -weight * heard).T
        left = covariance.diagonal() + self.penalty - (weight * towards).sum(1)
        everybody = left if bool(there.all()) else 1.0 / self._precision(torch.ones_like(there)).diagonal()
        spread = torch.where(there, left / everybody, 1.0).clamp(min=1.0).sqrt()
        return Messages(unlike.float(), spread.float())


def with_earlier(values: Tensor, num_lags: int, begins: Tensor | None = None) -> Tensor:
    """Rows and the rows before them; before the first row, and where time has a gap, all was as in the row after it.

    Args:
        values: rows.
        num_lags: ``K`` rows before each.
        begins: rows that follow a gap; none do when None.

    Shapes: ``values`` [T, C], ``begins`` [T] bool; returns [T, C + K C], the newest first.

    Example:
        >>> rows = torch.tensor([[1.0], [2.0], [3.0]])
        >>> with_earlier(rows, 1).tolist()
        [[1.0, 1.0], [2.0, 1.0], [3.0, 2.0]]
        >>> with_earlier(rows, 1, begins=torch.tensor([False, False, True])).tolist()
        [[1.0, 1.0], [2.0, 1.0], [3.0, 3.0]]
    """
    if not num_lags:
        return values
    if not len(values):
        return values.new_zeros(0, values.shape[1] * (1 + num_lags))
    if begins is not None:
        place, since = torch.arange(len(values)), rows_since(begins)
        return torch.cat([values[place - since.clamp(max=lag)] for lag in range(num_lags + 1)], 1)
    padded = torch.cat([values[:1].expand(num_lags, -1), values])
    return torch.cat([padded[num_lags - lag : num_lags - lag + len(values)] for lag in range(num_lags + 1)], 1)


def rows_since(begins: Tensor) -> Tensor:
    """How many rows follow each other before a row. Shapes: ``begins`` [T] bool; returns [T] int64.

    Example:
        >>> rows_since(torch.tensor([False, False, True, False])).tolist()
        [0, 1, 0, 1]
    """
    place = torch.arange(len(begins))
    return place - torch.where(begins, place, 0).cummax(0).values
