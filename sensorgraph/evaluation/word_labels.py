"""The truth about a recording's words that its own data can be held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.evaluation.word_reading import PairOfChannels, WordTruth
from sensorgraph.scenes import Labels, Pair, Sensor
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
    - A pair of whole numbers is *identifiable* if its high word changes at least 3 times and no step of the value
      reaches 2^17, a rule of thumb. A float is not: its bits do not carry.

    Args:
        sensors: [N] channels of words.
        labels: what is known about them, by id.

    Example:
        >>> from sensorgraph.scenes import ChannelLabel
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
    return WordTruth(
        types,
        {ends: pair.lag_samples for ends, pair in moving.items()},
        frozenset(ends for ends, pair in moving.items() if _is_identifiable(sensors, ends, pair)),
        {ends: _sample_numbers(sensors[ends[0]], pair.overflow_s) for ends, pair in moving.items()},
        # A flag that never changed is not to be seen.
        np.array([0 if label is None else label.flag_bits for label in described], np.int64) & live,
        tuple(
            ((0, 15),) if label is None else tuple((first, last) for first, last, _ in label.fields)
            for label in described
        ),
        known,
    )


def _live_bits(sensor: Sensor) -> int:
    words = sensor.values[sensor.validity()]
    return int(np.bitwise_or.reduce(words ^ words[0])) if len(words) else 0


def _is_identifiable(sensors: Sequence[Sensor], ends: PairOfChannels, pair: Pair) -> bool:
    high, low = (sensors[channel] for channel in ends)
    if pair.encoding == "f32":
        return False
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
