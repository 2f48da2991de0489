"""Networks that did not see what they judge: training is cut into blocks, each left out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import torch

from sensorgraph.detector.residuals import ChannelNetwork, Moments, Residuals, begins_of, rows_of
from sensorgraph.detector.standard import Standard
from sensorgraph.detector.telemetry import Telemetry
from sensorgraph.models.joint_windows import JointWindows, covariance_of, directions_of
from sensorgraph.models.linear_messages import LinearMessages, rows_since, with_earlier
from sensorgraph.models.own_past import OwnPast
from sensorgraph.scoring.surprise import usual_size

ROWS_AT_ONCE = 16_384

_NUM_BLOCKS = 5

_TOLD_LAGS = 3
"""Earlier rows of the other channels that a channel is told,"""

_MOST_TOLD = 120
"""where there are no more channels than this."""

_JOINT_LAGS = 9
"""Earlier rows in a window of all channels, about as many as in a channel's own past, or fewer:"""

_MOST_JOINT = 200
"""so many numbers are looked at together at most, for time grows with their square,"""

_ROWS_PER_NUMBER = 2
"""and no more than there are pairs of training rows, for directions that are seen less are chance."""

_MOST_CHANNELS = 500
"""More channels are not looked at together, not even in a single row."""

_SIZED_ROWS = 5000
"""Rows that tell how far windows stray; more would not tell it better."""

_LEAST_STRAY = 0.1
"""Of what a direction's variance says: none is trusted to be ten times steadier."""


@dataclass(frozen=True)
class HeldOut:
    """Networks of the same channels.

    Attributes:
        networks: each fitted without one block of rows, in the order of the blocks.
        whole: fitted to all rows.
        block: rows of a block.
        context: rows before a block that are shown to its network.
    """

    networks: tuple[ChannelNetwork, ...]
    whole: ChannelNetwork
    block: int
    context: int

    @staticmethod
    def of(telemetry: Telemetry, given: torch.Tensor, standard: Standard) -> HeldOut:
        """Fit to rows of normal operation, links that a user gave, and units."""
        block = -(-telemetry.num_rows // _NUM_BLOCKS)
        num_channels = len(standard.centre)
        num_lags, num_told = OwnPast(1).num_lags, new_messages(num_channels).num_lags
        joint = new_windows(num_channels, telemetry.num_rows)
        context = telemetry.context_rows(max(num_lags, standard.num_before()))
        size = max(ROWS_AT_ONCE, 2 * context)
        deepest = max(num_told, joint.num_lags if joint else 0)
        moments = [
            reduce(add, [Moments.of(few, standard, deepest, num_lags) for _, few in part.parts(size, 0)])
            for _, part in telemetry.parts(block, 0)
        ]
        total = reduce(add, moments)
        # A middle that was taken from a block as well would make the block look closer to it than new rows will be.
        place = np.arange(telemetry.num_rows) // block
        units = [standard.centred(telemetry.without(place == number)) for number in range(len(moments))]
        joints = _windows(telemetry, moments, units, block, context)

        def network(units: Standard, moments: Moments, windows: JointWindows | None) -> ChannelNetwork:
            messages, past = new_messages(num_channels), OwnPast(num_channels)
            messages.fit(moments.pairs.leading(num_channels * (1 + num_told)).covariance(), given)
            past.fit(moments.past)
            return ChannelNetwork(units, messages, past, windows)

        networks = [
            network(one, total - part, windows) for one, part, windows in zip(units, moments, joints[:-1], strict=True)
        ]
        return HeldOut(tuple(networks), network(standard, total, joints[-1]), block, context)

    def residuals(self, telemetry: Telemetry) -> Residuals:
        """Of the rows that were fitted to (some may be missing now, or were then), block by block."""
        parts = zip(self.networks, telemetry.parts(self.block, self.context), strict=True)
        found = [(before, network.residuals(part)) for network, (before, part) in parts]
        return Residuals(
            np.concatenate([one.channels[:, before:] for before, one in found], axis=1),
            np.concatenate([one.joint[before:] for before, one in found]),
        )


def new_messages(num_channels: int) -> LinearMessages:
    """Messages of so many channels; where there are many, what was said earlier costs too much to be told."""
    return LinearMessages(num_channels, num_lags=_TOLD_LAGS if num_channels <= _MOST_TOLD else 0)


def new_windows(num_channels: int, num_rows: int) -> JointWindows | None:
    """Windows of so many channels, shorter where there are many or few rows; None where a row is too much already."""
    if num_channels > _MOST_CHANNELS:
        return None
    most = min(_MOST_JOINT, num_rows // _ROWS_PER_NUMBER)
    return JointWindows(num_channels, num_lags=min(max(most // num_channels - 1, 0), _JOINT_LAGS))


def _windows(
    telemetry: Telemetry, moments: list[Moments], units: list[Standard], block: int, context: int
) -> list[JointWindows | None]:
    """One per block, of all other blocks, and one of everything.

    The sizes along their directions are shared: they are robust ones of how far rows stray that were left out, since
    what stands for all of normal operation must not be made wide by its anomalies, nor narrow by chance.
    """
    made = [new_windows(len(units[0].centre), telemetry.num_rows) for _ in range(len(moments) + 1)]
    if made[0] is None:
        return made
    num_lags = made[0].num_lags
    pairs = [part.pairs.leading(len(units[0].centre) * (1 + num_lags)) for part in moments]
    directions, size = directions_of(pairs)
    step, strayed = max(telemetry.num_rows // _SIZED_ROWS, 1), []
    for one, direction, (before, part) in zip(units, directions, telemetry.parts(block, context), strict=True):
        rows = np.nan_to_num(rows_of(part, one))
        told, begins = with_earlier(torch.from_numpy(rows), num_lags), begins_of(part)
        if begins is not None:
            told, before = told[before:][rows_since(begins)[before:] >= num_lags], 0
        strayed.append(told[before::step] @ (direction / size).float())
    found = torch.cat(strayed).numpy()
    stray = np.array([max(usual_size(column), _LEAST_STRAY) for column in found.T])
    size = size * torch.from_numpy(stray)
    fitted = [(direction * size) @ (direction * size).T for direction in directions]
    for windows, covariance in zip(made, [*fitted, covariance_of(reduce(add, pairs), size)], strict=True):
        assert windows is not None
        windows.fit(covariance)
    return made
