"""The column that says when: found, read and checked, never corrected unasked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api import types

from sensorgraph.errors import DataError, UnknownNameError

TimeUnit = Literal["s", "ms", "us", "ns"]

_NAMES = ("time", "time_s", "timestamp", "datetime", "date_time")
_PER_SECOND: dict[str, float] = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


@dataclass(frozen=True)
class TimeStamps:
    """Time stamps of all rows of one file.

    Attributes:
        ticks: [T] int64 nanoseconds since 1970 (UTC, or local where the file names no zone), or float64 seconds.
        is_date: which of the two.
    """

    ticks: np.ndarray
    is_date: bool

    def seconds_since(self, start: np.generic) -> np.ndarray:
        """Seconds after ``start``, a value of ``ticks``; shape [T] float64."""
        return (self.ticks - start) / (1e9 if self.is_date else 1.0)

    def name_of(self, start: np.generic) -> str | float:
        """How a person writes the instant ``start``: ISO 8601 for dates, else seconds."""
        return str(np.datetime64(int(start), "ns")).rstrip("0").rstrip(".") if self.is_date else float(start)


def find_time_column(frame: pd.DataFrame, place: str, wanted: str | None) -> str | None:
    """The column that holds time stamps: the wanted one, else the only one that is a date or is named like a time.

    Raises:
        UnknownNameError: the wanted column is not there.
        DataError: several columns could be meant.
    """
    names = [str(name) for name in frame.columns]
    if wanted is not None:
        if wanted not in names:
            raise UnknownNameError(f"{place}: no column '{wanted}' for time_column; known: {', '.join(names)}")
        return wanted
    dates = [name for name in names if types.is_datetime64_any_dtype(frame[name])]
    found = dates or [name for name in names if name.strip().lower() in _NAMES]
    if len(found) > 1:
        raise DataError(f"{place}: several columns could be the time; choose one with time_column (got {found})")
    return found[0] if found else None


def read_time_stamps(column: pd.Series, place: str, unit: TimeUnit, date_format: str | None) -> TimeStamps:
    """Dates (ISO 8601, or as ``date_format`` says) or numbers in ``unit``, as they are.

    Raises:
        DataError: empty or unreadable time stamps; the first such row is named, counted from 1 below the header.
    """
    as_written = column
    if types.is_datetime64_any_dtype(column):
        stamps = TimeStamps(_ticks_of(column), True)
        missing = column.isna().to_numpy()
    elif types.is_timedelta64_dtype(column):
        stamps = TimeStamps(column.dt.total_seconds().to_numpy(np.float64), False)
        missing = column.isna().to_numpy()
    elif (types.is_numeric_dtype(column) and not types.is_bool_dtype(column)) or _is_mostly_numbers(
        column, date_format
    ):
        column = column if types.is_numeric_dtype(column) else pd.to_numeric(column, errors="coerce")
        numbers = column.to_numpy(np.float64, na_value=np.nan) / _PER_SECOND[unit]
        stamps = TimeStamps(numbers, False)
        missing = ~np.isfinite(numbers)
    else:
        parsed = pd.to_datetime(column, format=date_format or "ISO8601", errors="coerce", utc=True)
        stamps = TimeStamps(_ticks_of(parsed), True)
        missing = parsed.isna().to_numpy()
    if missing.any():
        row = int(np.argmax(missing))
        raise DataError(
            f"{place}: row {row + 1} has no readable time stamp; remove the row, or give date_format such as "
            f"'%d.%m.%Y %H:%M:%S' where dates are not ISO 8601 (got {as_written.iloc[row]!r})"
        )
    return stamps


def check_order(ticks: np.ndarray, place: str, rows: np.ndarray | None = None) -> None:
    """Refuse time stamps that go backwards or repeat.

    Args:
        ticks: [T] in the order in which they will be used.
        place: the column, for errors.
        rows: [T] where each stands in the file, counted from 0, if not in this order.

    Raises:
        DataError: naming the first row, counted from 1 below the header, and the way out.
    """
    wrong = np.diff(ticks) <= 0
    if wrong.any():
        later = int(np.argmax(wrong)) + 1
        before, row = (later, later + 1) if rows is None else (int(rows[later - 1]) + 1, int(rows[later]) + 1)
        if ticks[later] == ticks[later - 1]:
            raise DataError(
                f"{place}: row {row} repeats the time stamp of row {before}; keep one of each (of a file: "
                f"duplicates='first' or 'last'; got {int(wrong.sum())} rows out of order)"
            )
        raise DataError(
            f"{place}: time goes backwards in row {row}; sort the rows (of a file: "
            f"sort=True; got {int(wrong.sum())} rows out of order)"
        )


def _is_mostly_numbers(column: pd.Series, date_format: str | None) -> bool:
    """One spoilt cell turns a column of numbers into text; the error shall then name that cell and not the first."""
    if date_format is not None or types.is_bool_dtype(column):
        return False
    return bool(pd.to_numeric(column, errors="coerce").notna().mean() > 0.5)


def _ticks_of(dates: pd.Series) -> np.ndarray:
    if getattr(dates.dtype, "tz", None) is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    # A missing date is refused by the caller; its place must hold some number until then.
    return dates.dt.as_unit("ns").to_numpy("datetime64[ns]").astype(np.int64)
