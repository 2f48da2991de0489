"""Arrays and tables as telemetry: one row after the other, columns that were sampled more slowly on their own clock."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sensorgraph.detector.telemetry import Group, Telemetry
from sensorgraph.errors import DataError, DataWarning
from sensorgraph.io.columns import numbers_of, sampled_rows
from sensorgraph.io.table import LABEL_COLUMNS
from sensorgraph.io.time_stamps import check_order, find_time_column, read_time_stamps


def of_array(values: Any, rate_hz: float | None, place: str) -> Telemetry:
    """Rows [T, C] (or [T], one channel) of numbers, NaN where missing.

    Raises:
        DataError: not numbers, no rows or no channels, or an impossible rate.
    """
    rows = np.asarray(values)
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or not rows.size:
        raise DataError(f"{place}: must be rows of channels [T, C] and not empty (got shape {rows.shape})")
    if rows.dtype.kind == "c":
        raise DataError(f"{place}: must hold real numbers; give size and phase as channels (got {rows.dtype})")
    if rows.dtype.kind not in "biuf":
        try:
            rows = rows.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{place}: must hold numbers; turn text into numbers or leave it out (got {error})"
            ) from error
    names = tuple(f"channel_{number}" for number in range(rows.shape[1]))
    period_s = 1.0 / checked_rate(rate_hz, place)
    found = _of_rows(names, rows, np.arange(len(rows)) * period_s, period_s, place)
    return replace(found, named=False)


def of_frame(frame: pd.DataFrame, rate_hz: float | None, place: str) -> Telemetry:
    """A table: columns are channels, the time stands in the index, in a column that is a date or named like a time, or
    follows from the rate.

    Raises:
        DataError: text in a column, time stamps that repeat or go backwards, a column name twice.
    """
    if not len(frame):
        raise DataError(f"{place}: has no rows; check how it was made")
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    twice = sorted({name for name in frame.columns if list(frame.columns).count(name) > 1})
    if twice:
        raise DataError(f"{place}: every column needs a name of its own; rename {', '.join(twice)}")
    stamps = None
    if isinstance(frame.index, pd.DatetimeIndex | pd.TimedeltaIndex):
        stamps = read_time_stamps(frame.index.to_series(), f"{place}, index", "s", None)
    elif (name := find_time_column(frame, place, None)) is not None:
        stamps = read_time_stamps(frame[name], f"{place}, column '{name}'", "s", None)
        frame = frame.drop(columns=name)
    labels = [name for name in LABEL_COLUMNS if name in frame.columns]
    if labels:
        warnings.warn(f"{place}: {', '.join(labels)} taken for labels and left out", DataWarning, stacklevel=2)
        frame = frame.drop(columns=labels)
    if not frame.shape[1]:
        raise DataError(f"{place}: no column is left for a channel")
    rows = np.stack([numbers_of(frame[name], f"{place}, column '{name}'") for name in frame.columns], axis=1)
    if stamps is None:
        period_s = 1.0 / checked_rate(rate_hz, place)
        times_s = np.arange(len(rows)) * period_s
    else:
        check_order(stamps.ticks, f"{place}, time")
        times_s = stamps.seconds_since(stamps.ticks[0])
        period_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0 / checked_rate(rate_hz, place)
    return _of_rows(tuple(frame.columns), rows, times_s, period_s, place)


def _of_rows(names: tuple[str, ...], rows: np.ndarray, times_s: np.ndarray, period_s: float, place: str) -> Telemetry:
    """Rows at known times; a column that is filled in every k-th row only is a channel of k times the period."""
    if rows.dtype.kind == "f" and np.isinf(rows).any():
        num_infinite = int(np.isinf(rows).sum())
        warnings.warn(f"{place}: {num_infinite} infinite values are taken as missing", DataWarning, stacklevel=3)
        rows = np.where(np.isinf(rows), np.nan, rows)
    full = slice(0, None, 1)
    slices = [full] * len(names)
    if rows.dtype.kind == "f" and np.isnan(rows).any():
        slices = [sampled_rows(np.asarray(rows[:, column], np.float64)) for column in range(len(names))]
    groups = []
    for start, step in sorted({(part.start, part.step) for part in slices}):
        channels = np.array([c for c, part in enumerate(slices) if (part.start, part.step) == (start, step)])
        values = rows if len(channels) == len(names) else rows[:, channels]
        taken = np.arange(start, len(rows), step)
        groups.append(Group(channels, times_s[taken], taken, values[start::step], period_s * step))
    return Telemetry(names, times_s, period_s, tuple(groups))


def checked_rate(rate_hz: float | None, place: str) -> float:
    """The rate of rows (Hz), 1 where nobody said.

    Raises:
        DataError: it is not a positive number.
    """
    rate = 1.0 if rate_hz is None else rate_hz
    if not (np.isfinite(rate) and rate > 0):
        raise DataError(f"{place}: rate_hz must be positive (got {rate_hz})")
    return float(rate)
