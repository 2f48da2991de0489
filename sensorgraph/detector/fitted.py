"""Fitting: the network of channels, and scores of the training rows by networks that did not see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from sensorgraph.detector.residuals import ChannelNetwork, Moments
from sensorgraph.detector.standard import Standard
from sensorgraph.detector.telemetry import Telemetry
from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.models.linear_messages import LinearMessages
from sensorgraph.models.own_past import OwnPast
from sensorgraph.scoring.smoothing import WIDTHS, moving_mean
from sensorgraph.scoring.surprise import Surprise

MIN_ROWS = 50
"""Fewer rows of normal operation teach nothing that could be checked against other rows."""

_NUM_BLOCKS = 5
_ROWS_AT_ONCE = 16_384

_TOLD_LAGS = 3
"""Earlier rows of the other channels that a channel is told,"""

_MOST_TOLD = 120
"""where there are no more channels than this."""

_MOST_ODD = 0.02
_ODD = 5.0
"""Training rows are taken for anomalies where their evidence is so many times what one row in fifty exceeds."""


@dataclass(frozen=True)
class Judged:
    """What was found in some rows.

    Attributes:
        scaled: [3, T, C] float32, scaled residuals, or None where only rows were asked for.
        rows: [3, T] evidence per row, 1 on average for normal rows.
        level: [3] what the rows' means of scaled residuals were divided by.
    """

    scaled: np.ndarray | None
    rows: np.ndarray
    level: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """The scaled residuals.

        Raises:
            ValueError: only rows were asked for.
        """
        if self.scaled is None:
            raise ValueError("judged: channels were not kept; judge with channels=True")
        return self.scaled


@dataclass(frozen=True)
class FittedNetwork:
    """A network of channels that knows how surprising normal rows are.

    Attributes:
        network: fitted to all training rows.
        surprise: learned from residuals of rows that were held out.
    """

    network: ChannelNetwork
    surprise: Surprise

    def judge(self, telemetry: Telemetry, channels: bool = False) -> Judged:
        """Evidence of every row, a part at a time so that memory stays small."""
        context = telemetry.context_rows(self.network.past.num_lags)
        rows, scaled = [], []
        for before, part in telemetry.parts(max(_ROWS_AT_ONCE, 2 * context), context):
            found = self.surprise.of_channels(self.network.residuals(part)[:, before:])
            rows.append(self.surprise.of_rows(found, telemetry.samples_per_row()))
            if channels:
                scaled.append(found)
        every = np.concatenate(scaled, axis=1) if channels else None
        return Judged(every, np.concatenate(rows, axis=1), self.surprise.level)


@dataclass(frozen=True)
class Fit:
    """What fitting gives.

    Attributes:
        fitted: the network.
        rows: [3, T] evidence of the training rows, as if they were new.
    """

    fitted: FittedNetwork
    rows: np.ndarray


def fit_network(telemetry: Telemetry, links: Sequence[tuple[str, str]]) -> Fit:
    """Fit to rows of normal operation.

    Training is cut into five blocks in time; each is judged by a network that was fitted to the other four, so that
    residuals, and the scores that a threshold is set by, are those of rows that were never seen.

    Raises:
        DataError: too few rows.
        UnknownNameError: a link names a channel that is not there.
    """
    if telemetry.num_rows < MIN_ROWS:
        raise DataError(
            f"train: at least {MIN_ROWS} rows of normal operation are needed; record more (got {telemetry.num_rows})"
        )
    given = _given(telemetry.names, links)
    first = _fit(telemetry, telemetry, given)
    odd = odd_rows(first.rows)
    return _fit(telemetry.without(odd), telemetry, given) if odd.any() else first


def odd_rows(rows: np.ndarray) -> np.ndarray:
    """Training rows that are anomalies themselves: far above the highest of the others, and few.

    They would make units wide and relations wrong; an honest tail has no such gap. Shapes: ``rows`` [3, T]; returns [T]
    bool.

    Example:
        >>> rows = np.abs(np.random.default_rng(0).normal(size=(3, 1000)))
        >>> rows[:, 500:510] = 60.0
        >>> found = np.flatnonzero(odd_rows(rows))
        >>> bool(found.min() >= 495 and found.max() <= 514)
        True
    """
    smooth = moving_mean(rows, WIDTHS[0], causal=False)
    odd = np.zeros(rows.shape[1], bool)
    for kind in smooth:
        known = kind[~np.isnan(kind)]
        if len(known):
            odd |= np.nan_to_num(kind) > _ODD * np.quantile(known, 1.0 - _MOST_ODD)
    return odd


def _fit(known: Telemetry, judged: Telemetry, given: torch.Tensor) -> Fit:
    """Fit to what is known of the rows that are judged."""
    standard = Standard.of(known)
    if not standard.known.any():
        raise DataError("train: not one channel has a value; check how it was made")
    size = -(-judged.num_rows // _NUM_BLOCKS)
    num_lags = OwnPast(1).num_lags
    context = judged.context_rows(num_lags)
    moments = [_moments_of(part, standard, num_lags, context) for _, part in known.parts(size, 0)]
    total = _sum(moments)
    # A middle that was taken from a block as well would make the block look closer to it than new rows will be.
    networks = []
    for number, left_out in enumerate(moments):
        unseen = np.arange(judged.num_rows) // size == number
        networks.append(_network(standard.centred(known.without(unseen)), total - left_out, given))

    def held_out(telemetry: Telemetry) -> np.ndarray:
        parts = zip(networks, telemetry.parts(size, context), strict=True)
        return np.concatenate([network.residuals(part)[:, before:] for network, (before, part) in parts], axis=1)

    residuals = held_out(known)
    weight = judged.samples_per_row()
    surprise = Surprise.of(residuals, weight)
    out_of_fold = held_out(judged) if judged is not known else residuals
    rows = np.concatenate(
        [
            surprise.of_rows(surprise.of_channels(out_of_fold[:, first : first + _ROWS_AT_ONCE]), weight)
            for first in range(0, judged.num_rows, _ROWS_AT_ONCE)
        ],
        axis=1,
    )
    return Fit(FittedNetwork(_network(standard, total, given), surprise), rows)


def _moments_of(telemetry: Telemetry, standard: Standard, num_lags: int, context: int) -> Moments:
    size = max(_ROWS_AT_ONCE, 2 * context)
    return _sum(
        [
            Moments.of(part, standard, new_messages(len(standard.centre)), num_lags)
            for _, part in telemetry.parts(size, 0)
        ]
    )


def _sum(parts: list[Moments]) -> Moments:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _network(standard: Standard, moments: Moments, given: torch.Tensor) -> ChannelNetwork:
    size = len(standard.centre)
    messages, past = new_messages(size), OwnPast(size)
    messages.fit(moments.pairs.covariance(), given)
    past.fit(moments.past)
    return ChannelNetwork(standard, messages, past)


def new_messages(num_channels: int) -> LinearMessages:
    """Messages of so many channels; where there are many, what was said earlier costs too much to be told."""
    return LinearMessages(num_channels, num_lags=_TOLD_LAGS if num_channels <= _MOST_TOLD else 0)


def _given(names: tuple[str, ...], links: Sequence[tuple[str, str]]) -> torch.Tensor:
    place = {name: number for number, name in enumerate(names)}
    given = torch.zeros(len(names), len(names), dtype=torch.bool)
    for link in links:
        unknown = [name for name in link if name not in place]
        if unknown or len(link) != 2:
            raise UnknownNameError(
                f"links: {', '.join(map(repr, unknown)) or 'a link'} is no channel of training; a link is a pair of "
                f"their names (known: {', '.join(names[:12])}, got {link!r})"
            )
        given[place[link[0]], place[link[1]]] = True
    return given
