"""How well words are read: real logs, words made by program, and speed, each beside its controls.

    python benchmarks/words.py                # everything
    python benchmarks/words.py real           # or: simulated, speed

Real words are looked for in ``$SENSORGRAPH_DATA/words`` or ``../shared/data/words``. Boundaries are judged against the
edges of the bits in use and of the flags, which is all the truth that these logs have.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from words_simulated import FAMILIES, recording, speed_channels

from sensorgraph.evaluation.counts import Counts
from sensorgraph.evaluation.word_labels import fields_of_masks
from sensorgraph.evaluation.word_reading import WordAnswer, WordFigures, WordTally, WordTruth
from sensorgraph.typing import ChannelType
from sensorgraph.words import WordChannel, WordTable, find_candidates, read_words_classical

NUM_SEEDS = 5


@dataclass(frozen=True)
class Case:
    """One recording with its truth."""

    name: str
    channels: tuple[WordChannel, ...]
    truth: WordTruth


def words_alone(case: Case) -> WordAnswer:
    """The classical reader."""
    return WordAnswer.of(read_words_classical(case.channels))


def pearson(case: Case) -> WordAnswer:
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
    return WordAnswer(types, pairs, {pair: np.zeros(0, int) for pair in pairs}, nothing, (((0, 15),),) * len(length))


def majority(case: Case) -> WordAnswer:
    """Every channel is one word, no pair."""
    num = len(case.channels)
    return WordAnswer(np.zeros(num, int), {}, {}, np.zeros(num, np.uint16), (((0, 15),),) * num)


METHODS: dict[str, Callable[[Case], WordAnswer]] = {
    "words/ alone": words_alone,
    "Pearson matching": pearson,
    "majority class": majority,
}


def row(figures: WordFigures, at_candidates: Counts | None) -> str:
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
            parts.append(f"{name} {counts.f1:.3f}")
    if at_candidates is not None:
        wanted = at_candidates.num_hits + at_candidates.num_missed
        parts.append(f"recall@candidates {at_candidates.num_hits}/{wanted}")
    return "  ".join([*parts, f"abstained {figures.num_abstained}"])


def _shown(share: float) -> str:
    """A share of nothing counts as 0 in this table."""
    return f"{0.0 if np.isnan(share) else share:.3f}"


def real_cases() -> list[Case]:
    """The recordings of ``data/words``."""
    place = Path(os.environ.get("SENSORGRAPH_DATA", Path(__file__).parents[2] / "shared" / "data")) / "words"
    cases = []
    for path in sorted(place.glob("*.npz")):
        with np.load(path) as file:
            ptr, over = file["ptr"], file["overflow_ptr"]
            pairs = [(int(msb), int(lsb)) for msb, lsb in file["pairs"]]
            channels = tuple(
                WordChannel(file["values"][first:last], float(rate))
                for first, last, rate in zip(ptr[:-1], ptr[1:], file["rate_hz"], strict=True)
            )
            used, flags = file["used_bits"], file["flag_bits"]
            truth = WordTruth(
                file["channel_type"].astype(int),
                dict.fromkeys(pairs),
                frozenset(pair for pair, known in zip(pairs, file["identifiable"], strict=True) if known),
                {pair: file["overflow"][over[n] : over[n + 1]] for n, pair in enumerate(pairs)},
                flags,
                tuple(fields_of_masks(int(bits), int(single)) for bits, single in zip(used, flags, strict=True)),
            )
            cases.append(Case(path.stem, channels, truth))
    return cases


def simulated_cases(name: str) -> list[Case]:
    """Recordings of one family."""
    family = next(family for family in FAMILIES if family.name == name)
    cases = []
    for seed in range(NUM_SEEDS):
        made = recording(family, seed)
        pairs = dict(zip(made.pairs, made.lags, strict=True))
        truth = WordTruth(made.channel_type, pairs, flag_bits=made.flag_bits)
        cases.append(Case(f"{name} {seed}", made.channels, truth))
    return cases


def table(title: str, cases: list[Case], methods: Sequence[str]) -> None:
    """Print one line per method."""
    for method in methods:
        tally = WordTally()
        hits = missed = 0
        for case in cases:
            tally.add(case.truth, METHODS[method](case))
            if method == "words/ alone":
                links = set(map(tuple, find_candidates(case.channels).link.tolist()))
                wanted = set(case.truth.pairs) if case.truth.identifiable is None else case.truth.identifiable
                hits, missed = hits + len(wanted & links), missed + len(wanted - links)
        figures = tally.figures()
        lags = figures.lags
        lag = f"  lag right {lags.num_hits}/{lags.num_hits + lags.num_missed}" if "skew" in title else ""
        at_candidates = Counts(hits, 0, missed) if hits + missed else None
        print(f"{title:44.44s} {method:17s} {row(figures, at_candidates)}{lag}", flush=True)


def real() -> None:
    """Real words, per recording and over all."""
    cases = real_cases()
    if not cases:
        print("real words: not found; set SENSORGRAPH_DATA")
        return
    for case in cases:
        table(case.name, [case], ["words/ alone"])
    table("all real words", cases, list(METHODS))


def simulated() -> None:
    """Words made by program, per family."""
    for family in FAMILIES:
        table(f"simulated: {family.name}", simulated_cases(family.name), list(METHODS))


def speed() -> None:
    """Time and memory against the number of channels."""
    seconds = []
    sizes = (100, 400, 1000)
    for num in sizes:
        channels = speed_channels(num, num_samples=20_000)
        wall, cpu = time.perf_counter(), time.process_time()
        found = read_words_classical(WordTable.of(channels))
        seconds.append(time.process_time() - cpu)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"speed: {len(channels)} channels x 20,000 samples: {seconds[-1]:.1f} s of CPU, "
            f"{time.perf_counter() - wall:.1f} s elapsed, {len(found.pairs)} pairs, peak {peak:.0f} MiB",
            flush=True,
        )
    exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"speed: time grows as channels^{exponent:.2f}")


PARTS: dict[str, Callable[[], None]] = {"real": real, "simulated": simulated, "speed": speed}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
