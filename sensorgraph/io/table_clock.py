"""When each row of a table was taken, on the one clock of its recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.io.time_stamps import TimeStamps


@dataclass(frozen=True)
class RowClock:
    """The clock of the rows of one table.

    Attributes:
        stamps_s: [T] true times (s), or None where rows are regular.
        rate_hz: of the rows: one over the median step, or as declared.
        started: the instant that is 0 s, as a person writes it, where there are time stamps.
    """

    stamps_s: np.ndarray | None
    rate_hz: float
    started: str | float | None = None

    @property
    def period_s(self) -> float:
        """Usual time between two rows (s)."""
        return 1.0 / self.rate_hz

    def time_s(self, num_rows: int) -> np.ndarray:
        """Time of every row (s), shape [T]."""
        return np.arange(num_rows) / self.rate_hz if self.stamps_s is None else self.stamps_s

    @classmethod
    def of_tables(
        cls, tables: Sequence[tuple[str, TimeStamps | None]], rate_hz: float | Mapping[str, float] | None
    ) -> list[RowClock]:
        """Clocks with a common zero, the earliest time stamp of all tables.

        Args:
            tables: name for errors, and time stamps, of each.
            rate_hz: as `read_table` has it.

        Raises:
            DataError: some tables have dates and others numbers or nothing; a rate is not positive or cannot be told.
        """
        rates = list(rate_hz.values()) if isinstance(rate_hz, Mapping) else [] if rate_hz is None else [rate_hz]
        for rate in rates:
            if not (np.isfinite(rate) and rate > 0):
                raise DataError(f"{tables[0][0]}: rate_hz must be positive (got {rate})")
        stamped = [stamps for _, stamps in tables if stamps is not None]
        if not stamped:
            if not rates:
                raise DataError(f"{tables[0][0]}: no time column was found; name it with time_column, or give rate_hz")
            return [cls(None, max(rates)) for _ in tables]
        if len(stamped) < len(tables) or len({stamps.is_date for stamps in stamped}) > 1:
            raise DataError(
                f"{tables[0][0]}: its files must share a clock: all with dates or all with seconds; convert the others"
            )
        start = min(stamps.ticks[0] for stamps in stamped)
        declared = None if isinstance(rate_hz, Mapping) else rate_hz
        return [
            cls(
                stamps.seconds_since(start),
                declared or _rate_of(stamps.seconds_since(start), place, rates),
                stamps.name_of(start),
            )
            for (place, _), stamps in zip(tables, stamped, strict=True)
        ]


def _rate_of(time_s: np.ndarray, place: str, declared: list[float]) -> float:
    if len(time_s) > 1:
        return 1.0 / float(np.median(np.diff(time_s)))
    if declared:
        return max(declared)
    raise DataError(f"{place}: one row does not tell a rate; give rate_hz (got 1 row)")
