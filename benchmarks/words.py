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
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from words_simulated import FAMILIES, recording, speed_channels

from sensorgraph.evaluation.bits import boundary_counts, flag_counts
from sensorgraph.evaluation.channel_types import type_figures
from sensorgraph.evaluation.counts import Counts
from sensorgraph.typing import ChannelType
from sensorgraph.words import WordChannel, WordTable, find_candidates, read_words_classical

NUM_SEEDS = 5
Fields = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Case:
    """One recording with its truth; what is not known is None."""

    name: str
    channels: tuple[WordChannel, ...]
    channel_type: np.ndarray
    pairs: dict[tuple[int, int], int | None]
    identifiable: frozenset[tuple[int, int]] | None = None
    rollovers: dict[tuple[int, int], np.ndarray] | None = None
    flag_bits: np.ndarray | None = None
    fields: tuple[Fields, ...] | None = None


@dataclass(frozen=True)
class Answer:
    """What a method says about one recording."""

    channel_type: np.ndarray
    pairs: dict[tuple[int, int], int]
    rollovers: dict[tuple[int, int], np.ndarray]
    flag_bits: np.ndarray
    fields: tuple[Fields, ...]
    num_abstained: int = 0


def words_alone(case: Case) -> Answer:
    """The classical reader."""
    found = read_words_classical(case.channels)
    return Answer(
        found.channel_type,
        {(pair.msb, pair.lsb): pair.lag_samples for pair in found.pairs},
        {(pair.msb, pair.lsb): samples for pair, samples in zip(found.pairs, found.overflow, strict=True)},
        found.flag_bits,
        tuple(tuple((first, last) for first, last, _ in fields) for fields in found.fields),
        len(found.abstentions),
    )


def pearson(case: Case) -> Answer:
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
    return Answer(types, pairs, {pair: np.zeros(0, int) for pair in pairs}, nothing, (((0, 15),),) * len(length))


def majority(case: Case) -> Answer:
    """Every channel is one word, no pair."""
    num = len(case.channels)
    return Answer(np.zeros(num, int), {}, {}, np.zeros(num, np.uint16), (((0, 15),),) * num)


METHODS: dict[str, Callable[[Case], Answer]] = {
    "words/ alone": words_alone,
    "Pearson matching": pearson,
    "majority class": majority,
}


@dataclass
class Tally:
    """Counts over recordings."""

    pairs: list[int] = field(default_factory=lambda: [0, 0, 0])
    identifiable: list[int] = field(default_factory=lambda: [0, 0])
    swapped: int = 0
    right_lag: list[int] = field(default_factory=lambda: [0, 0])
    overflow: list[int] = field(default_factory=lambda: [0, 0, 0])
    flags: list[int] = field(default_factory=lambda: [0, 0, 0])
    edges: list[int] = field(default_factory=lambda: [0, 0, 0])
    truth: list[int] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    abstained: int = 0
    candidates: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, case: Case, answer: Answer) -> None:
        """Count one recording in."""
        true, said = set(case.pairs), set(answer.pairs)
        self.swapped += len({(lsb, msb) for msb, lsb in said} & true)
        _count(self.pairs, len(true & said), len(said - true), len(true - said))
        _count(self.right_lag, sum(case.pairs[pair] == answer.pairs[pair] for pair in true & said), len(true & said))
        if case.identifiable is not None:
            _count(self.identifiable, len(case.identifiable & said), len(case.identifiable))
        if case.rollovers is not None:
            for pair in (case.identifiable or true) | said:
                real = set(case.rollovers.get(pair, np.zeros(0)).tolist()) if pair in true else set()
                told = set(answer.rollovers.get(pair, np.zeros(0)).tolist())
                if pair in true and case.identifiable is not None and pair not in case.identifiable:
                    continue
                _count(self.overflow, len(real & told), len(told - real), len(real - told))
        if case.flag_bits is not None:
            _add(self.flags, flag_counts(case.flag_bits.astype(int), answer.flag_bits.astype(int)))
        if case.fields is not None:
            _add(self.edges, boundary_counts(case.fields, answer.fields))
        self.truth += case.channel_type.tolist()
        self.found += answer.channel_type.tolist()
        self.abstained += answer.num_abstained

    def row(self) -> str:
        """The figures as a line of the table."""
        types = type_figures(np.array(self.truth), np.array(self.found))
        precision, recall, f1 = _scores(self.pairs)
        parts = [f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f}", f"swapped {self.swapped}"]
        if self.identifiable[1]:
            parts.append(f"R identifiable {self.identifiable[0] / self.identifiable[1]:.3f}")
        parts.append(f"type {types.accuracy:.3f}/{types.macro_f1:.3f}")
        for name, counts in (("overflow", self.overflow), ("flag", self.flags), ("boundary", self.edges)):
            if sum(counts):
                parts.append(f"{name} {_scores(counts)[2]:.3f}")
        if self.candidates[1]:
            parts.append(f"recall@candidates {self.candidates[0]}/{self.candidates[1]}")
        return "  ".join([*parts, f"abstained {self.abstained}"])


def _count(total: list[int], *parts: int) -> None:
    for number, part in enumerate(parts):
        total[number] += part


def _add(total: list[int], counts: Counts) -> None:
    _count(total, counts.num_hits, counts.num_false, counts.num_missed)


def _scores(counts: Sequence[int]) -> tuple[float, float, float]:
    hits, false, missed = counts
    return hits / max(hits + false, 1), hits / max(hits + missed, 1), 2 * hits / max(2 * hits + false + missed, 1)


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
            cases.append(
                Case(
                    path.stem,
                    channels,
                    file["channel_type"].astype(int),
                    dict.fromkeys(pairs),
                    frozenset(pair for pair, known in zip(pairs, file["identifiable"], strict=True) if known),
                    {pair: file["overflow"][over[n] : over[n + 1]] for n, pair in enumerate(pairs)},
                    flags,
                    tuple(_runs(int(bits), int(single)) for bits, single in zip(used, flags, strict=True)),
                )
            )
    return cases


def _runs(used: int, flags: int) -> Fields:
    """Runs of used bits, flags apart."""
    runs: list[tuple[int, int]] = []
    for bit in range(16):
        if not used >> bit & 1:
            continue
        alone = flags >> bit & 1
        if runs and runs[-1][1] == bit - 1 and not alone and not flags >> (bit - 1) & 1:
            runs[-1] = (runs[-1][0], bit)
        else:
            runs.append((bit, bit))
    return tuple(runs)


def simulated_cases(name: str) -> list[Case]:
    """Recordings of one family."""
    family = next(family for family in FAMILIES if family.name == name)
    cases = []
    for seed in range(NUM_SEEDS):
        made = recording(family, seed)
        cases.append(
            Case(
                f"{name} {seed}",
                made.channels,
                made.channel_type,
                dict(zip(made.pairs, made.lags, strict=True)),
                flag_bits=made.flag_bits,
            )
        )
    return cases


def table(title: str, cases: list[Case], methods: Sequence[str]) -> None:
    """Print one line per method."""
    for method in methods:
        tally = Tally()
        for case in cases:
            tally.add(case, METHODS[method](case))
            if method == "words/ alone":
                links = set(map(tuple, find_candidates(case.channels).link.tolist()))
                wanted = case.identifiable if case.identifiable is not None else set(case.pairs)
                _count(tally.candidates, len(wanted & links), len(wanted))
        lag = f"  lag right {tally.right_lag[0]}/{tally.right_lag[1]}" if "skew" in title else ""
        print(f"{title:44.44s} {method:17s} {tally.row()}{lag}", flush=True)


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
