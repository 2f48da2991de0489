"""Read words without a network: the classical reader."""

from __future__ import annotations

from collections.abc import Sequence

from sensorgraph.errors import DataError
from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.conclude import conclude
from sensorgraph.words.found import WordsFound
from sensorgraph.words.judgement import WordEvidence
from sensorgraph.words.rules import judge_by_rules
from sensorgraph.words.table import WordTable


def read_words_classical(channels: Sequence[WordChannel | Sensor] | WordTable, max_lag: int = 2) -> WordsFound:
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
    evidence = WordEvidence.of(table, max_lag)
    return conclude(evidence, judge_by_rules(evidence))
