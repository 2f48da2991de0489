"""Read words without a network: the classical reader, and the control that every network has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes.stream import Sensor
from sensorgraph.typing import ChannelType
from sensorgraph.words.assignment import one_to_one
from sensorgraph.words.candidates import Candidates, find_candidates
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.fields import Layout, layout
from sensorgraph.words.overflow import rollovers
from sensorgraph.words.table import WordTable
from sensorgraph.words.ties import settle

MIN_NATS = 12.0
"""Log likelihood ratio from which a pair is believed whatever it rests on."""

MIN_NATS_EXACT = 6.0
"""The same where every step meets a roll-over, and every roll-over a step, at the same sample."""

LAG_NATS = 6.0
"""What a lag other than 0, or different clocks, must make up for: there are more ways to match by chance."""

MIN_NATS_RECURRENCE = 30.0
"""The same for joint recurrence, which a common cause can bring about, too."""

MIN_SAMPLES = 4


@dataclass(frozen=True)
class FoundPair:
    """Two channels that were found to be the halves of one value.

    Attributes:
        msb, lsb: channel numbers.
        lag_samples: by how many of its samples the low word is late.
        nats: log likelihood ratio of the pair.
        rollovers: [n] int64, samples on the MSB's clock at which the low word has rolled over.
    """

    msb: int
    lsb: int
    lag_samples: int
    nats: float
    rollovers: np.ndarray


@dataclass(frozen=True)
class Abstention:
    """A channel about which something cannot be told.

    Attributes:
        channel: its number.
        reason: ``constant``, ``too short``, ``two redundant partners`` or ``changes by more than 2^16 per sample``.
    """

    channel: int
    reason: str


@dataclass(frozen=True)
class WordsRead:
    """What the classical reader says about N channels.

    Attributes:
        channel_type: [N] int64, numbers of `ChannelType`.
        pairs: each channel is in at most one.
        live_bits, flag_bits: [N] uint16 masks.
        fields: per channel ``(first_bit, last_bit)`` of each field.
        abstentions: channels about which something cannot be told, and why.
    """

    channel_type: np.ndarray
    pairs: tuple[FoundPair, ...]
    live_bits: np.ndarray
    flag_bits: np.ndarray
    fields: tuple[tuple[tuple[int, int], ...], ...]
    abstentions: tuple[Abstention, ...]


def read_words_classical(channels: Sequence[WordChannel | Sensor] | WordTable, max_lag: int = 2) -> WordsRead:
    """Say of every channel what it is, by rules alone.

    Args:
        channels: the channels, at any rates, or their `WordTable`.
        max_lag: a low word may be this many of its samples late or early.

    Raises:
        DataError: no channel, or a channel does not hold words.

    Example:
        >>> import numpy as np
        >>> value = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.uint32)
        >>> low, high = (WordChannel((value >> shift).astype(np.uint16), 50.0) for shift in (0, 16))
        >>> found = read_words_classical([low, high])
        >>> [(pair.msb, pair.lsb, pair.lag_samples) for pair in found.pairs], found.channel_type.tolist()
        ([(1, 0, 0)], [1, 1])
    """
    table = WordTable.of(channels)
    if not table.num_channels:
        raise DataError("read_words_classical: needs at least one channel (got 0)")
    candidates = find_candidates(table, max_lag=max_lag)
    layouts = [layout(table.words_of(number), channel.valid) for number, channel in enumerate(table.channels)]
    worth = pair_worth(candidates)
    settled = settle(table, candidates, worth, one_to_one(candidates.link, worth, table.num_channels))
    pairs = tuple(_pair(table, candidates, int(number)) for number in settled.chosen)
    paired = {channel for pair in pairs for channel in (pair.msb, pair.lsb)}
    doubtful = {int(channel) for number in settled.tied for channel in candidates.link[number]}
    types = np.empty(table.num_channels, np.int64)
    fields = []
    flags = np.zeros(table.num_channels, np.uint16)
    for number, found in enumerate(layouts):
        types[number] = ChannelType.TWO_WORD if number in paired | doubtful else single_type(found)
        packed = types[number] == ChannelType.COMPLEX_BITS
        flags[number] = found.flags if packed else 0
        # A word that is one number owns all its bits, whether they have moved yet or not.
        fields.append(found.fields if packed else ((0, 15),))
    return WordsRead(
        types,
        pairs,
        np.array([found.live for found in layouts], np.uint16),
        flags,
        tuple(fields),
        _abstentions(table, layouts, doubtful),
    )


def pair_worth(candidates: Candidates) -> np.ndarray:
    """How far each candidate is above what it takes to be believed, [E] nats; negative: not a pair."""
    nats = np.sinh(4.0 * candidates.column("likelihood").astype(np.float64))
    lenient = (candidates.lag == 0) & (candidates.column("same_clock") > 0)
    for name in ("step_match", "wrap_match", "step_smooth", "wrap_smooth"):
        lenient &= candidates.column(name) > 0.999
    handicap = LAG_NATS * ((candidates.lag != 0).astype(float) + (candidates.column("same_clock") == 0))
    by_carries = nats - handicap - np.where(lenient, MIN_NATS_EXACT, MIN_NATS)
    recurring = np.sinh(4.0 * candidates.column("recurrence").astype(np.float64)) - MIN_NATS_RECURRENCE
    return np.maximum(by_carries, recurring)


def single_type(found: Layout) -> ChannelType:
    """Type of a channel that has no partner: several fields, or a flag, make a packed word.

    A word that takes fewer values than it has live bits is a code: its bits do not move by themselves, whatever fields
    they seem to form.
    """
    if found.live.bit_count() > 2 and found.num_values < found.live.bit_count():
        return ChannelType.ONE_WORD
    packed = len(found.fields) > 1 or found.flags != 0
    return ChannelType.COMPLEX_BITS if packed else ChannelType.ONE_WORD


def _pair(table: WordTable, candidates: Candidates, number: int) -> FoundPair:
    msb, lsb = (int(channel) for channel in candidates.link[number])
    nats = float(np.sinh(4.0 * candidates.column("likelihood")[number]))
    carries = rollovers(table.channels[msb], table.channels[lsb])
    return FoundPair(msb, lsb, int(candidates.lag[number]), nats, carries)


def _abstentions(table: WordTable, layouts: Sequence[Layout], doubtful: set[int]) -> tuple[Abstention, ...]:
    found = []
    for number, channel in enumerate(table.channels):
        if len(channel.values) < MIN_SAMPLES:
            found.append(Abstention(number, "too short"))
        elif not layouts[number].live:
            found.append(Abstention(number, "constant"))
        elif number in doubtful:
            found.append(Abstention(number, "two redundant partners"))
    return tuple(found)
