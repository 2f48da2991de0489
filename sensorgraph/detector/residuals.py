"""Four ways to be surprising: far from usual, contradicted by the others, unlike one's own past, odd together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from sensorgraph.detector.standard import Standard
from sensorgraph.detector.telemetry import Telemetry, held
from sensorgraph.models.joint_windows import JointWindows
from sensorgraph.models.linear_messages import LinearMessages, PairMoments, rows_since, with_earlier
from sensorgraph.models.own_past import OwnPast, PastMoments

EVIDENCE = ("level", "others", "past")
"""Kinds of evidence that channels give one by one, in the order in which arrays hold them; what they are together
comes after these."""


@dataclass(frozen=True)
class Moments:
    """What fitting needs of a stretch of rows; stretches add up, so that any of them can be left out."""

    pairs: PairMoments
    past: PastMoments

    @staticmethod
    def of(telemetry: Telemetry, standard: Standard, num_told: int, num_lags: int) -> Moments:
        """Of all rows, with ``num_told`` rows before each, and of samples, with ``num_lags`` before each.

        What came before the stretch is not looked at: it must be fit to be left out.
        """
        size = len(telemetry.names)
        among = torch.zeros(size, num_lags, num_lags, dtype=torch.float64)
        towards, count = torch.zeros(size, num_lags, dtype=torch.float64), torch.zeros(size, dtype=torch.float64)
        rows = np.full((telemetry.num_rows, size), np.nan, np.float32)
        for group in telemetry.groups:
            filled = held(standard.of_group(group), whole=group.whole)
            rows[:, group.channels] = group.place(filled, telemetry.times_s)
            found = PastMoments.of(
                torch.from_numpy(filled), num_lags, torch.from_numpy(_unbroken(group.whole, num_lags))
            )
            channels = torch.from_numpy(group.channels)
            among[channels], towards[channels], count[channels] = found.among, found.towards, found.count
        told, begins = with_earlier(torch.from_numpy(rows), num_told), begins_of(telemetry)
        if begins is not None:
            lag = torch.arange(1 + num_told).repeat_interleave(size)
            told[rows_since(begins)[:, None] < lag] = torch.nan
        return Moments(PairMoments.of(told), PastMoments(among, towards, count))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.pairs + other.pairs, self.past + other.past)

    def __sub__(self, other: Moments) -> Moments:
        return Moments(self.pairs - other.pairs, self.past - other.past)


@dataclass(frozen=True)
class Residuals:
    """What a network did not expect.

    Attributes:
        channels: [3, T, C] float32, NaN where there is nothing to judge.
        joint: [T] float32, distance of all channels together; NaN where there is nothing to judge.
    """

    channels: np.ndarray
    joint: np.ndarray


@dataclass(frozen=True)
class ChannelNetwork:
    """The graph of channels: units at its nodes, messages along its links, a memory at every node.

    Attributes:
        standard: units.
        messages: from all other channels.
        past: from each channel's own last samples.
        windows: of all channels together; None where there are too many.
    """

    standard: Standard
    messages: LinearMessages
    past: OwnPast
    windows: JointWindows | None

    def prepare(self) -> None:
        """Solve what the first rows would wait for."""
        self.messages.prepare()
        if self.windows is not None:
            self.windows.prepare()

    def residuals(self, telemetry: Telemetry) -> Residuals:
        """How far each channel is from what is usual, from what the others say, and from what its past says; and all.

        A slow channel is judged at its own samples; what was found there holds until the next.
        """
        shape = (telemetry.num_rows, len(telemetry.names))
        rows = np.full(shape, np.nan, np.float32)
        units = [self.standard.of_group(group) for group in telemetry.groups]
        filled = [held(values, whole=group.whole) for group, values in zip(telemetry.groups, units, strict=True)]
        for group, values in zip(telemetry.groups, filled, strict=True):
            rows[:, group.channels] = group.place(values, telemetry.times_s)
        begins = begins_of(telemetry)
        told = self.messages(torch.from_numpy(rows), begins).numpy()
        joint = np.full(len(rows), np.nan, np.float32)
        if self.windows is not None:
            # Where relations are narrow a bridged gap looks like a fault; windows that hold one leave the channel out.
            for group, values in zip(telemetry.groups, units, strict=True):
                if np.isnan(values).any():
                    rows[:, group.channels] = group.place(values, telemetry.times_s)
            joint = self.windows(torch.from_numpy(rows), begins).numpy()
        out = np.full((len(EVIDENCE), *shape), np.nan, np.float32)
        for group, values, bridged in zip(telemetry.groups, units, filled, strict=True):
            foreseen = self.past(torch.from_numpy(bridged), torch.from_numpy(group.channels)).numpy()
            foreseen[~_unbroken(group.whole, self.past.num_lags)] = np.nan
            missing = np.isnan(values)
            for kind, found in enumerate((values, told[group.rows][:, group.channels], foreseen)):
                if missing.any():
                    found = np.where(missing, np.float32(np.nan), found)
                out[kind][:, group.channels] = group.place(found, telemetry.times_s)
        return Residuals(out, joint)


def rows_of(telemetry: Telemetry, standard: Standard) -> np.ndarray:
    """What holds in every row, in units, [T, C] float32; NaN where nothing does."""
    rows = np.full((telemetry.num_rows, len(telemetry.names)), np.nan, np.float32)
    for group in telemetry.groups:
        rows[:, group.channels] = group.place(held(standard.of_group(group), whole=group.whole), telemetry.times_s)
    return rows


def begins_of(telemetry: Telemetry) -> torch.Tensor | None:
    """`Telemetry.begins` for `with_earlier`."""
    found = telemetry.begins()
    return None if found is None else torch.from_numpy(found)


def _unbroken(whole: np.ndarray, num_lags: int) -> np.ndarray:
    """[N] bool, samples whose last ``num_lags`` samples follow each other."""
    if whole.all():
        return whole
    breaks = np.flatnonzero(~whole)
    out = np.ones(len(whole), bool)
    for step in range(num_lags):
        late = breaks + step
        out[late[late < len(out)]] = False
    return out
