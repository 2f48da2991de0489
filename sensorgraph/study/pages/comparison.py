"""The comparison: one row per modality, per kind of fusion, and for what they are judged against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.study.found import Found
from sensorgraph.study.pages.markdown import between, counted, share, signed, spread, table, within
from sensorgraph.study.rows import MEAN_OF_PROBABILITIES, Row, row_named, verdict
from sensorgraph.study.task import CLASSES, NORMAL, SWAPPED

ONE_SEED = (
    " **There is one seed.** The intervals know of other recordings and nothing of other seeds: which kind is ahead of "
    "which may be luck."
)


def comparison_section(found: Found, rows: Sequence[Row]) -> str:
    """Accuracy, cost and stability of every row."""
    best, mean = row_named(rows, found.best_modality), row_named(rows, MEAN_OF_PROBABILITIES)
    lines = []
    for row in rows:
        beside_best = verdict(found, row, best)
        lines.append(
            [
                row.name,
                share(float(row.validation.mean())) if len(row.validation) else "-",
                within(found.interval(row.right)),
                spread(row.test),
                "-" if row is best else between(beside_best.difference),
                "-" if row is best else beside_best.words,
                "-" if row is mean else between(verdict(found, row, mean).difference),
            ]
        )
    costs = [
        [
            row.name,
            f"{row.parameters:,}" if row.parameters else "-",
            f"{row.fusion_parameters:,}" if row.fusion_parameters else "-",
            f"{row.train_cpu_s:.1f}" if row.train_cpu_s else "-",
            "-" if row.epochs_to_best is None else f"{row.epochs_to_best:.1f}",
            f"{row.num_diverged}",
            "-" if row.gap is None else signed(row.gap),
        ]
        for row in rows
    ]
    count = found.plan.num_seeds
    return "\n\n".join(
        [
            "## The comparison",
            f"Accuracy in {len(CLASSES)} classes; always saying the most frequent class of training is right in "
            f"{share(found.chance)} of the test scenes. Means over {counted(count, 'seed')}; intervals are 95 %, by "
            "bootstrap over test recordings; differences are paired by recording. *spread* is the standard deviation "
            f"of the test figure over seeds. The best modality alone, by validation, is **{best.name}**. Among so "
            "many rows an interval or two will exclude 0 by chance: a small difference deserves a repetition."
            + (ONE_SEED if count == 1 else ""),
            table(
                ["row", "validation", "test", "spread", f"minus {best.name}", "verdict", "minus mean of probabilities"],
                lines,
            ),
            "![Test accuracy of every row](comparison.png)",
            "Cost and stability. *cpu* is processor time of one training on one core; *gap* is training minus test "
            "accuracy. An ensemble and the mean cost what their members cost.",
            table(["row", "parameters", "of the fusion", "cpu (s)", "epochs to best", "diverged", "gap"], costs),
            convergence(found),
        ]
    )


def convergence(found: Found) -> str:
    """Whether training with fusion was over when it ended."""
    figures = [found.results[found.whole(kind, seed)].figures for kind in found.plan.kinds for seed in found.seeds()]
    last = sum(one["epochs_to_best"] == one["num_epochs"] for one in figures)
    if not last:
        return "No training with fusion was still getting better when it ended."
    return (
        f"Of {len(figures)} trainings with fusion {last} were best in their last epoch: more steps may well help, "
        "and what is compared is how much kinds learn from this many, not where they would end."
    )


def classes_section(found: Found, rows: Sequence[Row]) -> str:
    """Share of right answers class by class, and differences on scenes that need two modalities and on the others."""
    label = found.truth.label["test"]
    by_class = [label == number for number in range(len(CLASSES))]
    lines = [[row.name, *(share(float(row.right[:, chosen].mean())) for chosen in by_class)] for row in rows]
    best = row_named(rows, found.best_modality)
    parts = parts_of_scenes(found)
    differences = [
        [row.name, *(between(verdict(found, row, best, chosen).difference) for chosen in parts.values())]
        for row in rows
        if row is not best
    ]
    counts = ", ".join(f"{name} {int(chosen.sum())}" for name, chosen in zip(CLASSES, by_class, strict=True))
    return "\n\n".join(
        [
            "## Class by class",
            f"Share of right answers by true class (test scenes: {counts}). A modality alone can tell `{SWAPPED}` from "
            f"`{NORMAL}` only by luck, because the streams of both are the same normal streams; what it gains in one "
            "it loses in the other.",
            table(["row", *CLASSES], lines),
            f"Difference to {best.name}, on scenes with a fault, of which a modality alone can tell something, and on "
            f"`{NORMAL}` and `{SWAPPED}` scenes, which are told apart by two modalities and by no single one:",
            table(["row", *parts], differences),
        ]
    )


def parts_of_scenes(found: Found) -> dict[str, np.ndarray]:
    """The scenes that one modality can tell something of, and those that need two."""
    needs_two = np.isin(found.truth.label["test"], [CLASSES.index(NORMAL), CLASSES.index(SWAPPED)])
    return {"a fault": ~needs_two, "normal streams, swapped or not": needs_two}
