"""Parquet tables, with what pandas would turn into an index kept as a column."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet

from sensorgraph.errors import DataError, FileFormatError


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet by its first bytes, or calls itself so by its ending."""
    if path.suffix.lower() in (".parquet", ".pq"):
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def read_parquet(path: Path) -> pd.DataFrame:
    """The table of a Parquet file.

    Raises:
        FileFormatError: missing, truncated or foreign.
        DataError: two columns of one name.
    """
    if not path.is_file():
        raise FileFormatError(f"{path}: {'is a folder; name the file' if path.is_dir() else 'does not exist'}")
    try:
        table = pyarrow.parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise FileFormatError(f"{path}: cannot be read as Parquet; copy or export it again (got {error})") from error
    names = table.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: every column needs a name of its own; rename {', '.join(map(repr, twice))}")
    return table.to_pandas(ignore_metadata=True)
