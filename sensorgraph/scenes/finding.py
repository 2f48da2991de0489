"""One thing that a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """What was found, and how bad it is.

    Attributes:
        severity: ``error`` makes a scene unusable, ``note`` does not.
        text: ``place: problem; remedy (got value)``.
    """

    severity: Literal["error", "note"]
    text: str

    @classmethod
    def error(cls, place: str, problem: str, remedy: str, got: object) -> Finding:
        """An error in the words of the house."""
        return cls("error", f"{place}: {problem}; {remedy} (got {got})")

    @classmethod
    def note(cls, place: str, fact: str) -> Finding:
        """A note: there is nothing to remedy."""
        return cls("note", f"{place}: {fact}")
