"""Columns on a clock as sensors, each at the rate at which it was really sampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.io.columns import float32_of, sampled_rows, words_of
from sensorgraph.io.table_clock import RowClock
from sensorgraph.scenes import Sensor

_SLOWER = 0.75
"""A declared rate below this share of the rate of the rows means that most rows are none of the column's."""


def streams_of(
    columns: Mapping[str, np.ndarray],
    clock: RowClock,
    place: str,
    rate_hz: float | Mapping[str, float] | None,
    words: frozenset[str],
    units: Mapping[str, str],
) -> list[Sensor]:
    """One sensor per column.

    Args:
        columns: name to numbers [T], NaN where a cell is empty.
        clock: of the rows.
        place: the file, for errors.
        rate_hz, words, units: as `read_table` has them.

    Raises:
        DataError: a column has no name, no declared rate although there are no time stamps, numbers that are no words,
            or filled rows that do not fit the declared rate.
    """
    declared = rate_hz if isinstance(rate_hz, Mapping) else {}
    if isinstance(rate_hz, Mapping) and clock.stamps_s is None:
        missing = [name for name in columns if name not in declared]
        if missing:
            raise DataError(f"{place}: without time stamps every column needs a rate_hz; add {', '.join(missing)}")
    return [
        _stream(name, numbers, clock, f"{place}, column '{name}'", declared.get(name), name in words, units.get(name))
        for name, numbers in columns.items()
    ]


def _stream(
    name: str, numbers: np.ndarray, clock: RowClock, place: str, declared: float | None, is_word: bool, unit: str | None
) -> Sensor:
    if not name:
        raise DataError(f"{place}: a stream needs a name; name the column, or leave it out with leave_out=['']")
    rows = sampled_rows(numbers)
    rate_hz = clock.rate_hz / rows.step
    start_s = rows.start * clock.period_s
    picked: slice | np.ndarray = rows
    if declared is not None and declared < _SLOWER * rate_hz:
        filled = np.flatnonzero(~np.isnan(numbers))
        if clock.stamps_s is None and not (len(filled) and filled[-1] == len(filled) - 1):
            raise DataError(
                f"{place}: at {declared:g} Hz in rows of {clock.rate_hz:g} Hz, either every "
                f"{clock.rate_hz / declared:g}th row or only the first rows are filled; repair the file or its rate_hz "
                f"(got {len(filled)} of {len(numbers)} rows)"
            )
        picked, start_s = filled, 0.0
    if declared is not None:
        rate_hz = declared
    samples = numbers[picked]
    time_s = None if clock.stamps_s is None else clock.stamps_s[picked]
    if declared is None and time_s is not None and len(time_s) > 1:
        rate_hz = 1.0 / float(np.median(np.diff(time_s))) if rows.step > 1 else clock.rate_hz
    if len(samples) == 0:
        raise DataError(f"{place}: not one row is filled; leave it out with leave_out")
    values, valid = words_of(samples, place) if is_word else (float32_of(samples, place), None)
    meta: dict[str, Any] = {} if unit is None else {"unit": unit}
    if clock.started is not None:
        meta["clock_start"] = clock.started
    return Sensor(name, float(rate_hz), values, 0.0 if time_s is not None else start_s, time_s, valid, meta)
