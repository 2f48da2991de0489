"""Fitting: the network of channels, and scores of the training rows by networks that did not see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from sensorgraph.detector.held_out import ROWS_AT_ONCE, HeldOut
from sensorgraph.detector.residuals import EVIDENCE, ChannelNetwork
from sensorgraph.detector.standard import Standard
from sensorgraph.detector.telemetry import Telemetry
from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.scoring.smoothing import WIDTHS, moving_mean
from sensorgraph.scoring.surprise import Surprise

_NOTHING = 1e-6

MIN_ROWS = 50
"""Fewer rows of normal operation teach nothing that could be checked against other rows."""

_MOST_ODD = 0.02
_ODD = 5.0
"""Training rows are taken for anomalies where their evidence is so many times what one row in fifty exceeds."""


@dataclass(frozen=True)
class Judged:
    """What was found in some rows.

    Attributes:
        scaled: [3, T, C] float32, scaled residuals, or None where only rows were asked for.
        rows: [4, T] evidence per row, 1 on average for normal rows; the last is of all channels together.
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
        distance: mean of what their windows gave.
    """

    network: ChannelNetwork
    surprise: Surprise
    distance: float

    def judge(self, telemetry: Telemetry, channels: bool = False) -> Judged:
        """Evidence of every row, a part at a time so that memory stays small."""
        network = self.network
        context = telemetry.context_rows(max(network.past.num_lags, network.standard.num_before()))
        rows, scaled = [], []
        for before, part in telemetry.parts(max(ROWS_AT_ONCE, 2 * context), context):
            found = network.residuals(part)
            here = self.surprise.of_channels(found.channels[:, before:])
            rows.append(self.evidence(here, found.joint[before:], telemetry.samples_per_row()))
            if channels:
                scaled.append(here)
        every = np.concatenate(scaled, axis=1) if channels else None
        return Judged(every, np.concatenate(rows, axis=1), self.surprise.level)

    def evidence(self, scaled: np.ndarray, joint: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """All kinds, [4, T], of scaled residuals [3, T, C] and distances [T]; for the weight see `Surprise.of_rows`."""
        return np.vstack([self.surprise.of_rows(scaled, weight), joint / self.distance])


@dataclass(frozen=True)
class Fit:
    """What fitting gives.

    Attributes:
        fitted: the network.
        rows: [4, T] evidence of the training rows, as if they were new.
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
    odd = odd_rows(first.rows[: len(EVIDENCE)])
    found = _fit(telemetry.without(odd), telemetry, given) if odd.any() else first
    found.fitted.network.prepare()
    return found


def odd_rows(rows: np.ndarray) -> np.ndarray:
    """Training rows that are anomalies themselves: far above the highest of the others, and few.

    They would make units wide and relations wrong; an honest tail has no such gap. Shapes: ``rows`` [K, T]; returns [T]
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
    held_out = HeldOut.of(known, given, standard)
    found = held_out.residuals(known)
    weight = judged.samples_per_row()
    surprise = Surprise.of(found.channels, weight)
    network, distance = held_out.whole, 1.0
    if np.isfinite(found.joint).any():
        distance = float(np.nanmean(found.joint))
    else:
        # No window was whole in training: nobody knows what one is like.
        network = replace(network, windows=None)
    if judged is not known:
        found = held_out.residuals(judged)
    # What never strays in training has no usual size of its own.
    fitted = FittedNetwork(network, surprise, distance if distance > _NOTHING else 1.0)
    rows = []
    for first in range(0, judged.num_rows, ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        rows.append(fitted.evidence(surprise.of_channels(found.channels[:, part]), found.joint[part], weight))
    return Fit(fitted, np.concatenate(rows, axis=1))


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
