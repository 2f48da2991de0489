"""All results of a study, and the questions that are asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sensorgraph.evaluation import Interval, bootstrap_mean, paired_difference
from sensorgraph.study.cell import ALONE, AS_IS, Cell, Result
from sensorgraph.study.plan import StudyPlan


@dataclass(frozen=True)
class Truth:
    """What is true of the scenes that results are about.

    Attributes:
        label: split to [S] int64.
        recording: of the test scenes, [S].
    """

    label: Mapping[str, np.ndarray]
    recording: np.ndarray


@dataclass(frozen=True)
class Found:
    """Results by cell.

    Attributes:
        plan: of the study.
        modalities: of the study.
        truth: of the scenes.
        results: what is finished.
    """

    plan: StudyPlan
    modalities: tuple[str, ...]
    truth: Truth
    results: Mapping[Cell, Result]

    @classmethod
    def of(cls, plan: StudyPlan, modalities: Sequence[str], truth: Truth, results: Iterable[Result]) -> Found:
        """From results in any order."""
        return cls(plan, tuple(modalities), truth, {result.cell: result for result in results})

    def has(self, *cells: Cell) -> bool:
        """Whether all of these are finished."""
        return all(cell in self.results for cell in cells)

    def seeds(self, closer: bool = False) -> range:
        """Seeds of the comparison, or of the closer look."""
        return range(self.plan.num_closer_seeds if closer else self.plan.num_seeds)

    def right(self, cell: Cell, condition: str = AS_IS) -> np.ndarray:
        """Which test scenes the cell's network is right about, [S] bool."""
        return np.asarray(self.results[cell].answers[condition] == self.truth.label["test"])

    def accuracy(self, cell: Cell, condition: str = AS_IS) -> float:
        """Share of the test scenes that the cell's network is right about."""
        return float(self.right(cell, condition).mean())

    def mean_accuracy(self, cells: Iterable[Cell], condition: str = AS_IS) -> float:
        """Mean test accuracy of some cells."""
        return float(np.mean([self.accuracy(cell, condition) for cell in cells]))

    def rights(self, cells: Iterable[Cell], condition: str = AS_IS) -> np.ndarray:
        """Right answers of some cells, [K, S] bool."""
        return np.stack([self.right(cell, condition) for cell in cells])

    def whole(self, kind: str, seed: int) -> Cell:
        """The cell of a kind with all modalities."""
        return Cell(kind, self.modalities, seed)

    def alone(self, modality: str, seed: int) -> Cell:
        """The cell of a modality alone."""
        return Cell(ALONE, (modality,), seed)

    def mean_validation(self, cells: Iterable[Cell]) -> float:
        """Mean validation figure of some cells."""
        return float(np.mean([self.results[cell].figures["validation"] for cell in cells]))

    @cached_property
    def best_modality(self) -> str:
        """The modality that is best alone, chosen on validation scenes."""
        return max(self.modalities, key=lambda m: self.mean_validation(self.alone(m, seed) for seed in self.seeds()))

    @cached_property
    def best_kind(self) -> str:
        """The kind of fusion that is best, chosen on validation scenes."""
        return max(self.plan.kinds, key=lambda k: self.mean_validation(self.whole(k, seed) for seed in self.seeds()))

    @cached_property
    def best_closer(self) -> str:
        """The best on validation scenes of the kinds that were looked at closely."""
        return max(self.plan.closer, key=lambda k: self.mean_validation(self.whole(k, seed) for seed in self.seeds()))

    @property
    def chance(self) -> float:
        """Share of the most frequent class of the training scenes, in the test scenes."""
        most = int(np.bincount(self.truth.label["train"]).argmax())
        return float((self.truth.label["test"] == most).mean())

    def interval(self, right: np.ndarray) -> Interval:
        """Mean of [K, S] or [S] with a bootstrap interval by recording."""
        return bootstrap_mean(self.by_recording(right).mean(0))

    def difference(self, ours: np.ndarray, theirs: np.ndarray, scenes: np.ndarray | None = None) -> Interval:
        """Paired difference of [K, S] arrays, by recording; of some scenes [S] bool alone, if asked."""
        return paired_difference(self.by_recording(ours, scenes), self.by_recording(theirs, scenes))

    def by_recording(self, right: np.ndarray, scenes: np.ndarray | None = None) -> np.ndarray:
        """Mean of [K, S] in each recording that has any of the scenes: [K, R]."""
        right = np.atleast_2d(np.asarray(right, np.float64))
        kept = np.ones(right.shape[1], bool) if scenes is None else scenes
        _, place = np.unique(self.truth.recording[kept], return_inverse=True)
        total = np.stack([np.bincount(place, weights=row) for row in right[:, kept]])
        return np.asarray(total / np.bincount(place))
