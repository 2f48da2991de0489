"""The table of a run: what was measured beside its controls, on the screen, in Markdown and in CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from sensorgraph.errors import DataError
from sensorgraph.evaluation.intervals import Interval

SIMULATED = "simulated"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: what was measured.
        figures: metric to a number, or to a number with its interval.
        is_control: whether it is a control that results are judged against.
        is_simulated: whether the data was simulated; such rows say so wherever they are shown.
    """

    name: str
    figures: Mapping[str, float | Interval]
    is_control: bool = False
    is_simulated: bool = False

    @property
    def label(self) -> str:
        return f"{self.name} ({SIMULATED})" if self.is_simulated else self.name


class RunTable:
    """Rows of named figures.

    A row without a metric shows a dash there: absent is not zero. Columns stand in the order in which rows bring them.

    Args:
        title: what the table is about, e.g. the recordings and the window of VUS.

    Example:
        >>> table = RunTable("SKAB, VUS window 60")
        >>> table.add("scene GNN", {"VUS-PR": 0.81, "F1": 0.77})
        >>> table.add("random", {"VUS-PR": 0.35}, is_control=True)
        >>> print(table.to_markdown())
        **SKAB, VUS window 60**
        <BLANKLINE>
        | | VUS-PR | F1 |
        |---|---|---|
        | scene GNN | 0.810 | 0.770 |
        | *random* (control) | 0.350 | - |
        >>> table.controls_above("scene GNN", "VUS-PR")
        []
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.rows: list[Row] = []

    def add(
        self,
        name: str,
        figures: Mapping[str, float | Interval],
        *,
        is_control: bool = False,
        is_simulated: bool = False,
    ) -> None:
        """Append a row.

        Raises:
            DataError: a row with this label is there already.
        """
        row = Row(name, dict(figures), is_control, is_simulated)
        if row.label in (other.label for other in self.rows):
            raise DataError(f"table '{self.title}': row '{row.label}' is there already; give each row its own name")
        self.rows.append(row)

    @property
    def metrics(self) -> list[str]:
        """Every metric that some row has, in order of appearance."""
        return list(dict.fromkeys(metric for row in self.rows for metric in row.figures))

    def value(self, name: str, metric: str) -> float:
        """The number in a cell.

        Raises:
            DataError: no such row, or it lacks the metric.
        """
        for row in self.rows:
            if name in (row.name, row.label) and metric in row.figures:
                return float(_middle(row.figures[metric]))
        known = ", ".join(row.label for row in self.rows)
        raise DataError(f"table '{self.title}': no '{metric}' of '{name}' (rows: {known})")

    def controls_above(self, name: str, metric: str) -> list[str]:
        """Names of the controls that are as good as a row or better (higher is better).

        Why: "better than the controls" may be said only when this list is empty.
        """
        mine = self.value(name, metric)
        others = (row for row in self.rows if row.is_control and metric in row.figures)
        return [row.name for row in others if not _middle(row.figures[metric]) < mine]

    def to_frame(self) -> pd.DataFrame:
        """Columns: name, control, simulated, each metric, and ``<metric> low/high`` where a row has an interval."""
        records = []
        for row in self.rows:
            record: dict[str, object] = {"name": row.name, "control": row.is_control, SIMULATED: row.is_simulated}
            for metric in self.metrics:
                figure = row.figures.get(metric, float("nan"))
                record[metric] = _middle(figure)
                if isinstance(figure, Interval):
                    record[f"{metric} low"], record[f"{metric} high"] = figure.low, figure.high
            records.append(record)
        return pd.DataFrame(records)

    def to_csv(self, path: Path | str) -> None:
        """Write `to_frame` as CSV."""
        self.to_frame().to_csv(path, index=False)

    def to_markdown(self) -> str:
        """The table as GitHub Markdown; controls are set in italics."""
        lines = [
            f"**{self.title}**",
            "",
            "| | " + " | ".join(self.metrics) + " |",
            "|---" * (len(self.metrics) + 1) + "|",
        ]
        for row in self.rows:
            label = f"*{row.label}* (control)" if row.is_control else row.label
            lines.append("| " + " | ".join([label, *self._cells(row)]) + " |")
        return "\n".join(lines)

    def print(self, console: Console | None = None) -> None:
        """Show the table on the screen; controls are dim."""
        shown = Table(title=self.title)
        shown.add_column("")
        for metric in self.metrics:
            shown.add_column(metric, justify="right")
        for row in self.rows:
            label = f"{row.label} (control)" if row.is_control else row.label
            shown.add_row(label, *self._cells(row), style="dim" if row.is_control else None)
        (console or Console()).print(shown)

    def _cells(self, row: Row) -> list[str]:
        return [_text(row.figures[metric]) if metric in row.figures else "-" for metric in self.metrics]


def _middle(figure: float | Interval) -> float:
    return figure.mean if isinstance(figure, Interval) else float(figure)


def _text(figure: float | Interval) -> str:
    if isinstance(figure, Interval):
        return f"{_text(figure.mean)} [{_text(figure.low)}, {_text(figure.high)}]"
    if isnan(figure):
        return "nan"
    return str(figure) if isinstance(figure, int) else f"{figure:.3f}" if abs(figure) < 100 else f"{figure:.0f}"
