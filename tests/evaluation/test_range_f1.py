"""Range-based figures against the benchmark's code and by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.evaluation.range_f1 import best_range_f1, range_figures


def test_equals_the_benchmark_on_its_reference_cases(shared_data):
    arrays = np.load(shared_data / "anomaly" / "metric_reference.npz")
    for case in json.loads((shared_data / "anomaly" / "metric_reference.json").read_text()):
        labels, scores = arrays[f"label_{case['case']}"], arrays[f"score_{case['case']}"]
        assert best_range_f1(labels, scores) == pytest.approx(case["R-based-F1"], abs=1e-9)


def test_pieces_count_against_recall():
    labels = [0, 1, 1, 1, 1, 0]
    assert range_figures(labels, [0, 1, 1, 0, 0, 0]).recall == pytest.approx(0.2 + 0.8 * 0.5)
    assert range_figures(labels, [0, 1, 0, 1, 0, 0]).recall == pytest.approx(0.2 + 0.8 * 0.25)
    assert range_figures(labels, [1, 1, 0, 0, 0, 0]).precision == 0.5


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_bounds_and_the_direction_of_time(bins):
    labels, alarms = np.array(bins).T
    figures = range_figures(labels, alarms)
    assert 0 <= figures.f1 <= 1
    back = range_figures(labels[::-1], alarms[::-1])
    assert (figures.precision, figures.recall) == pytest.approx((back.precision, back.recall))
    assert range_figures(labels, labels).f1 == float(labels.any())


def test_refuses_other_shapes():
    with pytest.raises(DataError, match="shape"):
        range_figures([0, 1], [0])
