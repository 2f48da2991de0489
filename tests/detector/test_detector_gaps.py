"""Links that are lost, clocks that change, recordings in bursts: what is not known is no fault."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from sensorgraph import AnomalyDetector
from sensorgraph.detector.standard import increases
from sensorgraph.scenes import Recording, Sensor

HOURLY = 24.0


def _slow(num_rows: int, seed: int = 1, memory: float = 0.995) -> np.ndarray:
    """Five signals that follow two slow ones."""
    rng = np.random.default_rng(seed)
    hidden = lfilter([0.1], [1.0, -memory], rng.normal(size=(num_rows, 2)), axis=0)
    return hidden @ np.random.default_rng(0).normal(size=(2, 5)) + 0.05 * rng.normal(size=(num_rows, 5))


def _frame(rows: np.ndarray, times_s: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list("abcde")).assign(time_s=times_s)


def _starts(times_s: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(times_s, prepend=-np.inf) > 5.0)


def _near_starts(detector: AnomalyDetector, test: pd.DataFrame) -> int:
    """Alarms within 15 rows of a return."""
    starts = _starts(test["time_s"].to_numpy())
    alarms = detector.detect(test, false_alarms_per_day=86.4)
    return sum(bool((np.abs(starts + 5 - alarm.peak) <= 10).any()) for alarm in alarms)


def test_a_link_that_comes_back_is_no_fault() -> None:
    """Values went on while nobody listened: what is told after a gap is no step."""
    frame = _frame(_slow(40_000), np.arange(40_000.0))
    test = frame[20_000:][np.arange(20_000) % 1000 >= 400]
    assert len(_starts(test["time_s"].to_numpy())) == 20
    assert _near_starts(AnomalyDetector().fit(frame[:20_000]), test) <= 2


def test_a_counter_that_went_on_behind_a_gap_is_no_fault() -> None:
    """How far it came meanwhile says nothing about now."""
    rng = np.random.default_rng(0)
    speed = 20.0 + 5.0 * np.sin(np.arange(12_000) / 300.0) + rng.normal(size=12_000)
    frame = pd.DataFrame({"speed": speed, "way": np.cumsum(speed), "time_s": np.arange(12_000.0)})
    detector = AnomalyDetector().fit(frame[:6000])
    assert detector.trained.fitted.network.standard.counter.tolist() == [False, True]
    assert _near_starts(detector, frame[6000:][np.arange(6000) % 1000 >= 400]) == 0


def _recording(seed: int, fast_lost: tuple[int, int] = (0, 0), slow_lost: tuple[int, int] = (0, 0)) -> Recording:
    """A sensor at 1 Hz, one at 1/7 Hz, and a counter at that rate; links of the sensors are lost for a while."""
    rng = np.random.default_rng(seed)
    fast_s, slow_s = np.arange(8000.0), np.arange(0.0, 8000.0, 7.0) + 0.3
    count = np.cumsum(rng.poisson(4, len(slow_s))).astype(np.float32)
    waves = [
        (np.sin(times_s / length) + 0.1 * rng.normal(size=len(times_s))).astype(np.float32)
        for times_s, length in ((fast_s, 50.0), (slow_s, 400.0))
    ]
    fast_there, slow_there = (
        (times_s < lost[0]) | (times_s >= lost[1]) for times_s, lost in ((fast_s, fast_lost), (slow_s, slow_lost))
    )
    streams = (
        Sensor("fast", 1.0, waves[0][fast_there], time_s=fast_s[fast_there]),
        Sensor("slow", 1.0 / 7.0, waves[1][slow_there], time_s=slow_s[slow_there]),
        Sensor("count", 1.0 / 7.0, count, time_s=slow_s),
    )
    return Recording(id="r", duration_s=8000.0, streams=streams)


@pytest.fixture(scope="module")
def three_clocks() -> AnomalyDetector:
    return AnomalyDetector().fit(_recording(0))


def test_a_slow_sensor_may_be_lost_for_good(three_clocks: AnomalyDetector) -> None:
    lost = _recording(1, slow_lost=(6000, 8000))
    assert three_clocks.score(lost).max() < 3.0
    assert AnomalyDetector().fit(lost).score(_recording(2)).max() < 4.0


def test_a_counter_beside_a_lost_clock_is_no_fault(three_clocks: AnomalyDetector) -> None:
    """Rows are the fastest sensor's; what others said while it was lost is not what holds when it comes back."""
    assert three_clocks.score(_recording(1, fast_lost=(2000, 2300)))[1980:2060].max() < 2.0


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("burst", "longest", "tested"), [(40, 51, 60), (8, 8, 6000)])
def test_recordings_in_bursts_alarm_as_asked(burst: int, longest: int, tested: int, causal: bool) -> None:
    """Few wide means, or no whole window, were seen in training; the test has many."""
    rows, place = _slow(12_000, memory=0.9), np.arange(6000)
    gaps = np.cumsum((place % burst == 0) & (place >= longest))
    detector = AnomalyDetector(causal=causal).fit(_frame(rows[:6000], place + 600.0 * gaps))
    test = _frame(rows[6000:], place + 600.0 * (place // tested))
    assert len(detector.detect(test, HOURLY)) <= 8  # 1.7 are asked for
    faulty = test.copy()
    faulty.loc[3000:3030, "c"] += 1.5
    assert detector.score(faulty)[3000:3031].max() > 1.5 * detector.trained.extent()


def test_a_clock_that_is_slower_at_times_keeps_its_means() -> None:
    steps_s = np.where(np.arange(24_000) % 1100 < 1000, 1.0, 10.0)
    frame = _frame(_slow(24_000, memory=0.9), np.cumsum(steps_s))
    detector = AnomalyDetector().fit(frame[:12_000])
    telemetry = detector._telemetry(frame[12_000:], None)
    assert detector.trained.step_s == 10.0
    assert telemetry.begins() is None
    regular = AnomalyDetector().fit(_frame(_slow(12_000, memory=0.9), np.arange(12_000.0)))
    assert regular._telemetry(frame[12_000:], None).begins().sum() > 900


def test_a_counter_that_is_seldom_told_is_still_one() -> None:
    way = np.full((1000, 1), np.nan)
    told = np.sort(np.random.default_rng(0).choice(1000, 100, replace=False))
    way[told, 0] = 2.0 * told
    found = increases(way, np.array([40.0]))
    assert np.nanmean(found) == pytest.approx(2.0)
    assert np.isfinite(found).sum() > 90


def test_what_a_counter_did_depends_on_nothing_later() -> None:
    """Nor on how many values come later."""
    rng = np.random.default_rng(0)
    count = np.cumsum(rng.poisson(3, 12_000)).astype(float)
    sparse = np.where(rng.random(12_000) < 0.9, np.nan, count)
    rows = np.stack([np.sin(np.arange(12_000) / 50.0) + 0.1 * rng.normal(size=12_000), sparse], axis=1)
    detector = AnomalyDetector(causal=True).fit(rows[:6000])
    test = rows[6000:].copy()
    test[3000:, 1] = count[9000:]
    np.testing.assert_allclose(detector.score(test)[:3000], detector.score(test[:3000]), rtol=0, atol=1e-4)
