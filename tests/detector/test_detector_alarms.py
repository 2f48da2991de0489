"""Alarms at a stated rate, and detectors that outlive their process."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph import AnomalyDetector
from sensorgraph.errors import CalibrationWarning, ConfigError, DataWarning, FileFormatError

Machine = Callable[..., np.ndarray]
PER_DAY = 20.0


@pytest.fixture(scope="module")
def steady(machine: Machine) -> AnomalyDetector:
    return AnomalyDetector().fit(machine(20_000), rate_hz=1.0)


def test_alarms_say_when_how_sure_and_who(steady: AnomalyDetector, faulty: np.ndarray) -> None:
    alarms = steady.detect(faulty, false_alarms_per_day=PER_DAY)
    assert len(alarms) == 1
    alarm = alarms[0]
    # Of what means over 25 rows on both sides smear, about those of the shortest mean and window are left.
    assert 390 <= alarm.start <= alarm.peak < alarm.end <= 445
    assert (alarm.start_s, alarm.end_s, alarm.peak_s) == (alarm.start, alarm.end - 1, alarm.peak)
    assert alarm.score == steady.score(faulty).max() > alarm.threshold == alarms.threshold
    assert 0 <= alarm.p_value < PER_DAY / 86_400
    assert alarm.channels[0] == "channel_1"
    assert sorted(alarm.channels) == [f"channel_{number}" for number in range(5)]
    assert sum(alarm.shares) == pytest.approx(1.0)
    assert list(alarm.shares) == sorted(alarm.shares, reverse=True)
    assert alarm.interval.low < PER_DAY < alarm.interval.high
    with pytest.raises(dataclasses.FrozenInstanceError):
        alarm.peak = 0  # type: ignore[misc]


def test_a_fault_before_a_gap_in_time_ends_there(steady: AnomalyDetector, machine: Machine) -> None:
    rows = machine(3000, seed=5)
    rows[1470:1500, 1] += 1.5
    times_s = np.arange(3000.0) + np.where(np.arange(3000) < 1500, 0.0, 98_500.0)
    frame = pd.DataFrame(rows, columns=[f"channel_{number}" for number in range(5)]).assign(time_s=times_s)
    first, *rest = steady.detect(frame, PER_DAY)
    assert (abs(first.start - 1470) <= 5, first.end, first.end_s) == (True, 1500, 1499.0)
    assert all(alarm.start >= 1500 for alarm in rest)


@pytest.mark.parametrize("step", [2, 5, 10])
def test_a_test_that_is_sampled_more_slowly_alarms_no_oftener(
    steady: AnomalyDetector, machine: Machine, step: int
) -> None:
    """Means over fewer rows are more restless, and were taken for faults."""
    rows = machine(6000 * step, seed=5)[::step]
    faulty = rows.copy()
    faulty[2000:2200, 1] += 2.0
    with pytest.warns(DataWarning, match="another rate"):
        calm, alarms = (steady.detect(one, PER_DAY, rate_hz=1.0 / step) for one in (rows, faulty))
    assert len(calm) <= 2 * 6000 * step * PER_DAY / 86_400
    assert any(1990 <= alarm.start <= alarm.peak < 2200 for alarm in alarms)


def test_alarms_as_a_table(steady: AnomalyDetector, faulty: np.ndarray) -> None:
    table = steady.detect(faulty, PER_DAY).to_frame(num_blamed=2)
    assert table["blamed"][0].split()[0] == "channel_1"
    assert len(table["blamed"][0].split()) == 2
    assert list(steady.detect(faulty[:300], PER_DAY).to_frame().columns) == list(table.columns)


def test_normal_rows_raise_about_as_many_alarms_as_asked(steady: AnomalyDetector, machine: Machine) -> None:
    num = sum(len(steady.detect(machine(20_000, seed=seed), false_alarms_per_day=86.4)) for seed in (11, 12, 13))
    assert 15 <= num <= 120  # 60 are asked


def test_a_rate_that_training_cannot_support_is_told(train: np.ndarray, faulty: np.ndarray) -> None:
    detector = AnomalyDetector().fit(train)
    with pytest.warns(CalibrationWarning):
        alarms = detector.detect(faulty, false_alarms_per_day=1e-3)
    assert alarms.fitted.warnings


def test_an_impossible_rate_is_refused(steady: AnomalyDetector, faulty: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        steady.detect(faulty, false_alarms_per_day=0.0)


def test_a_saved_detector_is_the_same(steady: AnomalyDetector, faulty: np.ndarray, tmp_path: Path) -> None:
    steady.save(tmp_path / "pump")
    again = AnomalyDetector.load(tmp_path / "pump")
    np.testing.assert_array_equal(again.score(faulty), steady.score(faulty))
    assert again.detect(faulty, PER_DAY).to_frame().equals(steady.detect(faulty, PER_DAY).to_frame())
    assert sorted(path.suffix for path in (tmp_path / "pump").iterdir()) == [".json", ".safetensors"]


def test_rows_without_gaps_wait_for_nothing_to_be_solved(
    steady: AnomalyDetector, train: np.ndarray, tmp_path: Path
) -> None:
    steady.save(tmp_path / "pump")
    for detector in (AnomalyDetector().fit(train), AnomalyDetector.load(tmp_path / "pump")):
        network = detector.trained.fitted.network
        assert network.windows is not None
        for solved in (network.messages._solved, network.windows._solved):
            assert len(solved) >= 1
            known = set(solved)
            detector.score(train)
            assert set(solved) == known


def test_arguments_are_saved_too(train: np.ndarray, tmp_path: Path) -> None:
    links = [("channel_0", "channel_1")]
    AnomalyDetector(causal=True, seed=3, links=links).fit(train).save(tmp_path / "pump")
    again = AnomalyDetector.load(tmp_path / "pump")
    assert (again.causal, again.seed, again.links) == (True, 3, (("channel_0", "channel_1"),))


def test_saving_replaces_and_damage_is_told(steady: AnomalyDetector, train: np.ndarray, tmp_path: Path) -> None:
    place = tmp_path / "pump"
    steady.save(place)
    AnomalyDetector().fit(train).save(place)
    assert len(AnomalyDetector.load(place).trained.scores) == len(train)
    arrays = place / "detector.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-50])
    with pytest.raises(FileFormatError, match="damaged"):
        AnomalyDetector.load(place)
    with pytest.raises(FileFormatError, match="nowhere"):
        AnomalyDetector.load(tmp_path / "nowhere")


def test_a_newer_version_is_refused(steady: AnomalyDetector, tmp_path: Path) -> None:
    steady.save(tmp_path)
    facts = json.loads((tmp_path / "detector.json").read_text())
    (tmp_path / "detector.json").write_text(json.dumps({**facts, "version": 99}))
    with pytest.raises(FileFormatError, match="newer"):
        AnomalyDetector.load(tmp_path)
    (tmp_path / "detector.json").write_text(json.dumps({**facts, "version": 1}))
    with pytest.raises(FileFormatError, match="older"):
        AnomalyDetector.load(tmp_path)
