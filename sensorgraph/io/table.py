"""Tables (CSV, Parquet) as recordings: time stamps as they are, nothing resampled, nothing dropped unasked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.io.label_columns import anomalies_of
from sensorgraph.io.table_clock import RowClock
from sensorgraph.io.table_rows import Duplicates, in_order, joined, read_frame, rows_of
from sensorgraph.io.table_streams import streams_of
from sensorgraph.io.time_stamps import TimeUnit, find_time_column, read_time_stamps
from sensorgraph.scenes import Labels, Recording

LABEL_COLUMNS = ("anomaly", "changepoint")
"""Columns that are taken for labels wherever they occur, unless the caller says otherwise."""


def read_table(
    paths: str | Path | Sequence[str | Path],
    *,
    id: str | None = None,
    time_column: str | None = None,
    time_unit: TimeUnit = "s",
    date_format: str | None = None,
    rate_hz: float | Mapping[str, float] | None = None,
    columns: Sequence[str] | None = None,
    leave_out: Collection[str] = (),
    words: Collection[str] = (),
    units: Mapping[str, str] | None = None,
    label_columns: Sequence[str] | None = None,
    separator: str | None = None,
    decimal: str = ".",
    sort: bool = False,
    duplicates: Duplicates = "error",
) -> Recording:
    """One recording from one table or several.

    Time stamps become ``time_s`` of every stream, with their jitter and gaps; the clock starts at the earliest of all
    files (kept in ``meta["clock_start"]``). A stream's ``rate_hz`` is one over the median step. Files with the same
    columns continue each other; files with other columns lie beside each other on the same clock, each at its own
    rate. A column that is filled in every k-th row only becomes a stream of k times the step; other empty cells are
    gaps (NaN, or not valid for words). Numbers and true/false become ``float32``, which is exact for whole numbers up
    to 16,777,216.

    Args:
        paths: text files with a header line, or Parquet files.
        id: of the recording; default: the name of the first file without its ending.
        time_column: default: the one that is a date, or is called time, time_s, timestamp, datetime or date_time.
        time_unit: of time stamps that are numbers.
        date_format: of dates that are not ISO 8601, as ``strptime`` has it.
        rate_hz: needed where there is no time column: the rate of the rows, or of each column. A column whose
            declared rate is below that of the rows was sampled only where it is filled (every k-th row, any rows of a
            table with time stamps, or from the top down without gaps).
        columns: which to read, in this order; default: all.
        leave_out: columns that are not streams.
        words: columns of raw 16-bit words.
        units: per column, kept in ``meta["unit"]``.
        label_columns: columns of 0 and 1; each run of 1 becomes an `Anomaly` whose ``kind`` is the column's name.
            Default: ``anomaly`` and ``changepoint`` where they occur. Label columns are never streams.
        separator: of text files; default: found from the first lines.
        decimal: decimal mark of text files.
        sort: bring rows into the order of their time stamps.
        duplicates: what to do with rows of the same time stamp.

    Raises:
        FileFormatError: a file is missing, empty, truncated or no table.
        DataError: text in a column, impossible or disordered time stamps, no numeric column, no way to tell the rate.
        UnknownNameError: a column that was named is in none of the files.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "pump.csv"
        >>> _ = path.write_text("time;flow;anomaly\\n0.0;31.5;0\\n1.1;;0\\n2.0;12.0;1\\n")
        >>> pump = read_table(path)
        >>> pump.stream("flow").values, pump.stream("flow").time_s
        (array([31.5,  nan, 12. ], dtype=float32), array([0. , 1.1, 2. ]))
        >>> pump.labels.anomalies[0].start_s
        2.0
    """
    files = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    if not files:
        raise DataError("read_table: at least one file is needed (got an empty list)")
    frames = [read_frame(path, separator, decimal) for path in files]
    known = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    named: dict[str, Collection[str]] = {
        "columns": columns or (),
        "leave_out": leave_out,
        "words": words,
        "units": units or (),
        "label_columns": label_columns or (),
        "rate_hz": rate_hz if isinstance(rate_hz, Mapping) else (),
    }
    _check_names(files[0], named, known)
    label_names = set(LABEL_COLUMNS if label_columns is None else label_columns) - set(leave_out)
    wanted = set(known if columns is None else columns) - set(leave_out)

    tables = []
    for path, frame in zip(files, frames, strict=True):
        time_name, stamps = find_time_column(frame, str(path), time_column), None
        if time_name is not None:
            place = f"{path}, column '{time_name}'"
            stamps = read_time_stamps(frame[time_name], place, time_unit, date_format)
            frame, stamps = in_order(frame.drop(columns=time_name), stamps, place, sort, duplicates)
        tables.append(rows_of(frame, stamps, path, wanted, label_names))
    tables = joined(tables)
    clocks = RowClock.of_tables([(table.place, table.stamps) for table in tables], rate_hz)

    streams = [
        stream
        for table, clock in zip(tables, clocks, strict=True)
        for stream in streams_of(table.columns, clock, table.place, rate_hz, frozenset(words), units or {})
    ]
    if not streams:
        raise DataError(
            f"{files[0]}: no column of numbers is left for a stream; check columns and leave_out (got {known})"
        )
    if columns is not None:
        streams.sort(key=lambda stream: columns.index(stream.id))
    anomalies = [
        anomaly
        for table, clock in zip(tables, clocks, strict=True)
        for name, flags in table.labels.items()
        for anomaly in anomalies_of(flags, clock.time_s(len(flags)), clock.period_s, name)
    ]
    ends_s = [stream.times()[-1] + 1 / stream.rate_hz for stream in streams] + [label.end_s for label in anomalies]
    return Recording(
        id=files[0].stem if id is None else id,
        duration_s=float(max(ends_s)),
        streams=tuple(streams),
        labels=Labels(anomalies=tuple(sorted(anomalies, key=lambda anomaly: anomaly.start_s))),
    )


def _check_names(path: Path, named: Mapping[str, Collection[str]], known: list[str]) -> None:
    for argument, names in named.items():
        if isinstance(names, str):
            raise DataError(f"{path}: {argument} takes a list of column names; write ['{names}'] (got '{names}')")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UnknownNameError(
                f"{path}: no column {', '.join(map(repr, unknown))} for {argument}; known: {', '.join(known)}"
            )
