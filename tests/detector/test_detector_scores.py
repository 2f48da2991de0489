"""What the scores see, and what they must not depend on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensorgraph import AnomalyDetector
from sensorgraph.detector import fitted

Machine = Callable[..., np.ndarray]


def test_a_broken_relation_is_found_within_the_usual_range(detector: AnomalyDetector, faulty: np.ndarray) -> None:
    scores = detector.score(faulty)
    assert scores.shape == (1000,)
    assert scores[405:425].min() > 1.5 * np.quantile(scores[:350], 0.99)
    assert detector.score_channels(faulty)[405:425].mean(0).argmax() == 1


def test_most_normal_rows_score_below_one(detector: AnomalyDetector, machine: Machine) -> None:
    scores = detector.score(machine(2000, seed=3))
    assert 0.1 < np.median(scores) < np.quantile(scores, 0.9) < 1.5


@pytest.mark.parametrize("unit", [1e-12, 1e-3, 1e12])
def test_units_do_not_matter(train: np.ndarray, faulty: np.ndarray, detector: AnomalyDetector, unit: float) -> None:
    other = AnomalyDetector().fit(train * unit + 5 * unit)
    np.testing.assert_allclose(other.score(faulty * unit + 5 * unit), detector.score(faulty), rtol=2e-3)


def test_the_seed_changes_nothing(train: np.ndarray, faulty: np.ndarray, detector: AnomalyDetector) -> None:
    np.testing.assert_array_equal(AnomalyDetector(seed=7).fit(train).score(faulty), detector.score(faulty))


def test_causal_scores_do_not_know_the_future(train: np.ndarray, faulty: np.ndarray) -> None:
    causal = AnomalyDetector(causal=True).fit(train)
    changed = faulty.copy()
    changed[500:] = np.random.default_rng(5).normal(size=changed[500:].shape) * 50
    changed[600:, 2] = np.nan
    np.testing.assert_array_equal(causal.score(changed)[:500], causal.score(faulty)[:500])
    np.testing.assert_array_equal(causal.score(faulty[:500]), causal.score(faulty)[:500])
    np.testing.assert_array_equal(causal.score_channels(changed)[:500], causal.score_channels(faulty)[:500])


def test_other_scores_do(detector: AnomalyDetector, faulty: np.ndarray) -> None:
    changed = faulty.copy()
    changed[500:] = 50.0
    assert (detector.score(changed)[480:500] > detector.score(faulty)[480:500]).all()


def test_parts_give_the_scores_of_the_whole(
    detector: AnomalyDetector, faulty: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long recordings are scored in parts; slow channels and gaps reach over their borders."""
    gappy = faulty.copy()
    gappy[150:260, 2] = np.nan
    gappy[np.arange(1000) % 7 > 0, 3] = np.nan
    with pytest.warns(UserWarning, match="another rate"):
        whole = detector.score(gappy)
    monkeypatch.setattr(fitted, "ROWS_AT_ONCE", 130)
    with pytest.warns(UserWarning, match="another rate"):
        np.testing.assert_allclose(detector.score(gappy), whole, rtol=1e-5)


def test_an_odometer_may_leave_its_training_range(machine: Machine) -> None:
    rng = np.random.default_rng(0)
    kilometres = np.cumsum(rng.random(6000) < 0.3)[:, None] * 0.1 + 1000
    rows = np.hstack([np.vstack([machine(3000), machine(3000, seed=2)]), kilometres])
    detector = AnomalyDetector().fit(rows[:3000])
    later = rows[3000:].copy()
    assert np.median(detector.score(later)) < 1.3
    later[1500:, 5] -= 200.0  # it must not fall, though
    scores = detector.score(later)
    assert scores[1490:1510].max() > 1.5 * scores[:1400].max()


