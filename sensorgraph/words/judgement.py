"""What is known before anything is decided, and what somebody makes of it: rules, or a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.candidates import Candidates, find_candidates
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.fields import Layout, layout
from sensorgraph.words.table import WordTable


@dataclass(frozen=True)
class WordEvidence:
    """All evidence about the words of one recording.

    Attributes:
        table: the channels by clock.
        candidates: candidate pairs.
        layouts: [N] how each word is divided, by rules.
    """

    table: WordTable
    candidates: Candidates
    layouts: tuple[Layout, ...]

    @staticmethod
    def of(channels: Sequence[WordChannel | Sensor] | WordTable, max_lag: int = 2) -> WordEvidence:
        """Gather the evidence.

        Args:
            channels: the channels, at any rates, or their `WordTable`.
            max_lag: a low word may be this many of its samples late or early.

        Raises:
            DataError: a channel does not hold words, or ``max_lag`` is negative.
        """
        table = WordTable.of(channels)
        layouts = (layout(table.words_of(number), channel.valid) for number, channel in enumerate(table.channels))
        return WordEvidence(table, find_candidates(table, max_lag=max_lag), tuple(layouts))


@dataclass(frozen=True)
class Judgement:
    """What N channels and E candidate pairs are taken for.

    Attributes:
        type_probability: [N, 3] of the types, for channels without a partner.
        pair_probability: [E] that a candidate is a pair.
        pair_worth: [E] by which candidates compete; only those above 0 are believed.
        flag_probability: [N, 16] that a bit is a truth of its own.
        boundary_probability: [N, 16] that a field begins at a bit (entry 0 is not used).
    """

    type_probability: np.ndarray
    pair_probability: np.ndarray
    pair_worth: np.ndarray
    flag_probability: np.ndarray
    boundary_probability: np.ndarray
