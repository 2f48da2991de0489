"""The truth about a recording's words that its own data can be held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.evaluation.word_reading import PairOfChannels, WordTruth
from sensorgraph.scenes import ChannelLabel, Labels, Sensor
from sensorgraph.typing import ChannelType

MIN_MSB_CHANGES = 3
"""An MSB that moves less often than this gives no pair away."""

MAX_STEP = 1 << 17
"""A value that moves further than this from sample to sample takes the carries with it."""


def word_truth(sensors: Sequence[Sensor], labels: Labels) -> WordTruth:
    """What labels say about channels, as far as the data can show it.

    - A word that never changes is not judged: nothing can be said of it.
    - A word in which bits move that the labels do not describe is not judged either: the description is not complete.
    - A pair counts if both of its words change. Where the high word rests, the low one is a word of its own.
    - Of a packed word, only fields that change are to be seen; a word with one such field is one word, unless a flag.
    - Words that share a field but are no pair (a link of the labels) may be called one or not: neither is judged.
    - A pair is *identifiable* if its high word changes at least 3 times and no step of the 32 bits, read as a whole
      number, reaches 2^17: a rule of thumb. Floats of one sign are ordered as whole numbers are, and carry as they do.

    Args:
        sensors: [N] channels of words.
        labels: what is known about them, by id.

    Example:
        >>> from sensorgraph.scenes import ChannelLabel, Pair
        >>> count = np.arange(0, 300_000, 500)
        >>> sensors = [Sensor(name, 1.0, (count >> shift).astype(np.uint16)) for name, shift in (("lo", 0), ("hi", 16))]
        >>> half = ChannelLabel(ChannelType.TWO_WORD)
        >>> pair = Pair("hi", "lo", overflow_s=np.array([132.0]))
        >>> truth = word_truth(sensors, Labels({"lo": half, "hi": half}, (pair,)))
        >>> truth.channel_type.tolist(), truth.identifiable, truth.rollovers[1, 0].tolist()
        ([1, 1], frozenset({(1, 0)}), [132])
    """
    number = {sensor.id: place for place, sensor in enumerate(sensors)}
    live = np.array([_live_bits(sensor) for sensor in sensors], np.int64)
    described = [labels.channels.get(sensor.id) for sensor in sensors]
    known = np.array(
        [
            label is not None and bits != 0 and bits & ~label.used_bits == 0
            for label, bits in zip(described, live.tolist(), strict=True)
        ],
        bool,
    )
    types = np.array([0 if label is None else int(label.type) for label in described], np.int64)
    pairs = {
        (number[pair.msb], number[pair.lsb]): pair for pair in labels.pairs if pair.msb in number and pair.lsb in number
    }
    moving = {ends: pair for ends, pair in pairs.items() if live[list(ends)].all()}
    halves = {channel for ends in moving for channel in ends}
    alone = [channel for ends in pairs for channel in ends if channel not in halves]
    types[alone] = ChannelType.ONE_WORD
    types[[_has_one_number(label, bits) for label, bits in zip(described, live.tolist(), strict=True)]] = 0
    return WordTruth(
        types,
        {ends: pair.lag_samples for ends, pair in moving.items()},
        frozenset(ends for ends in moving if _is_identifiable(sensors, ends)),
        {ends: _sample_numbers(sensors[ends[0]], pair.overflow_s) for ends, pair in moving.items()},
        # A flag that never changed is not to be seen.
        np.array([0 if label is None else label.flag_bits for label in described], np.int64) & live,
        tuple(((0, 15),) if label is None else _fields(label) for label in described),
        known,
        frozenset((number[high], number[low]) for high, low in labels.links if high in number and low in number),
    )


def fields_of_masks(used: int, flags: int) -> tuple[tuple[int, int], ...]:
    """Runs of used bits with every flag apart: all that masks tell about fields.

    Example:
        >>> fields_of_masks(0b0111_1111, 0b0100_0000)
        ((0, 5), (6, 6))
    """
    runs: list[tuple[int, int]] = []
    for bit in range(16):
        if not used >> bit & 1:
            continue
        alone = flags >> bit & 1 or (bit and flags >> (bit - 1) & 1)
        if runs and runs[-1][1] == bit - 1 and not alone:
            runs[-1] = (runs[-1][0], bit)
        else:
            runs.append((bit, bit))
    return tuple(runs)


def _fields(label: ChannelLabel) -> tuple[tuple[int, int], ...]:
    if label.fields:
        return tuple((first, last) for first, last, _ in label.fields)
    return fields_of_masks(label.used_bits, label.flag_bits)


def _has_one_number(label: ChannelLabel | None, live: int) -> bool:
    """Whether one field alone changes in a word of several, and is no flag."""
    if label is None or label.type != ChannelType.COMPLEX_BITS or not label.fields:
        return False
    moving = [kind for first, last, kind in label.fields if live >> first & ((2 << (last - first)) - 1)]
    return len(moving) == 1 and moving[0] != "flag"


def _live_bits(sensor: Sensor) -> int:
    words = sensor.values[sensor.validity()]
    return int(np.bitwise_or.reduce(words ^ words[0])) if len(words) else 0


def _is_identifiable(sensors: Sequence[Sensor], ends: PairOfChannels) -> bool:
    high, low = (sensors[channel] for channel in ends)
    changes = int((np.diff(high.values[high.validity()].astype(np.int32)) != 0).sum())
    if changes < MIN_MSB_CHANGES:
        return False
    if len(high.values) != len(low.values):
        return True
    whole = high.validity() & low.validity()
    joined = high.values[whole].astype(np.int64) << 16 | low.values[whole]
    step = (np.diff(joined) + (1 << 31)) % (1 << 32) - (1 << 31)
    return bool(np.abs(step).max(initial=0) < MAX_STEP)


def _sample_numbers(sensor: Sensor, times_s: np.ndarray) -> np.ndarray:
    # Half a nanosecond: the times are those of samples, as exactly as a float can say them.
    return np.searchsorted(sensor.times(), np.asarray(times_s) - 5e-10).astype(np.int64)
