"""What may be said of a difference: 'outperforms' only where its interval excludes 0."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.evaluation import Interval
from sensorgraph.study.cell import ALONE, AS_IS, Cell, Result
from sensorgraph.study.conditions import NUM_PERMUTATIONS, keep, noise, permuted, subsets
from sensorgraph.study.dominance import complementarity, perceptual_scores, removed_shapley
from sensorgraph.study.found import Found, Truth
from sensorgraph.study.plan import StudyPlan
from sensorgraph.study.rows import MEAN_OF_PROBABILITIES, ORACLE, Verdict, row_named, rows_of, verdict

MODALITIES = ("sensor", "text")
LABEL = np.tile([0, 1], 20)
RECORDING = np.repeat(np.arange(8), 5)


@given(low=st.floats(-1, 1), mean=st.floats(-1, 1), high=st.floats(-1, 1))
def test_words_follow_the_interval(low: float, mean: float, high: float) -> None:
    low, mean, high = sorted((low, mean, high))
    words = Verdict(Interval(mean, low, high, 10)).words
    assert (words == "outperforms") == (low > 0)
    assert (words == "falls behind") == (high < 0)
    assert (words == "no difference shown") == (low <= 0 <= high)


def answering(cell: Cell, answer: np.ndarray) -> Result:
    """A cell that gives the same answers under every condition but permutation, where it says 0."""
    answer = answer.astype(np.uint8)
    sure = np.stack([1.0 - 0.9 * answer, 0.9 * answer], axis=1).astype(np.float32)
    answers = {AS_IS: answer}
    for modality in cell.modalities:
        answers |= {permuted(modality, n): np.zeros_like(answer) for n in range(NUM_PERMUTATIONS)}
        answers |= {noise(modality, level): answer for level in range(1, 6)}
    answers |= {keep(part): answer for part in subsets(cell.modalities)}
    figures = dict.fromkeys(
        ("parameters", "fusion_parameters", "train_cpu_s", "epochs_to_best", "diverged", "train", "test"), 1.0
    )
    return Result(
        cell, figures | {"validation": float((answer == LABEL).mean())}, {}, {"test": sure, "validation": sure}, answers
    )


def found_of(sensor: np.ndarray, text: np.ndarray, late: np.ndarray) -> Found:
    plan = StudyPlan(kinds=("late",), closer=("late",), num_seeds=1, num_closer_seeds=1)
    cells = [Cell(ALONE, ("sensor",), 0), Cell(ALONE, ("text",), 0), Cell("late", MODALITIES, 0)]
    results = [answering(cell, answer) for cell, answer in zip(cells, (sensor, text, late), strict=True)]
    truth = Truth(dict.fromkeys(("train", "validation", "test"), LABEL), RECORDING)
    return Found.of(plan, MODALITIES, truth, results)


HALF = np.where(np.arange(40) % 4 < 2, LABEL, 1 - LABEL)


def test_rows_and_their_differences() -> None:
    found = found_of(sensor=HALF, text=1 - HALF, late=LABEL)
    rows = rows_of(found)
    assert found.best_modality == "sensor"
    assert row_named(rows, ORACLE).test == 1.0, "each is right where the other is wrong"
    assert verdict(found, row_named(rows, "late"), row_named(rows, "sensor")).words == "outperforms"
    same = verdict(found, row_named(rows, "sensor"), row_named(rows, "sensor"))
    assert (same.difference.mean, same.words) == (0.0, "no difference shown")
    assert row_named(rows, MEAN_OF_PROBABILITIES).fusion_parameters == 0


def test_a_difference_on_some_scenes_looks_at_their_recordings_alone() -> None:
    found = found_of(sensor=np.zeros(40), text=np.zeros(40), late=LABEL)
    rows = rows_of(found)
    ones = LABEL == 1
    assert verdict(found, row_named(rows, "late"), row_named(rows, "sensor"), ones).difference.mean == 1.0
    assert verdict(found, row_named(rows, "late"), row_named(rows, "sensor"), ~ones).difference.mean == 0.0


def test_complementarity_is_conditional() -> None:
    found = found_of(sensor=HALF, text=LABEL, late=LABEL)
    table = complementarity(found)
    assert np.allclose(np.diag(table), [0.5, 1.0])
    assert table[0, 1] == 1.0
    assert np.isnan(table[1, 0]), "text is never wrong: there is no case to speak of"


def test_dominance_of_answers_that_are_known() -> None:
    found = found_of(sensor=HALF, text=HALF, late=LABEL)
    late = found.whole("late", 0)
    assert perceptual_scores(found, late) == {"sensor": 0.5, "text": 0.5}, "permuted, half of the answers are right"
    values = removed_shapley(found, late)
    assert np.isclose(sum(values.values()), 1.0 - found.chance)
    assert np.isclose(values["sensor"], values["text"])
