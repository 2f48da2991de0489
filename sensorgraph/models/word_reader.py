"""Read unlabelled 16-bit words: the one call, ready after install."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.models.word_judge import shipped_judge
from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.channel import WordChannel, word_channels
from sensorgraph.words.conclude import conclude
from sensorgraph.words.found import WordsFound
from sensorgraph.words.given import given_channels
from sensorgraph.words.judgement import WordEvidence
from sensorgraph.words.memory import require_memory


def read_words(
    values: Sequence[np.ndarray],
    rates_hz: Sequence[float],
    start_s: Sequence[float] | None = None,
    max_lag: int = 2,
) -> WordsFound:
    """Say of every channel what it is, which two are halves of one value, and what their bits are.

    Args:
        values: [N] 1-D uint16 arrays of any lengths, one per channel.
        rates_hz: [N] sampling rate of each (Hz).
        start_s: [N] time of each one's first sample (s); None means that all begin together.
        max_lag: a low word may be this many of its own samples late or early.

    Raises:
        DataError: no channel, lists of different length, values that are not 16-bit words, a rate that cannot be, or
            more memory is needed than there is.

    Example:
        >>> import numpy as np
        >>> import sensorgraph
        >>> position = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.uint32)
        >>> speed = (400 + 90 * np.sin(np.arange(800) / 70)).astype(np.uint16)
        >>> low, high = (position & 0xFFFF).astype(np.uint16), (position >> 16).astype(np.uint16)
        >>> found = sensorgraph.read_words([low, speed, high], rates_hz=[50, 10, 50])
        >>> found.channel_type.tolist(), [(pair.msb, pair.lsb, pair.encoding) for pair in found.pairs]
        ([1, 0, 1], [(2, 0, 'u32')])
        >>> len(found.overflow[0])
        118
    """
    return read_word_channels(given_channels(values, rates_hz, start_s), max_lag)


def read_word_channels(channels: Sequence[WordChannel | Sensor], max_lag: int = 2) -> WordsFound:
    """The same for channels with irregular time stamps or missing words, as files hold them.

    Args:
        channels: the channels; a sensor of a scene is one, too.
        max_lag: a low word may be this many of its own samples late or early.

    Raises:
        DataError: a channel does not hold words, ``max_lag`` is negative, or more memory is needed than there is.

    Example:
        >>> import numpy as np
        >>> time_s = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.03, 500))
        >>> word = WordChannel(np.arange(500, dtype=np.uint16), 50.0, time_s=time_s)
        >>> read_word_channels([word]).channel_type.tolist()
        [0]
    """
    made = word_channels(channels)
    require_memory(made)
    evidence = WordEvidence.of(made, max_lag)
    return conclude(evidence, shipped_judge().judge(evidence))
