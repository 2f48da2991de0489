"""Tables are checked before they are drawn, so that a missing column is named and not guessed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sensorgraph.errors import DataError


def require_columns(place: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table that lacks columns.

    Raises:
        DataError: some are missing; all of them are named.

    Example:
        >>> require_columns("viz.scores", pd.DataFrame({"stream": []}), ["stream", "score"])
        Traceback (most recent call last):
        sensorgraph.errors.DataError: viz.scores: the table lacks columns score (got stream)
    """
    missing = [name for name in columns if name not in table.columns]
    if missing:
        got = ", ".join(str(name) for name in table.columns) or "none"
        raise DataError(f"{place}: the table lacks columns {', '.join(missing)} (got {got})")
