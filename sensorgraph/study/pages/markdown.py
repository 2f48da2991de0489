"""How numbers and tables look on the pages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.evaluation import Interval

NOT_MEASURED = "not measured"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first column is text, the others numbers.

    Example:
        >>> print(table(["row", "test"], [["late", "0.5"]]))
        | row | test |
        |---|---:|
        | late | 0.5 |
    """
    rule = "|---" + "|---:" * (len(header) - 1) + "|"
    return "\n".join([_line(header), rule, *(_line(row) for row in rows)])


def share(value: float | None) -> str:
    """A share or an accuracy.

    Example:
        >>> share(0.12345), share(None)
        ('.123', '-')
    """
    if value is None or np.isnan(value):
        return "-"
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference, with its sign.

    Example:
        >>> signed(0.0214), signed(-0.3)
        ('+.021', '-.300')
    """
    return f"{value:+.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:+.3f}"


def between(interval: Interval) -> str:
    """A difference with its interval.

    Example:
        >>> between(Interval(0.02, -0.01, 0.05, 9))
        '+.020 [-.010, +.050]'
    """
    return f"{signed(interval.mean)} [{signed(interval.low)}, {signed(interval.high)}]"


def within(interval: Interval) -> str:
    """A figure with its interval.

    Example:
        >>> within(Interval(0.72, 0.7, 0.75, 9))
        '.720 [.700, .750]'
    """
    return f"{share(interval.mean)} [{share(interval.low)}, {share(interval.high)}]"


def spread(values: np.ndarray) -> str:
    """Standard deviation over seeds; a dash for one seed."""
    return share(float(np.std(values, ddof=1))) if len(values) > 1 else "-"


def counted(number: int, thing: str) -> str:
    """A number of things.

    Example:
        >>> counted(1, "seed"), counted(3, "seed")
        ('1 seed', '3 seeds')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
