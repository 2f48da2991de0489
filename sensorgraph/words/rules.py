"""Judge words by rules alone: the classical reader, and the control that every network has to beat."""

from __future__ import annotations

import numpy as np

from sensorgraph.typing import ChannelType
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.candidates import Candidates
from sensorgraph.words.fields import Layout
from sensorgraph.words.judgement import Judgement, WordEvidence

MIN_NATS = 12.0
"""Log likelihood ratio from which a pair is believed whatever it rests on."""

MIN_NATS_EXACT = 6.0
"""The same where every step meets a roll-over, and every roll-over a step, at the same sample."""

LAG_NATS = 6.0
"""What a lag other than 0, or different clocks, must make up for: there are more ways to match by chance."""

MIN_NATS_RECURRENCE = 30.0
"""The same for joint recurrence, which a common cause can bring about, too."""

TRUST = 0.94
"""Probability that a rule's own answer gets, about their share of right types on real words that they were not made on;
rules do not know how sure they are in the single case."""


def judge_by_rules(evidence: WordEvidence) -> Judgement:
    """What the rules make of the evidence.

    Example:
        >>> from sensorgraph.words.channel import WordChannel
        >>> evidence = WordEvidence.of([WordChannel(np.arange(500, dtype=np.uint16), 10.0)])
        >>> judge_by_rules(evidence).type_probability.round(2).tolist()
        [[0.94, 0.03, 0.03]]
    """
    num = len(evidence.layouts)
    worth = pair_worth(evidence.candidates)
    types = np.full((num, len(ChannelType)), (1.0 - TRUST) / 2.0)
    flags = np.full((num, NUM_BITS), 1.0 - TRUST)
    boundaries = np.full((num, NUM_BITS), 1.0 - TRUST)
    for number, found in enumerate(evidence.layouts):
        types[number, single_type(found)] = TRUST
        for first, last in found.fields:
            boundaries[number, first] = TRUST
            if last + 1 < NUM_BITS:
                boundaries[number, last + 1] = TRUST
            if first == last:
                flags[number, first] = TRUST
    return Judgement(types, 1.0 / (1.0 + np.exp(-np.clip(worth, -40, 40) / 4.0)), worth, flags, boundaries)


def pair_worth(candidates: Candidates) -> np.ndarray:
    """How far each candidate is above what it takes to be believed, [E] nats; negative: not a pair."""
    nats = np.sinh(4.0 * candidates.column("likelihood").astype(np.float64))
    lenient = (candidates.lag == 0) & (candidates.column("same_clock") > 0)
    for name in ("step_match", "wrap_match", "step_smooth", "wrap_smooth"):
        lenient &= candidates.column(name) > 0.999
    handicap = LAG_NATS * ((candidates.lag != 0).astype(float) + (candidates.column("same_clock") == 0))
    by_carries = nats - handicap - np.where(lenient, MIN_NATS_EXACT, MIN_NATS)
    return np.maximum(by_carries, recurrence_worth(candidates))


def recurrence_worth(candidates: Candidates) -> np.ndarray:
    """The part of `pair_worth` that rests on joint recurrence alone, [E] nats."""
    return np.sinh(4.0 * candidates.column("recurrence").astype(np.float64)) - MIN_NATS_RECURRENCE


def single_type(found: Layout) -> ChannelType:
    """Type of a channel that has no partner: several fields, or a flag, make a packed word.

    A word that takes fewer values than it has live bits is a code: its bits do not move by themselves, whatever fields
    they seem to form.
    """
    if found.live.bit_count() > 2 and found.num_values < found.live.bit_count():
        return ChannelType.ONE_WORD
    packed = len(found.fields) > 1 or found.flags != 0
    return ChannelType.COMPLEX_BITS if packed else ChannelType.ONE_WORD