def test_what_never_moved_in_training_is_a_strong_finite_anomaly(machine: Machine, train: np.ndarray) -> None:
    detector = AnomalyDetector().fit(np.hstack([train, np.full((3000, 1), 7.0)]))
    test = np.hstack([machine(600, seed=4), np.full((600, 1), 7.0)])
    calm = detector.score(test)
    test[300:330, 5] = 7.001
    scores, channels = detector.score(test), detector.score_channels(test)
    assert np.isfinite(scores).all()
    assert scores[305:325].min() > 2 * calm.max()
    assert (channels[305:325].argmax(1) == 5).all()


def test_a_binary_channel_that_chatters(machine: Machine, train: np.ndarray) -> None:
    valve = (np.arange(3000) // 300 % 2).astype(float)[:, None]
    detector = AnomalyDetector().fit(np.hstack([train, valve]))
    test = np.hstack([machine(900, seed=4), valve[:900]])
    test[500:540, 5] = np.arange(40) % 2
    scores = detector.score(test)
    assert scores[505:535].min() > scores[100:290].max()


def test_a_third_of_the_channels_may_be_absent(detector: AnomalyDetector, faulty: np.ndarray) -> None:
    blind = faulty.copy()
    blind[:, [2, 4]] = np.nan
    scores, channels = detector.score(blind), detector.score_channels(blind)
    assert scores[405:425].min() > 1.5 * np.quantile(scores[:350], 0.99)
    assert 0.1 < np.median(scores) < 1.0
    assert np.isnan(channels[:, [2, 4]]).all()
    assert not np.isnan(channels[:, [0, 1, 3]]).any()


def test_gaps_raise_no_alarm(detector: AnomalyDetector, machine: Machine) -> None:
    rows = machine(1000, seed=6)
    calm = detector.score(rows)
    rows[300:400, :3] = np.nan
    rows[600:700] = np.nan
    scores = detector.score(rows)
    assert np.isfinite(scores).all()
    assert scores[300:400].max() < 1.3 * calm.max()
    assert (scores[630:670] == 0).all()


def test_slow_channels_do_not_drown_fast_ones(machine: Machine) -> None:
    """A short fault of fast channels stands out as much when many channels of a slow clock are there beside them."""
    rng = np.random.default_rng(0)
    fast = np.vstack([machine(4000), machine(1000, seed=1)])
    fast[4500:4508, :3] += [1.05, 0.56, 17.5]
    slow = rng.normal(size=(5000, 15))
    slow[np.arange(5000) % 15 > 0] = np.nan
    rows = np.hstack([fast, slow])
    scores = AnomalyDetector().fit(rows[:4000]).score(rows[4000:])
    assert scores[500:508].max() > 1.5 * scores[:450].max()


def test_one_channel_is_enough() -> None:
    rows = np.sin(np.arange(3000) / 10) + np.random.default_rng(0).normal(size=3000) * 0.05
    detector = AnomalyDetector().fit(rows[:2000])
    rows[2500:2510] += 0.7
    scores = detector.score(rows[2000:])
    assert 490 <= scores.argmax() <= 515


def test_more_channels_than_rows() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(160, 1)) + rng.normal(size=(160, 200))
    scores = AnomalyDetector().fit(rows[:80]).score(rows[80:])
    assert np.isfinite(scores).all()
    assert np.median(scores) < 2


def test_anomalies_in_training_are_borne(machine: Machine, train: np.ndarray, faulty: np.ndarray) -> None:
    dirty = train.copy()
    dirty[700:715] += 20.0
    dirty[2000:2015, 1] -= 8.0
    scores = AnomalyDetector().fit(dirty).score(faulty)
    assert scores[405:425].min() > 1.5 * np.quantile(scores[:350], 0.99)


def test_user_links_carry_the_messages(train: np.ndarray, faulty: np.ndarray) -> None:
    linked = AnomalyDetector(links=[("channel_0", "channel_1")]).fit(train)
    scores = linked.score(faulty)
    assert scores[405:425].min() > 1.5 * np.quantile(scores[:350], 0.99)


def test_strongest_links_join_what_belongs_together(by_name: AnomalyDetector) -> None:
    links = by_name.links_found(num_strongest=2)
    assert "wind" not in set(links["first"][:3]) | set(links["second"][:3])
    assert links["partial_correlation"].abs().is_monotonic_decreasing
