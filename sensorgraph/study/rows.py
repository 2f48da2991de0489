"""The rows of the comparison: who is compared, and with which figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensorgraph.evaluation import Interval
from sensorgraph.study.cell import Cell
from sensorgraph.study.found import Found

Family = Literal["alone", "no parameters", "fusion", "ensemble", "oracle"]

MEAN_OF_PROBABILITIES = "mean of probabilities"
ENSEMBLE = "ensemble of all kinds"
ORACLE = "oracle: any modality right"


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: who.
        family: what kind of row it is.
        right: [K, S], right answers on test scenes, seed by seed.
        validation: [K], share of right answers; empty where nobody could choose by it.
        parameters, fusion_parameters: learned numbers, in all and of the fusion.
        train_cpu_s: mean processor time of training (s).
        epochs_to_best: mean over seeds; None where nothing is trained.
        num_diverged: trainings that diverged, of all seeds.
        gap: mean of training minus test accuracy; None where nothing is trained.
    """

    name: str
    family: Family
    right: np.ndarray
    validation: np.ndarray
    parameters: int
    fusion_parameters: int
    train_cpu_s: float
    epochs_to_best: float | None
    num_diverged: int
    gap: float | None

    @property
    def test(self) -> np.ndarray:
        """Test accuracy of each seed [K]."""
        return np.asarray(self.right.mean(1))


def rows_of(found: Found) -> list[Row]:
    """All rows: modalities alone, their mean, every kind of fusion, all kinds together, the oracle."""
    seeds = found.seeds()
    rows = [_trained(found, m, "alone", [found.alone(m, seed) for seed in seeds]) for m in found.modalities]
    alone = [[found.alone(m, seed) for m in found.modalities] for seed in seeds]
    rows.append(_mean(found, MEAN_OF_PROBABILITIES, "no parameters", alone))
    rows += [_trained(found, kind, "fusion", [found.whole(kind, seed) for seed in seeds]) for kind in found.plan.kinds]
    everybody = [[found.whole(kind, seed) for kind in found.plan.kinds] for seed in seeds]
    rows.append(_mean(found, ENSEMBLE, "ensemble", everybody))
    any_right = np.stack([np.any([found.right(cell) for cell in cells], axis=0) for cells in alone])
    rows.append(Row(ORACLE, "oracle", any_right, np.zeros(0), 0, 0, 0.0, None, 0, None))
    return rows


def averaged(found: Found, cells: Iterable[Cell], name: str = "test") -> np.ndarray:
    """Mean of what some networks say: [S, C] of a split, or of test scenes under a condition."""
    return np.asarray(np.mean([found.results[cell].probability[name] for cell in cells], axis=0))


def right_of_mean(found: Found, cells: Iterable[Cell], condition: str = "test") -> np.ndarray:
    """Test scenes that the mean of probabilities is right about, [S] bool."""
    return np.asarray(averaged(found, cells, condition).argmax(1) == found.truth.label["test"])


@dataclass(frozen=True)
class Verdict:
    """What may be said of one row beside another.

    Attributes:
        difference: of accuracy, paired, with its interval by recording.
    """

    difference: Interval

    @property
    def words(self) -> str:
        """``outperforms`` and ``falls behind`` only where the interval excludes 0.

        Example:
            >>> [Verdict(Interval(0.1, low, 0.2, 9)).words for low in (0.05, -0.05)]
            ['outperforms', 'no difference shown']
        """
        if not self.difference.excludes_zero:
            return "no difference shown"
        return "outperforms" if self.difference.mean > 0 else "falls behind"


def verdict(found: Found, ours: Row, theirs: Row, scenes: np.ndarray | None = None) -> Verdict:
    """Compare two rows, on some scenes [S] bool alone if asked."""
    return Verdict(found.difference(ours.right, theirs.right, scenes))


def row_named(rows: Sequence[Row], name: str) -> Row:
    """The row of that name."""
    return next(row for row in rows if row.name == name)


def _trained(found: Found, name: str, family: Family, cells: Sequence[Cell]) -> Row:
    figures = [found.results[cell].figures for cell in cells]

    def mean(key: str) -> float:
        return float(np.mean([one[key] for one in figures]))

    return Row(
        name,
        family,
        np.stack([found.right(cell) for cell in cells]),
        np.array([one["validation"] for one in figures]),
        int(figures[0]["parameters"]),
        int(figures[0]["fusion_parameters"]),
        mean("train_cpu_s"),
        mean("epochs_to_best"),
        int(sum(one["diverged"] for one in figures)),
        mean("train") - mean("test"),
    )


def _mean(found: Found, name: str, family: Family, by_seed: Sequence[Sequence[Cell]]) -> Row:
    """Means of probabilities; what was trained for them is counted, the mean itself costs nothing."""
    truth = found.truth.label["validation"]
    validation = [(averaged(found, cells, "validation").argmax(1) == truth).mean() for cells in by_seed]
    figures = [[found.results[cell].figures for cell in cells] for cells in by_seed]
    return Row(
        name,
        family,
        np.stack([right_of_mean(found, cells) for cells in by_seed]),
        np.array(validation),
        int(sum(one["parameters"] for one in figures[0])),
        int(sum(one["fusion_parameters"] for one in figures[0])) if family == "ensemble" else 0,
        float(np.mean([sum(one["train_cpu_s"] for one in row) for row in figures])),
        None,
        int(sum(one["diverged"] for row in figures for one in row)),
        None,
    )
