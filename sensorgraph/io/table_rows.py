"""The rows of one file, and of files that continue each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sensorgraph.errors import DataError
from sensorgraph.io.columns import numbers_of
from sensorgraph.io.delimited import read_delimited
from sensorgraph.io.label_columns import flags_of
from sensorgraph.io.parquet import is_parquet, read_parquet
from sensorgraph.io.time_stamps import TimeStamps, check_order

Duplicates = Literal["error", "first", "last"]


@dataclass(frozen=True)
class Rows:
    """Time stamps, numbers and labels, row by row.

    Attributes:
        place: the file or files, for errors.
        stamps: None where the table has no time column.
        columns: name to [T] float64, NaN where a cell is empty.
        labels: name to [T] bool.
    """

    place: str
    stamps: TimeStamps | None
    columns: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]

    @property
    def names(self) -> frozenset[str]:
        """Of columns and labels."""
        return frozenset(self.columns) | frozenset(self.labels)


def read_frame(path: Path, separator: str | None, decimal: str) -> pd.DataFrame:
    """The table of a text or Parquet file.

    Raises:
        FileFormatError: the file is missing, empty or no table.
        DataError: it has no rows.
    """
    frame = read_parquet(path) if is_parquet(path) else read_delimited(path, separator, decimal)
    if len(frame) == 0:
        raise DataError(f"{path}: has a header and no rows; check how it was exported")
    return frame


def in_order(
    frame: pd.DataFrame, stamps: TimeStamps, place: str, sort: bool, duplicates: Duplicates
) -> tuple[pd.DataFrame, TimeStamps]:
    """Frame and stamps with rows sorted and thinned where the caller asked for it.

    Raises:
        DataError: time stamps still go backwards or repeat.
    """
    ticks = stamps.ticks
    if sort:
        order = np.argsort(ticks, kind="stable")
        frame, ticks = frame.iloc[order], ticks[order]
    if duplicates != "error":
        same_as_next = np.diff(ticks) == 0
        keep = ~(np.append(False, same_as_next) if duplicates == "first" else np.append(same_as_next, False))
        frame, ticks = frame.loc[keep], ticks[keep]
    check_order(ticks, place, rows=frame.index.to_numpy())
    return frame, TimeStamps(ticks, stamps.is_date)


def rows_of(
    frame: pd.DataFrame, stamps: TimeStamps | None, path: Path, wanted: set[str], label_names: set[str]
) -> Rows:
    """The wanted columns as numbers and the label columns as truth; the others are left.

    Raises:
        DataError: text in a wanted column, or something other than 0 and 1 in a label column.
    """
    numbers = {
        name: numbers_of(frame[name], f"{path}, column '{name}'")
        for name in frame.columns
        if name in wanted or name in label_names
    }
    return Rows(
        place=str(path),
        stamps=stamps,
        columns={name: values for name, values in numbers.items() if name not in label_names},
        labels={
            name: flags_of(values, f"{path}, column '{name}'")
            for name, values in numbers.items()
            if name in label_names
        },
    )


def joined(tables: list[Rows]) -> list[Rows]:
    """Files of the same columns one after the other, files of other columns beside each other.

    Raises:
        DataError: files share some columns but not all, or continue each other without time stamps of one kind.
    """
    together: list[Rows] = []
    for names in dict.fromkeys(table.names for table in tables):
        parts = [table for table in tables if table.names == names]
        together.append(parts[0] if len(parts) == 1 else _continued(parts))
    for number, table in enumerate(together):
        for other in together[:number]:
            shared = sorted(set(table.columns) & set(other.columns))
            if shared:
                raise DataError(
                    f"{table.place}: shares {', '.join(map(repr, shared))} with {other.place}, but not all columns; "
                    "rename them, or read the files as recordings of their own"
                )
    return together


def _continued(parts: list[Rows]) -> Rows:
    place = " + ".join(part.place for part in parts)
    stamps = [part.stamps for part in parts if part.stamps is not None]
    if len(stamps) < len(parts) or len({one.is_date for one in stamps}) > 1:
        raise DataError(
            f"{place}: files that continue each other need time stamps of one kind; add a time column to all"
        )
    order = sorted(range(len(parts)), key=lambda number: stamps[number].ticks[0])
    ticks = np.concatenate([stamps[number].ticks for number in order])
    check_order(ticks, place)

    def end_to_end(arrays: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([arrays[number] for number in order])

    return Rows(
        place,
        TimeStamps(ticks, stamps[0].is_date),
        {name: end_to_end([part.columns[name] for part in parts]) for name in parts[0].columns},
        {name: end_to_end([part.labels[name] for part in parts]) for name in parts[0].labels},
    )
