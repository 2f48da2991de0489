"""Point-wise measures against scikit-learn and against what they must do by definition."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from sensorgraph.errors import DataError
from sensorgraph.evaluation.metrics import alarm_figures, auroc, average_precision, best_f1, figures_at


@st.composite
def judged(draw):
    labels = draw(st.lists(st.integers(0, 1), min_size=2, max_size=60).filter(lambda x: 0 < sum(x) < len(x)))
    levels = draw(st.integers(1, 30))
    scores = np.random.default_rng(draw(st.integers(0, 10_000))).integers(levels, size=len(labels)).astype(float)
    return np.array(labels), scores


@settings(max_examples=100, deadline=None)
@given(judged())
def test_areas_equal_those_of_scikit_learn(case):
    labels, scores = case
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(judged())
def test_best_f1_is_the_maximum_and_its_threshold_reaches_it(case):
    labels, scores = case
    precision, recall, _ = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = best_f1(labels, scores)
    assert best.f1 == pytest.approx(f1.max(), abs=1e-12)
    assert figures_at(labels, scores, best.threshold).f1 == pytest.approx(best.f1, abs=1e-12)


@given(judged())
def test_auroc_of_negated_scores_is_the_complement(case):
    labels, scores = case
    assert auroc(labels, -scores) == pytest.approx(1 - auroc(labels, scores), abs=1e-12)


def test_equals_the_benchmark_on_its_reference_cases(shared_data):
    arrays = np.load(shared_data / "anomaly" / "metric_reference.npz")
    for case in json.loads((shared_data / "anomaly" / "metric_reference.json").read_text()):
        labels, scores = arrays[f"label_{case['case']}"], arrays[f"score_{case['case']}"]
        assert average_precision(labels, scores) == pytest.approx(case["AUC-PR"], abs=1e-9)
        assert auroc(labels, scores) == pytest.approx(case["AUC-ROC"], abs=1e-9)
        # The benchmark adds 1e-5 to the denominator of F1.
        assert best_f1(labels, scores).f1 == pytest.approx(case["Standard-F1"], abs=1e-5)


def test_alarm_figures_by_hand():
    figures = alarm_figures([1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0])
    assert figures.precision == pytest.approx(2 / 3)
    assert figures.recall == pytest.approx(2 / 3)
    assert figures.f1 == pytest.approx(2 / 3)
    assert figures.false_alarm_rate == pytest.approx(1 / 5)
    assert figures.missed_alarm_rate == pytest.approx(1 / 3)


def test_rates_without_their_class_are_nan_and_no_alarm_is_no_error():
    assert np.isnan(alarm_figures([1, 1], [1, 0]).false_alarm_rate)
    assert np.isnan(alarm_figures([0, 0], [1, 0]).missed_alarm_rate)
    assert alarm_figures([1, 0], [0, 0]).f1 == 0


def test_a_score_at_the_threshold_is_no_alarm():
    assert figures_at([0, 1], [1.0, 2.0], 2.0).recall == 0


@pytest.mark.parametrize("measure", [auroc, average_precision, best_f1])
def test_refuses_what_it_cannot_judge(measure):
    with pytest.raises(DataError, match="both classes"):
        measure([0, 0], [1.0, 2.0])
    with pytest.raises(DataError, match="finite"):
        measure([0, 1], [1.0, np.inf])
    with pytest.raises(DataError, match="non-empty"):
        measure([], [])
    with pytest.raises(DataError, match="threshold"):
        figures_at([0, 1], [1.0, 2.0], float("nan"))
    with pytest.raises(DataError, match="shape"):
        alarm_figures([0, 1], [1])
