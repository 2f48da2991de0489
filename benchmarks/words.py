"""How well words are read: real logs, words made by program, and speed, each beside its controls.

    python benchmarks/words.py                # everything
    python benchmarks/words.py real           # or: simulated, speed

Real words are looked for in ``$SENSORGRAPH_DATA/words`` or ``../shared/data/words``. There, the network that judges a
recording has learned nothing from its source: one network is trained per source left out, by ``configs/words.yaml``,
and kept in ``runs/``. Words made by program are judged by the weights that come with the package; the generators of
these (`words_simulated.py`) are none of those that the weights were trained on. Boundaries are judged against the edges
of the bits in use and of the flags, which is all the truth that these logs have.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from words_simulated import FAMILIES, recording, speed_channels

from sensorgraph.config import load
from sensorgraph.evaluation.calibration import calibration
from sensorgraph.evaluation.counts import Counts
from sensorgraph.evaluation.word_labels import fields_of_masks
from sensorgraph.evaluation.word_reading import WordAnswer, WordFigures, WordTally, WordTruth
from sensorgraph.io.labelled_words import read_labelled_words
from sensorgraph.models.word_judge import SHIPPED, WordJudge, shipped_judge
from sensorgraph.models.word_reader import read_word_channels
from sensorgraph.run.train_words import labelled_recordings, simulated_examples, trained_judge
from sensorgraph.run.words_file import WordsFile
from sensorgraph.training.word_examples import WordExample
from sensorgraph.typing import ChannelType
from sensorgraph.words import Judgement, WordChannel, WordEvidence, conclude, judge_by_rules

NUM_SEEDS = 5
ROOT = Path(__file__).parents[1]
WORDS = Path(os.environ.get("SENSORGRAPH_DATA", ROOT.parent / "shared" / "data")) / "words"


@dataclass(frozen=True, eq=False)
class Case:
    """One recording with its truth; ``encodings`` per pair where they are known."""

    name: str
    source: str
    channels: tuple[WordChannel, ...]
    truth: WordTruth
    encodings: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Said:
    """An answer, and how sure it is.

    ``type_stated`` [N] is the probability of the type that was said, ``pair_stated`` that of every candidate.
    """

    answer: WordAnswer
    encodings: dict[tuple[int, int], str] = field(default_factory=dict)
    type_stated: np.ndarray = field(default_factory=lambda: np.zeros(0))
    pair_stated: dict[tuple[int, int], float] = field(default_factory=dict)


@cache
def judge_without(source: str) -> WordJudge:
    """The judge that has learned nothing from a source; the shipped one for simulated words."""
    if source == "simulated":
        return shipped_judge()
    file = ROOT / "runs" / f"words-without-{source}" / SHIPPED
    if not file.is_file():
        print(f"training without {source}: {file}", flush=True)
        settings = load(
            ROOT / "configs" / "words.yaml", WordsFile, [f"words.recordings={WORDS}", f"words.leave_out=[{source}]"]
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        trained_judge(settings, made_examples(), labelled_recordings(settings.words), print).save(file)
    return WordJudge.load(file)


@cache
def made_examples() -> list[WordExample]:
    """The same made recordings for every source that is left out."""
    return simulated_examples(load(ROOT / "configs" / "words.yaml", WordsFile))


def ours(case: Case) -> Said:
    """The network on top of the evidence, as `sensorgraph.read_words` asks it."""
    evidence = evidence_of(case)
    return concluded(evidence, judge_without(case.source).judge(evidence))


def network_alone(case: Case) -> Said:
    """The same, and rules have no say about types."""
    evidence = evidence_of(case)
    return concluded(evidence, judge_without(case.source).judge_alone(evidence))


def without_links(case: Case) -> Said:
    """The network with no candidate pair to look at: each channel by itself."""
    evidence = evidence_of(case)
    alone = WordEvidence(evidence.table, evidence.candidates.some(np.zeros(0, np.int64)), evidence.layouts)
    return concluded(alone, judge_without(case.source).judge_alone(alone))


def words_alone(case: Case) -> Said:
    """The classical reader."""
    evidence = evidence_of(case)
    return concluded(evidence, judge_by_rules(evidence))


@cache
def evidence_of(case: Case) -> WordEvidence:
    """Gathered once for all methods."""
    return WordEvidence.of(case.channels)


def concluded(evidence: WordEvidence, judgement: Judgement) -> Said:
    """The answer that follows from a judgement."""
    found = conclude(evidence, judgement)
    links = map(tuple, evidence.candidates.link.tolist())
    return Said(
        WordAnswer.of(found),
        {(pair.msb, pair.lsb): pair.encoding for pair in found.pairs},
        found.type_probability.max(axis=1),
        dict(zip(links, judgement.pair_probability.tolist(), strict=True)),
    )


def pearson(case: Case) -> Said:
    """Channels of equal length whose correlation is greatest, each used once; the busier one is the LSB."""
    length = np.array([len(channel.values) for channel in case.channels])
    pairs: dict[tuple[int, int], int] = {}
    for num in np.unique(length):
        rows = np.flatnonzero(length == num)
        values = np.stack([case.channels[row].values.astype(float) for row in rows])
        values -= values.mean(axis=1, keepdims=True)
        size = np.linalg.norm(values, axis=1)
        strength = np.abs(values @ values.T) / np.maximum(np.outer(size, size), 1e-12)
        np.fill_diagonal(strength, 0.0)
        while strength.size and strength.max() > 0.9:
            first, second = np.unravel_index(strength.argmax(), strength.shape)
            busy = [np.abs(np.diff(values[row])).mean() for row in (first, second)]
            msb, lsb = (first, second) if busy[0] < busy[1] else (second, first)
            pairs[int(rows[msb]), int(rows[lsb])] = 0
            strength[[first, second]] = 0.0
            strength[:, [first, second]] = 0.0
    types = np.full(len(length), int(ChannelType.ONE_WORD))
    types[[channel for pair in pairs for channel in pair]] = ChannelType.TWO_WORD
    nothing = np.zeros(len(length), np.uint16)
    rollovers = {pair: np.zeros(0, int) for pair in pairs}
    return Said(WordAnswer(types, pairs, rollovers, nothing, (((0, 15),),) * len(length)))


def majority(case: Case) -> Said:
    """Every channel is one word, no pair."""
    num = len(case.channels)
    return Said(WordAnswer(np.zeros(num, int), {}, {}, np.zeros(num, np.uint16), (((0, 15),),) * num))


METHODS: dict[str, Callable[[Case], Said]] = {
    "ours": ours,
    "words/ alone": words_alone,
    "network alone": network_alone,
    "without links": without_links,
    "Pearson matching": pearson,
    "majority class": majority,
}


def real_cases() -> list[Case]:
    """The recordings of ``data/words``."""
    cases = []
    for path in sorted(WORDS.glob("*.npz")):
        one = read_labelled_words(path)
        truth = WordTruth(
            one.channel_type,
            dict.fromkeys(one.pairs),
            frozenset(pair for pair, known in zip(one.pairs, one.identifiable, strict=True) if known),
            dict(zip(one.pairs, one.rollovers, strict=True)),
            one.flag_bits,
            tuple(
                fields_of_masks(*masks) for masks in zip(one.used_bits.tolist(), one.flag_bits.tolist(), strict=True)
            ),
        )
        cases.append(Case(one.name, one.source, one.channels, truth))
    return cases


def simulated_cases(name: str) -> list[Case]:
    """Recordings of one family."""
    family = next(family for family in FAMILIES if family.name == name)
    cases = []
    for seed in range(NUM_SEEDS):
        made = recording(family, seed)
        truth = WordTruth(made.channel_type, dict(zip(made.pairs, made.lags, strict=True)), flag_bits=made.flag_bits)
        encodings = dict(zip(made.pairs, made.encodings, strict=True))
        cases.append(Case(f"{name} {seed}", "simulated", made.channels, truth, encodings))
    return cases


def table(title: str, cases: list[Case], methods: Sequence[str]) -> None:
    """Print one line per method."""
    for method in methods:
        tally = WordTally()
        said = [METHODS[method](case) for case in cases]
        for case, one in zip(cases, said, strict=True):
            tally.add(case.truth, one.answer)
        figures = tally.figures()
        parts = [row(figures)]
        if "skew" in title:
            parts.append(f"lag right {figures.lags.num_hits}/{figures.lags.num_hits + figures.lags.num_missed}")
        print(f"{title:32.32s} {method:17s} {'  '.join([*parts, *how_sure(cases, said)])}", flush=True)


def row(figures: WordFigures) -> str:
    """The figures as a line of the table."""
    pairs, types = figures.pairs, figures.types
    assert types is not None, "every case of this benchmark has channels of known type"
    parts = [f"P {_shown(pairs.precision)} R {_shown(pairs.recall)} F1 {_shown(pairs.f1)}"]
    parts.append(f"swapped {figures.num_swapped}")
    if figures.identifiable.num_hits + figures.identifiable.num_missed:
        parts.append(f"R identifiable {figures.identifiable.recall:.3f}")
    parts.append(f"type {types.accuracy:.3f}/{types.macro_f1:.3f}")
    for name, counts in (("overflow", figures.overflow), ("flag", figures.flags), ("boundary", figures.boundaries)):
        if counts != Counts(0, 0, 0):
            parts.append(f"{name} {_shown(counts.f1)}")
    return "  ".join([*parts, f"abstained {figures.num_abstained}"])


def how_sure(cases: Sequence[Case], said: Sequence[Said]) -> list[str]:
    """Calibration, encodings, and how many pairs are candidates at all, where a method says such things."""
    parts = []
    found = [(case, one) for case, one in zip(cases, said, strict=True) if one.pair_stated]
    if found:
        wanted = [(pair, one) for case, one in found for pair in case.truth.identifiable or case.truth.pairs]
        parts.append(f"candidates {sum(pair in one.pair_stated for pair, one in wanted)}/{len(wanted)}")
        truth = [pair in case.truth.pairs for case, one in found for pair in one.pair_stated]
        stated = [probability for _, one in found for probability in one.pair_stated.values()]
        parts.append(f"ECE pair {calibration(truth, stated).error:.3f}")
    sure = [(case, one) for case, one in zip(cases, said, strict=True) if len(one.type_stated)]
    if sure:
        right = np.concatenate([case.truth.channel_type == one.answer.channel_type for case, one in sure])
        parts.append(f"ECE type {calibration(right, np.concatenate([one.type_stated for _, one in sure])).error:.3f}")
    known = [(case.encodings[p], one.encodings[p]) for case, one in found for p in one.encodings if p in case.encodings]
    if known:
        parts.append(f"encoding {sum(true == told for true, told in known)}/{len(known)}")
    return parts


def _shown(share: float) -> str:
    """A share of nothing counts as 0 in this table."""
    return f"{0.0 if np.isnan(share) else share:.3f}"


def real() -> None:
    """Real words, per source and over all."""
    cases = real_cases()
    if not cases:
        print(f"real words: none in {WORDS}; set SENSORGRAPH_DATA")
        return
    for source in sorted({case.source for case in cases}):
        table(f"real, left out: {source}", [case for case in cases if case.source == source], ["ours", "words/ alone"])
    table("real, leave one source out", cases, list(METHODS))


def simulated() -> None:
    """Words made by program, per family."""
    for family in FAMILIES:
        table(f"simulated: {family.name}", simulated_cases(family.name), list(METHODS))


def speed() -> None:
    """Time and memory against the number of channels."""
    seconds = []
    sizes = (100, 400, 1000)
    shipped_judge()
    for num in sizes:
        channels = speed_channels(num, num_samples=20_000)
        wall, cpu = time.perf_counter(), time.process_time()
        found = read_word_channels(channels)
        seconds.append(time.process_time() - cpu)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"speed: {len(channels)} channels x 20,000 samples: {seconds[-1]:.1f} s of CPU, "
            f"{time.perf_counter() - wall:.1f} s elapsed, {len(found.pairs)} pairs, peak {peak:.0f} MiB",
            flush=True,
        )
    exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"speed: time grows as channels^{exponent:.2f}")


PARTS: dict[str, Callable[[], None]] = {"speed": speed, "real": real, "simulated": simulated}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
