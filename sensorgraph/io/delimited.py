"""Text tables (CSV and its relatives) as they lie on disk: which separator, which header, nothing guessed away."""

from __future__ import annotations

import csv
import os
import warnings
from pathlib import Path

import pandas as pd

from sensorgraph.errors import DataError, FileFormatError

_SEPARATORS = (",", ";", "\t", "|", " ")
_SAMPLE_LINES = 20
_TAIL_BYTES = 65536


def read_delimited(path: Path, separator: str | None = None, decimal: str = ".") -> pd.DataFrame:
    """The table of a text file, one column per name in its first line.

    Args:
        path: a UTF-8 file; a byte order mark is fine.
        separator: default: the one of ``, ; tab | space`` that splits the first lines into the most equal fields.
        decimal: the decimal mark; a ``,`` is then not taken for a separator.

    Raises:
        FileFormatError: missing, empty, not UTF-8, or lines with other numbers of fields than the header.
        DataError: no header line, or two columns of one name.
    """
    lines = _first_lines(path)
    separator = separator or _sniff(lines, decimal)
    names = _fields(lines[0], separator)
    _check_header(path, names)
    _check_last_line(path, separator, len(names))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                sep=r"\s+" if separator == " " else separator,
                decimal=decimal,
                encoding="utf-8-sig",
                index_col=False,
                low_memory=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise FileFormatError(
            f"{path}: its lines do not all have the {len(names)} fields of the header; repair it or name the separator "
            f"(separator {separator!r}, got: {' '.join(str(error).split())})"
        ) from error
    except UnicodeDecodeError as error:
        raise _not_text(path, error) from error
    frame.columns = pd.Index(names, dtype=object)
    return frame


def _first_lines(path: Path) -> list[str]:
    if not path.exists():
        raise FileFormatError(f"{path}: does not exist; check the path")
    if path.is_dir():
        raise FileFormatError(f"{path}: is a folder; name the file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in (file.readline() for _ in range(_SAMPLE_LINES)) if line.strip()]
    except UnicodeDecodeError as error:
        raise _not_text(path, error) from error
    if not lines:
        raise FileFormatError(f"{path}: is empty; check how it was copied or exported")
    if "\0" in "".join(lines):
        raise FileFormatError(f"{path}: is no text file (got zero bytes); check the path")
    return lines


def _not_text(path: Path, error: UnicodeDecodeError) -> FileFormatError:
    return FileFormatError(f"{path}: is not UTF-8 text; convert it, or check the path (got {error})")


def _fields(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    return [field.strip() for field in next(csv.reader([line.rstrip("\r\n")], delimiter=separator))]


def _sniff(lines: list[str], decimal: str) -> str:
    def num_equal_fields(separator: str) -> int:
        counts = {len(_fields(line, separator)) for line in lines}
        return counts.pop() if len(counts) == 1 else 0

    # max takes the first of equals, so spaces inside cells never win against a real separator.
    best = max((mark for mark in _SEPARATORS if mark != decimal), key=num_equal_fields)
    if num_equal_fields(best) > 1:
        return best
    # A table with damaged lines still has a header: let the parser say which line is wrong.
    return max((mark for mark in _SEPARATORS if mark != decimal), key=lambda mark: len(_fields(lines[0], mark)))


def _check_header(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if all(_is_number(name) for name in names):
        raise DataError(f"{path}: the first line must name the columns; add a header line (got numbers: {names[:5]})")
    if twice:
        raise DataError(f"{path}: every column needs a name of its own; rename {', '.join(map(repr, twice))}")


def _check_last_line(path: Path, separator: str, num_fields: int) -> None:
    """A copy that broke off ends in the middle of a line, which the parser would fill up with gaps."""
    with path.open("rb") as file:
        file.seek(max(os.path.getsize(path) - _TAIL_BYTES, 0))
        last = file.read().rstrip(b"\r\n").rsplit(b"\n", 1)[-1].decode("utf-8-sig", "replace")
    found = len(_fields(last, separator))
    if found < num_fields:
        raise FileFormatError(
            f"{path}: the last line is truncated; copy the file again or remove the line "
            f"(got {found} of {num_fields} fields: {last[:60]!r})"
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
