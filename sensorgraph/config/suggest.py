"""The way out of a misspelt name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MAX_LISTED = 12


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Part of an error message that asks for the nearest known name; empty where none is near.

    Example:
        >>> nearest("hiden", ["hidden", "dropout"])
        "; did you mean 'hidden'?"
    """
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def listed(known: Iterable[str]) -> str:
    """Part of an error message that lists what is known, shortened where that is much.

    Example:
        >>> listed(["none", "concat"])
        ' (known: concat, none)'
    """
    names = sorted(known)
    if not names:
        return " (known: nothing)"
    return f" (known: {', '.join(names[:_MAX_LISTED])}{', ...' if len(names) > _MAX_LISTED else ''})"
