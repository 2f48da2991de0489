"""Splits by recording and time, with a gap; never by window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError

SPLITS: tuple[str, ...] = ("train", "validation", "calibration", "test")


@dataclass(frozen=True)
class Span:
    """A stretch of one recording that belongs to one split."""

    recording_id: str
    start_s: float
    end_s: float


def split_recordings(
    durations_s: Mapping[str, float], shares: Mapping[str, float], seed: int = 0
) -> dict[str, tuple[Span, ...]]:
    """Whole recordings to splits, in shares of their number; the first split takes what rounding leaves.

    Raises:
        DataError: shares that are not positive or do not add up to 1, or fewer recordings than splits.

    Example:
        >>> found = split_recordings({"a": 60.0, "b": 60.0, "c": 60.0}, {"train": 0.6, "test": 0.4})
        >>> {name: len(spans) for name, spans in found.items()}
        {'train': 2, 'test': 1}
    """
    _check_shares(shares)
    names = sorted(durations_s)
    if len(names) < len(shares):
        raise DataError(
            f"split: {len(names)} recordings cannot fill {len(shares)} splits; split by time instead (got {names})"
        )
    np.random.default_rng(seed).shuffle(names)
    out: dict[str, tuple[Span, ...]] = {}
    begin = len(names)
    for split in reversed(list(shares)[1:]):
        count = max(int(np.floor(shares[split] * len(names) + 1e-9)), 1)
        out[split] = tuple(Span(name, 0.0, durations_s[name]) for name in sorted(names[begin - count : begin]))
        begin -= count
    first = next(iter(shares))
    out[first] = tuple(Span(name, 0.0, durations_s[name]) for name in sorted(names[:begin]))
    return {split: out[split] for split in shares}


def split_time(
    durations_s: Mapping[str, float], shares: Mapping[str, float], gap_s: float
) -> dict[str, tuple[Span, ...]]:
    """Every recording in the order of time, with ``gap_s`` left out between two splits.

    Raises:
        DataError: shares as above, or a recording so short that a split would be empty.

    Example:
        >>> found = split_time({"a": 110.0}, {"train": 0.8, "test": 0.2}, gap_s=10.0)
        >>> found["train"][0].end_s, found["test"][0].start_s
        (80.0, 90.0)
    """
    _check_shares(shares)
    if gap_s < 0:
        raise DataError(f"split: gap_s must be 0 or more (got {gap_s})")
    out: dict[str, list[Span]] = {split: [] for split in shares}
    for name in sorted(durations_s):
        usable = durations_s[name] - gap_s * (len(shares) - 1)
        if usable <= 0:
            raise DataError(
                f"recording '{name}': too short for {len(shares)} splits with {gap_s:g} s between them "
                f"(got {durations_s[name]:g} s)"
            )
        start = 0.0
        for split, share in shares.items():
            out[split].append(Span(name, start, start + share * usable))
            start += share * usable + gap_s
    return {split: tuple(spans) for split, spans in out.items()}


def spans_overlap(first: Sequence[Span], second: Sequence[Span]) -> bool:
    """Whether any two stretches share time.

    Example:
        >>> spans_overlap([Span("a", 0.0, 10.0)], [Span("a", 10.0, 20.0), Span("b", 5.0, 20.0)])
        False
    """
    return any(
        a.recording_id == b.recording_id and a.start_s < b.end_s and b.start_s < a.end_s for a in first for b in second
    )


def _check_shares(shares: Mapping[str, float]) -> None:
    if not shares or any(share <= 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:
        raise DataError(f"split: shares must be positive and add up to 1 (got {dict(shares)})")
