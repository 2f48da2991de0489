"""From a judgement to an answer: each channel in one pair at most, bits put together to fields, doubts named."""

from __future__ import annotations

import numpy as np

from sensorgraph.typing import ChannelType
from sensorgraph.words.assignment import one_to_one
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.encoding import encoding_of
from sensorgraph.words.fields import counts
from sensorgraph.words.found import Field, FieldKind, Pair, WordsFound
from sensorgraph.words.judgement import Judgement, WordEvidence
from sensorgraph.words.overflow import rollovers
from sensorgraph.words.reasons import reasons
from sensorgraph.words.rolling import rolling
from sensorgraph.words.rules import pair_worth, recurrence_worth
from sensorgraph.words.ties import settle

COUNTER_SHARE = 0.95
"""Share of a field's changes that must be one and the same step for it to be a counter."""

NUM_DIGITS = 4
"""Digits of probabilities; further ones would claim a precision that no calibration has."""


def conclude(evidence: WordEvidence, judgement: Judgement) -> WordsFound:
    """Decide.

    Args:
        evidence: of the recording.
        judgement: what its channels and candidates are taken for.

    Example:
        >>> from sensorgraph.words import WordChannel, judge_by_rules
        >>> evidence = WordEvidence.of([WordChannel(np.arange(500, dtype=np.uint16), 10.0)])
        >>> conclude(evidence, judge_by_rules(evidence)).fields
        ((Field(first_bit=0, last_bit=15, kind='counter'),),)
    """
    table, candidates = evidence.table, evidence.candidates
    by_rules = pair_worth(candidates)
    recurs = recurrence_worth(candidates) >= by_rules
    # Whether a crossing fits as well is a question about the carries, whoever has chosen.
    settled = settle(table, candidates, by_rules, one_to_one(candidates.link, judgement.pair_worth, table.num_channels))
    pairs = tuple(
        Pair(
            int(candidates.link[number, 0]),
            int(candidates.link[number, 1]),
            round(float(judgement.pair_probability[number]), NUM_DIGITS),
            int(candidates.lag[number]),
            encoding_of(table.words_of(int(candidates.link[number, 0])), bool(recurs[number])),
        )
        for number in settled.chosen
    )
    half_of = {half: pair for pair in pairs for half in (pair.msb, pair.lsb)}
    # Redundant partners share the probability of a pair, so that neither may be believed: the carries still tell.
    by_carries = settle(table, candidates, by_rules, one_to_one(candidates.link, by_rules, table.num_channels))
    tied = {
        int(channel) for part in (settled, by_carries) for number in part.tied for channel in candidates.link[number]
    }
    doubtful = tied - set(half_of)
    probability = _type_probability(judgement, half_of, doubtful)
    channel_type = probability.argmax(axis=1)
    probability = probability.round(NUM_DIGITS)
    live = np.array([found.live for found in evidence.layouts], np.uint16)
    fields, flags, word_overflow = [], np.zeros(table.num_channels, np.uint16), []
    for number in range(table.num_channels):
        pair = half_of.get(number)
        packed = channel_type[number] == ChannelType.COMPLEX_BITS
        fields.append(_fields(evidence, judgement, number, packed, pair))
        if packed:
            flags[number] = sum(1 << first for first, _, kind in fields[-1] if kind == "flag")
        rolls = pair is None and not packed
        word_overflow.append(
            rolling(table.words_of(number), table.channels[number].valid) if rolls else np.zeros(0, np.int64)
        )
    return WordsFound(
        channel_type=channel_type,
        type_probability=probability,
        pairs=pairs,
        overflow=tuple(rollovers(table.channels[pair.msb], table.channels[pair.lsb]) for pair in pairs),
        word_overflow=tuple(word_overflow),
        live_bits=live,
        flag_bits=flags,
        fields=tuple(fields),
        abstentions=reasons(table, evidence.layouts, channel_type, set(half_of), doubtful),
    )


def _type_probability(judgement: Judgement, half_of: dict[int, Pair], doubtful: set[int]) -> np.ndarray:
    """Types, made to agree with the pairs: who has a partner is half of something as surely as the pair is one."""
    out = judgement.type_probability.copy()
    for channel in sorted({*half_of, *doubtful}):
        sure = half_of[channel].probability if channel in half_of else 0.5
        half = max(sure, float(out[channel, ChannelType.TWO_WORD]), 0.5)
        rest = np.delete(out[channel], ChannelType.TWO_WORD)
        rest = (1.0 - half) * rest / max(float(rest.sum()), 1e-12)
        out[channel] = np.insert(rest, ChannelType.TWO_WORD, half)
    return out


def _fields(
    evidence: WordEvidence, judgement: Judgement, number: int, packed: bool, pair: Pair | None
) -> tuple[Field, ...]:
    if pair is not None:
        return (Field(0, NUM_BITS - 1, "msb" if pair.msb == number else "lsb"),)
    words = evidence.table.words_of(number)
    if not packed:
        # A word that is one number owns all its bits, whether they have moved yet or not.
        return (Field(0, NUM_BITS - 1, _kind(words, 0, NUM_BITS - 1)),)
    live = evidence.layouts[number].live
    flag = judgement.flag_probability[number] > 0.5
    begins = judgement.boundary_probability[number] > 0.5
    runs: list[tuple[int, int]] = []
    for bit in range(NUM_BITS):
        if not live >> bit & 1:
            continue
        joined = runs and runs[-1][1] == bit - 1 and not begins[bit] and not flag[bit] and not flag[bit - 1]
        if joined:
            runs[-1] = (runs[-1][0], bit)
        else:
            runs.append((bit, bit))
    return tuple(
        Field(first, last, "flag" if first == last and flag[first] else _kind(words, first, last))
        for first, last in runs
    )


def _kind(words: np.ndarray, first: int, last: int) -> FieldKind:
    """Whether a field counts: its changes are one and the same step, modulo its width; that of a word may be any."""
    if last - first + 1 == NUM_BITS and counts(words):
        return "counter"
    size = 1 << (last - first + 1)
    value = (words.astype(np.int64) >> first) & (size - 1)
    change = np.diff(value) % size
    change = change[change != 0]
    if len(change) < 8 or size < 4:
        return "value"
    return "counter" if float(np.bincount(change).max()) >= COUNTER_SHARE * len(change) else "value"
