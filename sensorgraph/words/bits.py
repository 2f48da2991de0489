"""What each of the 16 bits of a channel does over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.words.channel import require_words

NUM_BITS = 16

_BIT_OF_BYTE = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.float64)


@dataclass(frozen=True)
class BitStatistics:
    """Sixteen figures of each kind, bit 0 (the least significant) first.

    Attributes:
        ones: [16] share of samples in which the bit is 1.
        toggle: [16] share of transitions in which the bit changes.
        toggle_with_lower: [16] of the changes of this bit, the share in which the next lower bit changes too
            (0 for bit 0 and for bits that never change).
        carry: [16] of the changes of this bit in which the next higher one stays, the share in which the next lower
            bit changes *in the opposite direction*, as the carry or borrow of a small step makes it (0 for bit 0 and
            for bits that never change alone).
        run_length: [16] mean number of samples between changes (T for a bit that never changes).
        autocorrelation: [16] of the bit with itself one sample later (1 for a bit that never changes).
        live: mask of the bits that ever change.
        change_rate: share of transitions in which any bit changes.
        num_transitions: how many pairs of neighbouring valid samples were looked at.
    """

    ones: np.ndarray
    toggle: np.ndarray
    toggle_with_lower: np.ndarray
    carry: np.ndarray
    run_length: np.ndarray
    autocorrelation: np.ndarray
    live: int
    change_rate: float
    num_transitions: int


def count_bits(words: np.ndarray) -> np.ndarray:
    """How often each bit is set; two histograms of bytes are 20 times faster than unpacking the bits.

    Shapes: ``words`` [T] uint16; returns [16] float64.

    Example:
        >>> import numpy as np
        >>> count_bits(np.array([1, 3, 256], np.uint16))[:9].tolist()
        [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    """
    low = np.bincount(words & 0xFF, minlength=256) @ _BIT_OF_BYTE
    high = np.bincount(words >> 8, minlength=256) @ _BIT_OF_BYTE
    return np.concatenate([low, high])


def bit_statistics(values: np.ndarray, valid: np.ndarray | None = None) -> BitStatistics:
    """Statistics per bit of one channel.

    Transitions are taken between neighbouring samples that are both valid, so a gap invents no change.

    Args:
        values: [T] uint16.
        valid: [T] bool, or None when every word is there.

    Raises:
        DataError: not words, or ``valid`` does not fit.

    Example:
        >>> import numpy as np
        >>> found = bit_statistics(np.arange(8, dtype=np.uint16))
        >>> found.live, found.toggle[:3].round(2).tolist(), found.carry[:3].tolist()
        (7, [1.0, 0.43, 0.14], [0.0, 1.0, 1.0])
    """
    require_words(values, "bit_statistics")
    if valid is not None and np.shape(valid) != values.shape:
        raise DataError(f"bit_statistics: valid must have one entry per word, {len(values)} (got {np.shape(valid)})")
    good = values if valid is None else values[valid]
    before, after = values[:-1], values[1:]
    if valid is not None:
        both = valid[1:] & valid[:-1]
        before, after = before[both], after[both]
    toggled = before ^ after
    together = toggled & (toggled << 1)
    # Where a carry ends, 01..1 becomes 10..0: the bit and the next lower one change and then differ from each other.
    ends = toggled & ~(toggled >> 1)
    opposite = ends & together & (after ^ (after << 1))
    num = max(len(after), 1)
    count = count_bits(toggled)
    ones = count_bits(good) / max(len(good), 1)
    toggle = count / num
    changes = np.maximum(count, 1.0)
    spread = 2.0 * ones * (1.0 - ones)
    autocorrelation = np.where(spread > 0, 1.0 - toggle / np.where(spread > 0, spread, 1.0), 1.0)
    return BitStatistics(
        ones=ones,
        toggle=toggle,
        toggle_with_lower=count_bits(together) / changes,
        carry=count_bits(opposite) / np.maximum(count_bits(ends), 1.0),
        run_length=len(good) / (count + 1.0),
        autocorrelation=np.clip(autocorrelation, -1.0, 1.0),
        live=int(np.sum((count > 0).astype(np.int64) << np.arange(NUM_BITS))),
        change_rate=float(np.count_nonzero(toggled) / num),
        num_transitions=len(after),
    )
