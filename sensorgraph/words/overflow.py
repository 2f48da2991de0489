"""In which bins the low word of a pair rolls over, and at which samples the high word takes the carry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes.clock import Clock
from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.carries import signed_change, steps
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.clock_group import ClockGroup, EventList
from sensorgraph.words.table import WordTable, hold_index

BIN_EVIDENCE: tuple[str, ...] = (
    "wraps",  # roll-overs of the low word in the bin
    "answered_wraps",  # of these, those that a step of the high word answers near by and in the same direction
    "steps",  # steps of the high word in the bin
    "unanswered_steps",  # of these, those without a roll-over
)
"""Names of the last axis of `overflow_bins`; each entry is log2(1 + count)."""

CALM = 4096
"""A low word that changes by less than this did not make the high word jump and come back."""


def overflow_bins(
    channels: Sequence[WordChannel | Sensor] | WordTable,
    link: np.ndarray,
    clock: Clock,
    lag: np.ndarray | None = None,
) -> np.ndarray:
    """Evidence per pair and bin that the low word rolls over there.

    Args:
        channels: the channels, or their `WordTable`.
        link: [E, 2] int64, MSB and LSB channel numbers.
        clock: the scene's clock; events outside are not counted.
        lag: [E] int64, by how many of its samples the LSB is late (None: not at all).

    Shapes: returns [E, L, 4] float32, see `BIN_EVIDENCE`.

    Raises:
        DataError: a channel does not hold words, or a link names a channel that is not there.

    Example:
        >>> import numpy as np
        >>> value = 5000 * np.arange(40)
        >>> pair = [WordChannel((value >> shift).astype(np.uint16), 10.0) for shift in (16, 0)]
        >>> found = overflow_bins(pair, np.array([[0, 1]]), Clock(duration_s=4.0, num_bins=4))
        >>> found[0, :, 0].tolist(), found[0, :, 3].tolist()
        ([0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0])
    """
    table = WordTable.of(channels)
    link = np.asarray(link, np.int64).reshape(-1, 2)
    if len(link) and (link.min() < 0 or link.max() >= table.num_channels):
        raise DataError(
            f"overflow_bins: links must name channels 0 to {table.num_channels - 1} (got {link.min()}..{link.max()})"
        )
    out = np.zeros((len(link), clock.num_bins, len(BIN_EVIDENCE)), np.float32)
    place = table.place
    for number, (msb, lsb) in enumerate(link):
        if place[msb, 0] < 0 or place[lsb, 0] < 0:
            continue
        high, low = table.groups[place[msb, 0]], table.groups[place[lsb, 0]]
        step_s, step_sign = _events_of(high, high.steps, place[msb, 1])
        wrap_s, wrap_sign = _events_of(low, low.wraps, place[lsb, 1])
        if lag is not None:
            wrap_s = wrap_s - lag[number] / low.rate_hz
        # On different clocks a carry shows within one sample of the slower one.
        reach_s = 0.01 / high.rate_hz if high is low else 1.01 / min(high.rate_hz, low.rate_hz)
        step_answered = _answered(step_s, step_sign, wrap_s, wrap_sign, reach_s)
        wrap_answered = _answered(wrap_s, wrap_sign, step_s, step_sign, reach_s)
        for kind, time_s in enumerate((wrap_s, wrap_s[wrap_answered], step_s, step_s[~step_answered])):
            bins = clock.bin_of(time_s)
            out[number, :, kind] = np.bincount(bins[bins >= 0], minlength=clock.num_bins)
    return np.log2(1.0 + out)


def _events_of(group: ClockGroup, events: EventList, row: int) -> tuple[np.ndarray, np.ndarray]:
    part = slice(events.begin[row], events.begin[row + 1])
    return group.time_s[events.sample[part]], np.sign(events.amount[part])


def _answered(
    time_s: np.ndarray, sign: np.ndarray, other_s: np.ndarray, other_sign: np.ndarray, reach_s: float
) -> np.ndarray:
    answered = np.zeros(len(time_s), bool)
    for direction in (-1.0, 1.0):
        mine, theirs = sign == direction, other_s[other_sign == direction]
        first = np.searchsorted(theirs, time_s[mine] - reach_s, side="left")
        last = np.searchsorted(theirs, time_s[mine] + reach_s, side="right")
        answered[mine] = last > first
    return answered


def rollovers(msb: WordChannel, lsb: WordChannel) -> np.ndarray:
    """Sample numbers, on the MSB's clock, at which the value of a pair passes a multiple of 2^16.

    For true halves these are all samples at which the MSB is not what it was; a word that is missing at either side
    of a change is skipped.

    Args:
        msb, lsb: the halves. The low word only decides which isolated one-sample excursions of the high word are bit
            errors: an excursion is kept when the low word rolls over, too.

    Raises:
        DataError: not words.

    Example:
        >>> import numpy as np
        >>> value = 5000 * np.arange(40)
        >>> high, low = (WordChannel((value >> shift).astype(np.uint16), 10.0) for shift in (16, 0))
        >>> rollovers(high, low).tolist()
        [14, 27]
    """
    sample = steps(msb.values).sample
    if msb.valid is not None:
        sample = sample[msb.valid[sample] & msb.valid[sample - 1]]
    if not len(lsb.values) or not len(sample):
        return sample
    words = msb.values
    inner = sample[sample + 1 < len(words)]
    excursion = inner[(words[inner - 1] == words[inner + 1]) & (words[inner] != words[inner - 1])]
    if not len(excursion):
        return sample
    group = WordTable.of([msb, lsb])
    low = group.groups[group.place[1, 0]]
    row = group.place[1, 1]
    wrap_s, _ = _events_of(low, low.wraps, row)
    time_s = msb.times()[excursion]
    reach_s = 1.01 / min(msb.rate_hz, lsb.rate_hz)
    alone = np.searchsorted(wrap_s, time_s - reach_s) == np.searchsorted(wrap_s, time_s + reach_s, side="right")
    # A rough value can pass 2^16 and come back without a roll-over in sight; a calm low word rules that out.
    index = np.clip(hold_index(low.time_s, time_s), 1, len(low.time_s) - 1)
    calm = np.abs(signed_change(low.words[row, [index - 1, index]].T)[:, 0].astype(int)) < CALM
    alone &= calm
    wrong = np.union1d(excursion[alone], excursion[alone] + 1)
    return np.setdiff1d(sample, wrong)
