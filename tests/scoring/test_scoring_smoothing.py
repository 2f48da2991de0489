"""How kinds of evidence become one score."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.scoring.smoothing import Usual, blend, usual_heights

WIDTHS = (1, 5)


def test_a_steady_kind_counts_by_how_far_it_leaves_its_own_range() -> None:
    """A rise of a tenth is nothing to a restless kind, and news of a steady one."""
    rng = np.random.default_rng(0)
    rows = np.stack([np.abs(rng.normal(size=4000)), 1.0 + 0.01 * rng.normal(size=4000)])
    usual = usual_heights(rows, WIDTHS, causal=False)
    calm = blend(rows, usual, WIDTHS, causal=False).scores
    raised = [rows.copy(), rows.copy()]
    for kind in (0, 1):
        raised[kind][kind, 2000:2010] += 0.1
    loud, steady = (blend(part, usual, WIDTHS, causal=False).scores[2002:2008].min() for part in raised)
    assert loud < calm.max()
    assert steady > 1.5 * calm.max()


def test_one_sure_kind_is_between_a_mean_and_a_maximum() -> None:
    usual = Usual(np.zeros((1, 3)), np.ones((1, 3)), np.ones(3), 1.5)
    rows = np.array([[9.0], [0.0], [0.0]])
    assert 3.0 < blend(rows, usual, (1,), causal=True).scores[0] < 9.0
    assert blend(rows, Usual.above_zero(np.ones((1, 3))), (1,), causal=True).scores[0] == pytest.approx(3.0)


def test_a_missing_kind_has_no_vote() -> None:
    usual = Usual(np.zeros((1, 3)), np.ones((1, 3)), np.array([1.0, 0.5, 1.0]), 1.5)
    rows = np.array([[2.0, np.nan], [2.0, np.nan], [np.nan, np.nan]])
    found = blend(rows, usual, (1,), causal=True)
    np.testing.assert_allclose(found.scores, [2.0, 0.0])
    assert found.measured.tolist() == [True, False]


@pytest.mark.parametrize("causal", [False, True])
def test_a_beat_at_the_very_start_is_no_fault(causal: bool) -> None:
    """Every whole window holds one beat; half a window that holds one as well must not look twice as bad."""
    beats = np.where(np.arange(2000) % 50 == 10, 20.0, 1.0)[None] + np.random.default_rng(0).random((1, 2000))
    usual = usual_heights(beats, (5, 50), causal)
    scores = blend(beats, usual, (5, 50), causal).scores
    assert scores[:50].max() <= 1.1 * scores[500:600].max()
    assert scores[-50:].max() <= 1.1 * scores[500:600].max()


def test_a_faint_fault_is_as_strong_at_the_end_of_a_recording() -> None:
    """Short windows are too restless to see it; the last rows have the wide one too, as far as there are rows."""
    rng = np.random.default_rng(0)
    normal, rows = rng.random((1, 4000)), rng.random((1, 4000))
    rows[:, -400:] += 0.2
    usual = usual_heights(normal, (1, 5, 50), causal=False)
    found = blend(rows, usual, (1, 5, 50), causal=False)
    assert found.scores[-24:].min() > 0.5 * np.median(found.scores[-400:])
    assert found.scores[-24:].min() > 1.5 * np.median(found.scores[:-400])
    assert (found.chosen[0, -5:] == 2).all()


def test_one_row_beside_a_gap_is_no_wide_mean() -> None:
    """The only known row of a window is as restless as rows are, not as steady as means."""
    rng = np.random.default_rng(0)
    normal = rng.exponential(size=(1, 5000))
    usual = usual_heights(normal, (5, 50), causal=False)
    rows = rng.exponential(size=(1, 5000))
    rows[:, np.arange(5000) % 100 < 40] = np.nan
    scores = blend(rows, usual, (5, 50), causal=False).scores
    beside = np.isin(np.arange(5000) % 100, [38, 39, 40, 41, 98, 99, 0, 1])
    assert np.quantile(scores[beside], 0.99) < 1.2 * np.quantile(
        blend(normal, usual, (5, 50), causal=False).scores, 0.99
    )


@pytest.mark.parametrize("causal", [False, True])
def test_no_mean_reaches_across_a_gap_in_time(causal: bool) -> None:
    """Rows on either side of a gap are scored as if they were recordings of their own."""
    rng = np.random.default_rng(0)
    rows = rng.exponential(size=(2, 300))
    usual = usual_heights(rng.exponential(size=(2, 5000)), (1, 5, 50), causal, (0.9, 0.9))
    begins = np.isin(np.arange(300), [60, 70, 71, 299])
    whole = blend(rows, usual, (1, 5, 50), causal, begins)
    pieces = [blend(part, usual, (1, 5, 50), causal) for part in np.split(rows, np.flatnonzero(begins), axis=1)]
    for name in ("scores", "measured", "chosen", "quick"):
        np.testing.assert_allclose(
            getattr(whole, name), np.concatenate([getattr(one, name) for one in pieces], axis=-1)
        )
