"""How well the inside of a word is read: live bits, flags, and where fields begin and end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError
from sensorgraph.evaluation.counts import Counts

_NUM_BITS = 16


def mask_iou(true_masks: ArrayLike, found_masks: ArrayLike) -> float:
    """Mean over channels of intersection over union of the bits in two masks (1 where both are empty).

    Args:
        true_masks: [N] masks 0..65535, e.g. the bits that belong to a field.
        found_masks: [N] the same, as found.

    Raises:
        DataError: shapes differ, no channel, or a value that is no 16-bit mask.

    Example:
        >>> mask_iou([0b1111, 0b1], [0b0011, 0b1])
        0.75
    """
    truth, found = _bits(true_masks, found_masks, "mask_iou")
    union = (truth | found).sum(axis=1)
    shared = (truth & found).sum(axis=1)
    return float(np.where(union > 0, shared / np.maximum(union, 1), 1.0).mean())


def flag_counts(true_masks: ArrayLike, found_masks: ArrayLike, judged_masks: ArrayLike | None = None) -> Counts:
    """Precision, recall and F1 of flag bits, over all bits of all channels.

    Args:
        true_masks: [N] masks of the bits that are independent 1-bit truths.
        found_masks: [N] the same, as found.
        judged_masks: [N] masks of the bits to judge (all by default); a bit that never changes cannot be told.

    Raises:
        DataError: shapes differ, no channel, or a value that is no 16-bit mask.

    Example:
        >>> flag_counts([0b0110], [0b0011]).f1
        0.5
    """
    truth, found = _bits(true_masks, found_masks, "flag_counts")
    if judged_masks is not None:
        judged, _ = _bits(judged_masks, true_masks, "flag_counts, judged_masks")
        truth, found = truth & judged, found & judged
    return Counts(int((truth & found).sum()), int((~truth & found).sum()), int((truth & ~found).sum()))


def boundary_counts(
    true_fields: Sequence[Sequence[tuple[int, int]]], found_fields: Sequence[Sequence[tuple[int, int]]]
) -> Counts:
    """Precision, recall and F1 of field boundaries, over all channels.

    A boundary is a place between two bits (1..15) where a field begins or ends; the ends of the word are known.

    Args:
        true_fields: per channel, ``(first_bit, last_bit)`` of each field; bit 0 is the least significant.
        found_fields: the same, as found.

    Raises:
        DataError: the numbers of channels differ, or a field does not lie in 0..15.

    Example:
        >>> counts = boundary_counts([[(0, 3), (4, 15)]], [[(0, 3), (4, 9), (10, 15)]])
        >>> counts.precision, counts.recall
        (0.5, 1.0)
    """
    if len(true_fields) != len(found_fields):
        raise DataError(f"boundary_counts: needs the same channels (got {len(true_fields)} and {len(found_fields)})")
    num_hits = num_false = num_missed = 0
    for truth, found in zip(map(_boundaries, true_fields), map(_boundaries, found_fields), strict=True):
        num_hits += len(truth & found)
        num_false += len(found - truth)
        num_missed += len(truth - found)
    return Counts(num_hits, num_false, num_missed)


def _boundaries(fields: Sequence[tuple[int, int]]) -> set[int]:
    for first, last in fields:
        if not 0 <= first <= last < _NUM_BITS:
            raise DataError(f"boundary_counts: a field must lie in bits 0..15, first before last (got {first}..{last})")
    return {place for first, last in fields for place in (first, last + 1)} - {0, _NUM_BITS}


def _bits(masks: ArrayLike, others: ArrayLike, place: str) -> tuple[np.ndarray, np.ndarray]:
    """Both masks as [N, 16] bool."""
    pair = np.asarray(masks), np.asarray(others)
    if pair[0].ndim != 1 or pair[0].size == 0 or pair[0].shape != pair[1].shape:
        raise DataError(f"{place}: needs one mask per channel on both sides (got {pair[0].shape}, {pair[1].shape})")
    for values in pair:
        if not np.issubdtype(values.dtype, np.integer) or values.min() < 0 or values.max() >= 1 << _NUM_BITS:
            raise DataError(f"{place}: masks must be whole numbers 0..65535 (got {values})")
    first, second = ((values.astype(np.int64)[:, None] >> np.arange(_NUM_BITS) & 1).astype(bool) for values in pair)
    return first, second
