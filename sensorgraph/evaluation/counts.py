"""Precision, recall and F1 from counts: the part that pairs, bits and overflow bins have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Hits, false finds and misses.

    Example:
        >>> Counts(num_hits=3, num_false=1, num_missed=0).f1.__round__(3)
        0.857
    """

    num_hits: int
    num_false: int
    num_missed: int

    @property
    def precision(self) -> float:
        """Share of the finds that are right (NaN if nothing was found)."""
        return _share(self.num_hits, self.num_hits + self.num_false)

    @property
    def recall(self) -> float:
        """Share of the truth that was found (NaN if there is none)."""
        return _share(self.num_hits, self.num_hits + self.num_missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall (NaN if there was nothing to find and nothing found)."""
        return _share(2 * self.num_hits, 2 * self.num_hits + self.num_false + self.num_missed)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
