"""VUS against the values of the benchmark's own code, against a plain definition, and against its own symmetries."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.evaluation.vus import estimate_window, vus


def plain_vus(labels, scores, window, num_thresholds):
    """The definition, bin by bin and threshold by threshold, with nothing clever in it."""
    labels = np.asarray(labels, dtype=int)
    num_bins = len(labels)
    edges = np.flatnonzero(np.diff(np.r_[0, labels, 0]))
    events = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    ranked = sorted(scores, reverse=True)
    thresholds = [ranked[i] for i in np.linspace(0, num_bins - 1, num_thresholds).astype(int)]
    areas_pr, areas_roc = [], []
    for width in range(window + 1):
        half = width // 2
        soft = labels.astype(float)
        groups = []
        for start, end in events:
            for i in range(num_bins):
                distance = start - i if i < start else i - (end - 1)
                if not start <= i < end and distance <= half:
                    soft[i] += np.sqrt(1 - distance / width)
            low, high = max(start - half, 0), min(end + half, num_bins)
            if groups and low <= groups[-1][1] - 1:
                groups[-1] = (groups[-1][0], high)
            else:
                groups.append((low, high))
        soft = np.minimum(soft, 1)
        tpr, fpr, precision = [0.0], [0.0], []
        for threshold in thresholds:
            alarm = np.asarray(scores) >= threshold
            hits = (soft * alarm).sum()
            positives = labels.sum() + (soft * alarm)[labels == 0].sum() / 2
            found = np.mean([alarm[low:high].any() for low, high in groups])
            tpr.append(found * min(hits / positives, 1))
            fpr.append((alarm.sum() - hits) / (num_bins - positives))
            precision.append(hits / alarm.sum())
        areas_pr.append(sum((tpr[j + 1] - tpr[j]) * precision[j] for j in range(num_thresholds)))
        areas_roc.append(np.trapezoid([*tpr, 1], [*fpr, 1]))
    return np.mean(areas_pr), np.mean(areas_roc)


def test_equals_the_benchmark_on_its_reference_cases(shared_data):
    arrays = np.load(shared_data / "anomaly" / "metric_reference.npz")
    cases = json.loads((shared_data / "anomaly" / "metric_reference.json").read_text())
    assert len(cases) == 6
    for case in cases:
        number = case["case"]
        got = vus(arrays[f"label_{number}"], arrays[f"score_{number}"], case["window"])
        assert got.pr == pytest.approx(case["VUS-PR"], abs=1e-6)
        assert got.roc == pytest.approx(case["VUS-ROC"], abs=1e-6)


labels_with_both = st.lists(st.booleans(), min_size=3, max_size=40).filter(lambda x: any(x) and not all(x))


@settings(max_examples=60, deadline=None)
@given(labels=labels_with_both, seed=st.integers(0, 10_000), window=st.integers(0, 13), num_levels=st.integers(1, 50))
def test_equals_the_plain_definition(labels, seed, window, num_levels):
    scores = np.random.default_rng(seed).integers(num_levels, size=len(labels)).astype(float)
    expected_pr, expected_roc = plain_vus(labels, scores, window, num_thresholds=7)
    got = vus(labels, scores, window, num_thresholds=7)
    assert got.pr == pytest.approx(expected_pr, abs=1e-12)
    assert got.roc == pytest.approx(expected_roc, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(labels=labels_with_both, seed=st.integers(0, 10_000), window=st.integers(0, 9))
def test_depends_on_the_order_of_scores_alone_and_not_on_the_direction_of_time(labels, seed, window):
    scores = np.random.default_rng(seed).normal(size=len(labels))
    here = vus(labels, scores, window)
    stretched = vus(labels, np.exp(3 * scores) + 5, window)
    reversed_in_time = vus(labels[::-1], scores[::-1], window)
    assert here == stretched
    assert here.pr == pytest.approx(reversed_in_time.pr, abs=1e-12)


def test_an_early_alarm_counts_with_shoulders_and_not_without():
    labels = np.zeros(300, dtype=int)
    labels[150:170] = 1
    early = np.zeros(300)
    early[140:160] = 1.0
    assert vus(labels, early, 40).pr > vus(labels, early, 0).pr + 0.1


@pytest.mark.parametrize(
    ("labels", "scores", "window", "word"),
    [
        ([0, 0], [1.0, 2.0], 3, "both classes"),
        ([1, 1], [1.0, 2.0], 3, "both classes"),
        ([0, 1], [1.0, np.nan], 3, "finite"),
        ([0, 1], [1.0, 2.0, 3.0], 3, "shape"),
        ([0, 2], [1.0, 2.0], 3, "0 or 1"),
        ([0, 1], [1.0, 2.0], -1, "window"),
    ],
)
def test_says_what_is_wrong_with_its_input(labels, scores, window, word):
    with pytest.raises(DataError, match=word):
        vus(labels, scores, window)


def test_window_is_the_period_and_survives_gaps():
    series = np.sin(2 * np.pi * np.arange(3000) / 60)
    series[500:520] = np.nan
    assert estimate_window(series) == 60


def test_window_falls_back_where_nothing_repeats():
    assert estimate_window(np.ones(500)) == 125
    assert estimate_window(np.arange(500.0)) == 125
    assert estimate_window(np.full(500, np.nan)) == 125


def test_window_of_a_matrix_is_that_of_its_first_channel():
    time = np.arange(2000)
    rows = np.stack([np.sin(2 * np.pi * time / 40), np.sin(2 * np.pi * time / 90)], axis=1)
    assert estimate_window(rows) == 40
