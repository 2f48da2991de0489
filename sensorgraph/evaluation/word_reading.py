"""How well words are read: pairs, types, roll-overs, flags and boundaries, over any number of recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sensorgraph.evaluation.bits import boundary_counts, flag_counts
from sensorgraph.evaluation.channel_types import TypeFigures, type_figures
from sensorgraph.evaluation.counts import Counts
from sensorgraph.words.found import WordsFound

PairOfChannels = tuple[int, int]
"""Channel numbers of the MSB and the LSB."""

Fields = tuple[tuple[int, int], ...]
"""First and last bit of every field of a word."""


@dataclass(frozen=True, eq=False)
class WordTruth:
    """What the N channels of a recording are; what is not known is None.

    Attributes:
        channel_type: [N] numbers of `ChannelType`.
        pairs: every true pair, and by how many of its samples its LSB is late.
        identifiable: the pairs that can be told from the data at all.
        rollovers: per pair, samples on the MSB's clock at which it changes.
        flag_bits: [N] masks.
        fields: per channel.
        known: [N] bool, channels of which anything is known; the others are not judged, and neither is a pair of them.
        undecided: pairs that are neither right nor wrong.
    """

    channel_type: np.ndarray
    pairs: Mapping[PairOfChannels, int | None]
    identifiable: frozenset[PairOfChannels] | None = None
    rollovers: Mapping[PairOfChannels, np.ndarray] | None = None
    flag_bits: np.ndarray | None = None
    fields: tuple[Fields, ...] | None = None
    known: np.ndarray | None = None
    undecided: frozenset[PairOfChannels] = frozenset()


@dataclass(frozen=True, eq=False)
class WordAnswer:
    """What somebody says about them; attributes as in `WordTruth`.

    Attributes:
        num_abstained: things of which the reader said that they cannot be told.
    """

    channel_type: np.ndarray
    pairs: Mapping[PairOfChannels, int]
    rollovers: Mapping[PairOfChannels, np.ndarray]
    flag_bits: np.ndarray
    fields: tuple[Fields, ...]
    num_abstained: int = 0

    @staticmethod
    def of(found: WordsFound) -> WordAnswer:
        """The answer of a reader of words."""
        ends = [(pair.msb, pair.lsb) for pair in found.pairs]
        return WordAnswer(
            found.channel_type,
            {pair: one.lag_samples for pair, one in zip(ends, found.pairs, strict=True)},
            dict(zip(ends, found.overflow, strict=True)),
            found.flag_bits,
            tuple(tuple((first, last) for first, last, _ in fields) for fields in found.fields),
            len(found.abstentions),
        )


@dataclass(frozen=True)
class WordFigures:
    """What the answers are worth.

    Attributes:
        pairs: right only in the right order.
        num_swapped: false pairs that would be right in the other order.
        identifiable: hits and misses among the pairs that can be told.
        lags: hits: pairs found with the right lag; misses: with a wrong one.
        overflow: samples of roll-overs, of true pairs that can be told and of false ones.
        flags, boundaries: over all known channels.
        types: None where no channel is known.
        num_known: channels that were judged.
        num_abstained: things that could not be told.
    """

    pairs: Counts
    num_swapped: int
    identifiable: Counts
    lags: Counts
    overflow: Counts
    flags: Counts
    boundaries: Counts
    types: TypeFigures | None
    num_known: int
    num_abstained: int


_NONE = Counts(0, 0, 0)


@dataclass
class WordTally:
    """Counts over recordings, so that a recording of many channels weighs more than one of few.

    Example:
        >>> truth = WordTruth(np.array([1, 1, 0]), {(0, 1): 0})
        >>> answer = WordAnswer(np.array([1, 1, 1]), {(0, 1): 0}, {}, np.zeros(3, int), (((0, 15),),) * 3)
        >>> tally = WordTally()
        >>> tally.add(truth, answer)
        >>> tally.figures().pairs.f1, round(tally.figures().types.accuracy, 3)
        (1.0, 0.667)
    """

    counts: dict[str, Counts] = field(default_factory=dict)
    num_swapped: int = 0
    num_abstained: int = 0
    true_types: list[int] = field(default_factory=list)
    found_types: list[int] = field(default_factory=list)

    def add(self, truth: WordTruth, answer: WordAnswer) -> None:
        """Count one recording in."""
        known = np.ones(len(truth.channel_type), bool) if truth.known is None else truth.known
        true = set(truth.pairs)
        said = {pair for pair in answer.pairs if pair in true or known[list(pair)].any()} - truth.undecided
        self.num_swapped += len({(lsb, msb) for msb, lsb in said} & true)
        self._count("pairs", Counts(len(true & said), len(said - true), len(true - said)))
        if truth.identifiable is not None:
            told = len(truth.identifiable & said)
            self._count("identifiable", Counts(told, 0, len(truth.identifiable) - told))
        right = sum(truth.pairs[pair] == answer.pairs[pair] for pair in true & said)
        self._count("lags", Counts(right, 0, len(true & said) - right))
        if truth.rollovers is not None:
            # Of a pair that cannot be told, it cannot be told either when it rolls over.
            told_pairs = true if truth.identifiable is None else truth.identifiable
            for pair in told_pairs | (said - true):
                real = set(truth.rollovers[pair].tolist()) if pair in true else set()
                heard = set(answer.rollovers[pair].tolist()) if pair in said else set()
                self._count("overflow", Counts(len(real & heard), len(heard - real), len(real - heard)))
        rows = np.flatnonzero(known)
        if truth.flag_bits is not None and len(rows):
            flags = flag_counts(truth.flag_bits[rows].astype(int), np.asarray(answer.flag_bits)[rows].astype(int))
            self._count("flags", flags)
        if truth.fields is not None:
            pairs_of_fields = [truth.fields[row] for row in rows], [answer.fields[row] for row in rows]
            self._count("boundaries", boundary_counts(*pairs_of_fields))
        self.true_types += truth.channel_type[rows].tolist()
        self.found_types += np.asarray(answer.channel_type)[rows].tolist()
        self.num_abstained += answer.num_abstained

    def figures(self) -> WordFigures:
        """The figures so far."""
        types = type_figures(self.true_types, self.found_types) if self.true_types else None
        counts = {name: self.counts.get(name, _NONE) for name in ("pairs", "identifiable", "lags", "overflow")}
        bits = {name: self.counts.get(name, _NONE) for name in ("flags", "boundaries")}
        return WordFigures(
            num_swapped=self.num_swapped,
            types=types,
            num_known=len(self.true_types),
            num_abstained=self.num_abstained,
            **counts,
            **bits,
        )

    def _count(self, name: str, more: Counts) -> None:
        so_far = self.counts.get(name, _NONE)
        self.counts[name] = Counts(
            so_far.num_hits + more.num_hits,
            so_far.num_false + more.num_false,
            so_far.num_missed + more.num_missed,
        )
