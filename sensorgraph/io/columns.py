"""Columns of a table as numbers, and which of their rows are samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api import types

from sensorgraph.errors import DataError


def numbers_of(column: pd.Series, place: str) -> np.ndarray:
    """A numeric or true/false column as float64, NaN where a cell is empty; shape [T].

    Raises:
        DataError: the column holds text or dates; the first such row is named, counted from 1 below the header.
    """
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise DataError(f"{place}: holds dates; name it as time_column, or leave it out with leave_out")
    if types.is_bool_dtype(column) or types.is_numeric_dtype(column):
        return column.to_numpy(np.float64, na_value=np.nan)
    plain = column.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0}).astype(np.float64)
    numbers = pd.to_numeric(column.astype(object).where(plain.isna()), errors="coerce").astype(np.float64)
    numbers = numbers.where(plain.isna(), plain)
    text = (column.notna() & numbers.isna()).to_numpy()
    if text.any():
        row = int(np.argmax(text))
        got = column.iloc[row]
        comma = isinstance(got, str) and got.replace(",", "", 1).lstrip("+-").isdigit()
        remedy = "read it with decimal=','" if comma else "leave it out (of a file: leave_out), or repair the cell"
        raise DataError(f"{place}: row {row + 1} is not a number; {remedy} (got {got!r})")
    return numbers.to_numpy(np.float64)


def float32_of(numbers: np.ndarray, place: str) -> np.ndarray:
    """Physical values as the streams hold them.

    Raises:
        DataError: a finite number is too large for 32 bits.
    """
    too_large = np.isfinite(numbers) & (np.abs(numbers) > np.finfo(np.float32).max)
    if too_large.any():
        row = int(np.argmax(too_large))
        raise DataError(f"{place}: row {row + 1} is too large for float32; scale the column (got {numbers[row]})")
    return numbers.astype(np.float32)


def words_of(numbers: np.ndarray, place: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Raw 16-bit words and which of them are there (None: all); an empty cell becomes 0 and not valid.

    Raises:
        DataError: a number is no word.
    """
    valid = ~np.isnan(numbers)
    filled = np.where(valid, numbers, 0.0)
    wrong = (filled < 0) | (filled > 0xFFFF) | (filled != np.floor(filled))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"{place}: row {row + 1} is no 16-bit word; write signed words as unsigned (value & 0xFFFF), or take the "
            f"column out of words (got {filled[row]:g})"
        )
    return filled.astype(np.uint16), None if valid.all() else valid


def sampled_rows(numbers: np.ndarray) -> slice:
    """Rows in which the column was sampled at all, where empty cells follow a rule.

    In a table of several rates, a slow column is empty in all rows but every k-th. Those empty rows are no gaps:
    nothing was to be measured there. A column counts as slow if its filled rows are whole steps of k >= 2 rows
    apart and at least half of every k-th row is filled; what is empty among every k-th row is a gap and stays NaN.
    Everything else is taken as a column at the rate of the table with gaps.

    Example:
        >>> nan = float("nan")
        >>> sampled_rows(np.array([nan, 1, nan, nan, 2, nan, nan, 3, nan]))
        slice(1, None, 3)
        >>> sampled_rows(np.array([1, 2, nan, 4, 5]))
        slice(0, None, 1)
    """
    filled = np.flatnonzero(~np.isnan(numbers))
    if len(filled) < 3:
        return slice(0, None, 1)
    step = int(np.gcd.reduce(np.diff(filled)))
    first = int(filled[0]) % step
    every = len(range(first, len(numbers), step))
    return slice(first, None, step) if step > 1 and len(filled) * 2 >= every else slice(0, None, 1)
