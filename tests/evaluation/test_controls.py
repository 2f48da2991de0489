"""Rules that every control keeps, and what each of them must see."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.errors import DataError
from sensorgraph.evaluation.controls import CONTROLS, LogPcaResidual, PcaResidual, control_scores
from sensorgraph.evaluation.metrics import auroc
from sensorgraph.evaluation.vus import estimate_window, vus


@pytest.fixture
def plane():
    """Rows near a plane in 6 channels."""
    draws = np.random.default_rng(0)
    return draws.normal(size=(800, 2)) @ draws.normal(size=(2, 6)) + 0.05 * draws.normal(size=(800, 6))


@pytest.mark.parametrize("kind", CONTROLS.values())
def test_scores_are_finite_repeatable_and_leave_their_input_alone(kind, plane):
    train, test = plane[:500].copy(), plane[500:].copy()
    train[5:20, 2] = np.nan
    train[:, 3] = 7.3
    train[:, 4] = np.nan
    test[3, :] = np.nan
    test[7, 1] = np.inf
    before = test.copy()
    scores = kind(seed=3).fit(train).score(test)
    assert scores.shape == (300,)
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, kind(seed=3).fit(train).score(test))
    assert np.array_equal(test, before, equal_nan=True)


@pytest.mark.parametrize("kind", CONTROLS.values())
def test_refuses_rows_it_cannot_use(kind, plane):
    with pytest.raises(DataError, match="not fitted"):
        kind().score(plane)
    with pytest.raises(DataError, match="2 rows"):
        kind().fit(plane[:1])
    with pytest.raises(DataError, match="channels of train"):
        kind().fit(plane).score(plane[:, :3])
    with pytest.raises(DataError, match=r"\[T, C\]"):
        kind().fit(plane[0])


@pytest.mark.parametrize("name", ["z-score L2", "PCA residual"])
def test_units_of_a_channel_do_not_matter(name, plane):
    factors = np.array([1, 1e3, 1e-3, 5, 1, 1e5])
    here = CONTROLS[name]().fit(plane[:500]).score(plane[500:])
    there = CONTROLS[name]().fit(plane[:500] * factors + 3).score(plane[500:] * factors + 3)
    assert np.allclose(here, there, rtol=1e-6, atol=1e-9)


def test_a_broken_relation_is_seen_by_the_pca_residual_and_not_by_distance(plane):
    train, test = plane[:500], plane[500:].copy()
    labels = np.zeros(300, dtype=int)
    labels[100:200] = 1
    test[100:200] = np.stack(
        [np.random.default_rng(k).permutation(column) for k, column in enumerate(test[100:200].T)], 1
    )
    scores = control_scores(train, test)
    assert auroc(labels, scores["PCA residual"]) > 0.95
    assert auroc(labels, scores["z-score L2"]) < 0.75
    assert auroc(labels, scores["log PCA residual, MA 50"]) > 0.95


def test_a_constant_channel_that_begins_to_move_counts():
    train, test = np.random.default_rng(0).normal(size=(200, 2)), np.zeros((2, 2))
    train[:, 1] = 1 / 3  # its computed deviation is rounding, not exactly 0
    test[:, 1] = [1 / 3, 5]
    scores = CONTROLS["z-score L2"]().fit(train).score(test)
    assert scores[1] - scores[0] == pytest.approx(14 / 3, rel=0.05)


def test_parameters_are_checked():
    with pytest.raises(DataError, match="explained"):
        PcaResidual(explained=0)
    with pytest.raises(DataError, match="width"):
        LogPcaResidual(width=0)


def test_smd_and_asd_give_the_anchored_figures(shared_data):
    """Means over recordings that were measured elsewhere with the benchmark's own code."""
    anchors = {"smd": (0.314, 0.276, 0.178), "asd": (0.134, 0.138, 0.193)}
    for folder, expected in anchors.items():
        figures = []
        for place in sorted((shared_data / "anomaly" / folder).glob("*.npz")):
            part = np.load(place)
            window = estimate_window(part["test"])
            scores = control_scores(part["train"], part["test"])
            figures.append([vus(part["label"], scores[name], window).pr for name in list(CONTROLS)[2:]])
        assert np.mean(figures, axis=0) == pytest.approx(expected, abs=0.006)
