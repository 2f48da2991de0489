"""What cannot be told about a channel, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.typing import ChannelType
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.fields import Layout
from sensorgraph.words.found import Abstention, Reason
from sensorgraph.words.table import WordTable

MIN_SAMPLES = 4

FULL_WORD = 14
"""Live bits from which a word without roll-overs may be the low half of a value whose high half stands still."""

WILD_SHARE = 0.25
"""A word of which this share of the changes passes half of its range moves faster than anybody can follow."""


def reasons(
    table: WordTable, layouts: Sequence[Layout], channel_type: np.ndarray, paired: set[int], doubtful: set[int]
) -> tuple[Abstention, ...]:
    """All abstentions, channel by channel.

    Args:
        table: the channels.
        layouts: how each word is divided, by rules.
        channel_type: [N] what was found.
        paired: channels with a partner.
        doubtful: channels with two partners that cannot be told apart.
    """
    still = _clocks_with_still_words(table, layouts)
    found = []
    for number, channel in enumerate(table.channels):
        reason: Reason | None = None
        if len(channel.values) < MIN_SAMPLES:
            reason = "too short"
        elif not layouts[number].live:
            reason = "constant"
        elif number in doubtful:
            reason = "two redundant partners"
        elif number not in paired and channel_type[number] != ChannelType.COMPLEX_BITS:
            reason = _of_single(table, number, layouts[number], bool(still[number]))
        if reason is not None:
            found.append(Abstention(number, reason))
    return tuple(found)


def _of_single(table: WordTable, number: int, found: Layout, beside_still_word: bool) -> Reason | None:
    if found.live.bit_count() < FULL_WORD:
        return None
    words = table.words_of(number)
    change = (words[1:] - words[:-1]).view(np.int16).astype(np.int64)
    size = np.abs(change[change != 0])
    if float((size > 1 << (NUM_BITS - 2)).mean()) > WILD_SHARE:
        return "changes by more than 2^16 per sample"
    rolls = bool((np.abs(np.diff(words.astype(np.int64))) > 1 << (NUM_BITS - 1)).any())
    # A low word that never rolls over looks the same with a high word that stands still and without any.
    return "msb never moves" if beside_still_word and not rolls else None


def _clocks_with_still_words(table: WordTable, layouts: Sequence[Layout]) -> np.ndarray:
    """Whether each channel shares its clock with a word that never moves, [N] bool."""
    clock = table.place[:, 0]
    constant = np.array([not found.live for found in layouts], bool)
    return np.isin(clock, clock[constant & (clock >= 0)]) & ~constant
