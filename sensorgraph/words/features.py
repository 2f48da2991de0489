"""A channel of words as one vector of fixed length, for networks and rules."""

from __future__ import annotations

import numpy as np

from sensorgraph.words.bits import NUM_BITS, BitStatistics, bit_statistics
from sensorgraph.words.carries import carry_of

_PER_BIT = ("toggle", "ones", "carry", "with_lower", "autocorrelation")

_SUMMARY = (
    "live_bits",  # number of bits that ever change / 16
    "top_live_bit",  # highest bit that ever changes, from 1, / 16
    "dead_gaps",  # bits that never change between the lowest and the highest that do / 16
    "sign_run",  # length of the run of top bits that change in the same share of transitions / 16
    "falling_toggle",  # share of neighbouring live bits of which the higher does not change more often
    "mean_carry",  # carry share, averaged over live bits weighted by how often they change
    "change_rate",  # share of transitions in which the word changes at all
    "num_values",  # log2 of the number of different words / 16
    "values_per_change",  # different words per change of the word (1: never the same twice)
    "single_bit_changes",  # share of changes in which exactly one bit changes
    "power_of_two_steps",  # share of changes by a power of two, modulo 2^16
    "bits_per_change",  # mean number of bits per change / 8
    "wrap_rate",  # share of transitions in which the word rolls over, to the power 1/4
    "step_10",  # log2 of the step that 10 % of the changes stay below / 16
    "step_50",
    "step_90",
    "step_max",
    "bend_50",  # log2 of the median change of the step / 16
    "roughness",  # the two: median bend over median step, squashed to 0..1
    "direction",  # |mean sign of the steps|: 1 for a counter or clock
    "usual_step_share",  # share of the changes that equal the most frequent one
    "step_correlation",  # of each change with the next one
    "outlier_steps",  # share of changes more than 64 times the median step
    "range",  # log2 of the range of the word, read as signed if that is smaller / 16
    "num_samples",  # log10 / 6
    "missing",  # share of words that are missing
)

WORD_FEATURE_NAMES: tuple[str, ...] = (*(f"{kind}_{bit}" for kind in _PER_BIT for bit in range(NUM_BITS)), *_SUMMARY)
"""Names of the entries of `word_features`: first figure after figure of all 16 bits, then the summary."""

NUM_BIT_FEATURES = len(_PER_BIT)
"""How many figures each bit has."""


def word_features(values: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """What one channel looks like: 5 figures per bit and a summary, named by `WORD_FEATURE_NAMES`.

    Every entry is finite and of order 1, also for constant, very short and empty channels.

    Args:
        values: [T] uint16.
        valid: [T] bool, or None when every word is there.

    Shapes: returns [K] float32.

    Raises:
        DataError: not words, or ``valid`` does not fit.

    Example:
        >>> import numpy as np
        >>> counter = word_features(np.arange(1000, dtype=np.uint16))
        >>> named = dict(zip(WORD_FEATURE_NAMES, counter.tolist()))
        >>> named["direction"], named["falling_toggle"], named["live_bits"]
        (1.0, 1.0, 0.625)
    """
    bits = bit_statistics(values, valid)
    live = ((bits.live >> np.arange(NUM_BITS)) & 1).astype(bool)
    per_bit = (
        # Toggle rates span decades: 1e-4 becomes 0, 1 becomes 1.
        np.log10(np.maximum(bits.toggle, 1e-4)) / 4.0 + 1.0,
        bits.ones,
        bits.carry,
        bits.toggle_with_lower,
        np.where(live, bits.autocorrelation, 1.0),
    )
    summary = _summary(values, valid, bits, live)
    out = np.concatenate([*per_bit, [summary.get(name, 0.0) for name in _SUMMARY]])
    return out.astype(np.float32)


def _summary(values: np.ndarray, valid: np.ndarray | None, bits: BitStatistics, live: np.ndarray) -> dict[str, float]:
    good = values if valid is None else values[valid]
    found = {
        "num_samples": float(np.log10(1.0 + len(good)) / 6.0),
        "missing": 1.0 - len(good) / max(len(values), 1),
    }
    found.update(_bit_pattern(bits, live))
    before, after = values[:-1], values[1:]
    if valid is not None:
        both = valid[1:] & valid[:-1]
        before, after = before[both], after[both]
    moved = before != after
    if not moved.any():
        return found
    toggled = (before ^ after)[moved]
    step = (after - before).view(np.int16).astype(np.float64)[moved]
    size = np.abs(step)
    num_values = int(np.count_nonzero(np.bincount(good)))
    signed = good.view(np.int16)
    spread = min(int(good.max()) - int(good.min()), int(signed.max()) - int(signed.min()))
    middle = float(np.median(size))
    found.update(
        change_rate=float(moved.mean()),
        num_values=float(np.log2(num_values) / 16.0),
        values_per_change=min(num_values / len(step), 1.0),
        single_bit_changes=float(np.mean((toggled & (toggled - np.uint16(1))) == 0)),
        power_of_two_steps=float(np.mean(_is_power_of_two(size))),
        bits_per_change=float(bits.toggle.sum() / moved.mean() / 8.0),
        wrap_rate=float(np.mean(carry_of(good) != 0) ** 0.25) if len(good) > 1 else 0.0,
        step_max=float(np.log2(size.max() + 1.0) / 16.0),
        direction=float(abs(np.sign(step).mean())),
        usual_step_share=float(np.bincount(step.astype(np.int64) + 32768).max() / len(step)),
        outlier_steps=float(np.mean(size > 64.0 * middle)),
        range=float(np.log2(spread + 1.0) / 16.0),
    )
    for name, quantile in zip(("step_10", "step_50", "step_90"), np.quantile(size, (0.1, 0.5, 0.9)), strict=True):
        found[name] = float(np.log2(quantile + 1.0) / 16.0)
    if len(step) > 2:
        bend = float(np.median(np.abs(np.diff(step))))
        found["bend_50"] = float(np.log2(bend + 1.0) / 16.0)
        found["roughness"] = bend / (bend + middle)
        spread_step = step - step.mean()
        power = float(spread_step @ spread_step)
        found["step_correlation"] = float(spread_step[1:] @ spread_step[:-1] / power) if power > 0 else 1.0
    return found


def _bit_pattern(bits: BitStatistics, live: np.ndarray) -> dict[str, float]:
    numbers = np.flatnonzero(live)
    if not len(numbers):
        return {}
    toggle = bits.toggle
    lowest, highest = int(numbers[0]), int(numbers[-1])
    neighbours = [bit for bit in range(lowest + 1, highest + 1) if live[bit] and live[bit - 1]]
    falling = [toggle[bit] <= toggle[bit - 1] * 1.05 for bit in neighbours]
    run = 1
    while highest - run >= lowest and abs(toggle[highest - run] - toggle[highest]) <= 0.02 * toggle[highest]:
        run += 1
    return {
        "live_bits": len(numbers) / 16.0,
        "top_live_bit": (highest + 1) / 16.0,
        "dead_gaps": (highest - lowest + 1 - len(numbers)) / 16.0,
        "sign_run": run / 16.0,
        "falling_toggle": float(np.mean(falling)) if falling else 1.0,
        "mean_carry": float((bits.carry * toggle).sum() / toggle.sum()),
    }


def _is_power_of_two(size: np.ndarray) -> np.ndarray:
    whole = size.astype(np.int64)
    return (whole & (whole - 1)) == 0
