"""A fault changes what its label says, where it says so, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensorgraph.errors import ConfigError
from sensorgraph.scenes import Recording, Sensor
from sensorgraph.simulate import (
    FAULT_KINDS,
    FaultConfig,
    FaultSpec,
    SimulatorConfig,
    draw_faults,
    simulate,
    simulate_recording,
)
from sensorgraph.simulate.faults.signal import SIGNAL_FAULTS

Changed = Callable[[Recording, Recording], set[str]]
START_S, END_S = 6.0, 16.0


@pytest.fixture(scope="module")
def healthy(short: SimulatorConfig) -> Recording:
    return simulate_recording(short, 11)


def broken(short: SimulatorConfig, kind: str, severity: float = 1.0, target: str | None = None) -> Recording:
    return simulate_recording(short, 11, faults=[FaultSpec(kind, START_S, END_S, severity, target)])


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_only_affected_streams_change(
    short: SimulatorConfig, healthy: Recording, changed_streams: Changed, kind: str
) -> None:
    after = broken(short, kind)
    (anomaly,) = after.labels.anomalies
    changed = changed_streams(healthy, after)
    assert changed
    assert changed <= set(anomaly.affected)
    assert anomaly.root_cause
    assert set(anomaly.root_cause) <= set(anomaly.affected)
    assert (anomaly.kind, anomaly.category) == (kind, FAULT_KINDS[kind])
    assert (anomaly.start_s, anomaly.end_s) == (START_S, END_S)
    assert anomaly.detectable_by
    if anomaly.category != "system":
        assert changed == set(anomaly.root_cause)


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_severity_0_changes_nothing(
    short: SimulatorConfig, healthy: Recording, changed_streams: Changed, kind: str
) -> None:
    assert changed_streams(healthy, broken(short, kind, severity=0.0)) == set()


@pytest.mark.parametrize("kind", [kind for kind, category in FAULT_KINDS.items() if category not in ("system",)])
def test_outside_its_time_a_stream_fault_leaves_the_stream_alone(
    short: SimulatorConfig, healthy: Recording, kind: str
) -> None:
    after = broken(short, kind)
    for name in after.labels.anomalies[0].root_cause:
        one, other = healthy.stream(name), after.stream(name)
        for first, last in ((0.0, START_S), (END_S, short.recording_s)):
            a, b = (
                [v.tobytes() for v, t in zip(_data(s), s.times(), strict=True) if first <= t < last]
                for s in (one, other)
            )
            assert a == b


def _data(stream: object) -> np.ndarray:
    for name in ("values", "frames", "lines"):
        if hasattr(stream, name):
            return np.array(getattr(stream, name))
    raise AssertionError(stream)


@pytest.mark.parametrize("kind", ["leak", "unbalance", "bearing", "overheating", "sticking_valve"])
def test_system_faults_show_in_several_modalities_and_grow_with_severity(short: SimulatorConfig, kind: str) -> None:
    truth = simulate(short, 11).latents
    sizes = []
    for severity in (0.3, 1.0):
        made = simulate(short, 11, faults=[FaultSpec(kind, START_S, END_S, severity)])
        (anomaly,) = made.recording.labels.anomalies
        modalities = {made.recording.stream(name).modality for name in anomaly.affected}
        assert len(modalities) >= 3
        latent = {
            "leak": "pressure_bar",
            "unbalance": "unbalance",
            "bearing": "wear",
            "overheating": "motor_c",
            "sticking_valve": "valve",
        }[kind]
        sizes.append(float(np.abs(made.latents.values[latent] - truth.values[latent]).mean()))
        before = truth.times() < START_S
        assert np.array_equal(made.latents.values[latent][before], truth.values[latent][before])
    assert 0 < sizes[0] < sizes[1]


@pytest.mark.parametrize("kind", SIGNAL_FAULTS)
def test_signal_faults_are_larger_the_more_severe(kind: str) -> None:
    rate_hz = 200.0
    values = 5.0 + np.sin(np.arange(4000) / 90.0) + 0.1 * np.random.default_rng(0).standard_normal(4000)

    def size(severity: float) -> float:
        wrong = SIGNAL_FAULTS[kind](values, float(values.std()), rate_hz, severity, np.random.default_rng(1))
        return float(np.abs(wrong - values).mean())

    assert size(0.0) == 0.0
    assert 0.0 < size(0.2) < size(1.0)


def test_a_stuck_bit_does_not_move(short: SimulatorConfig) -> None:
    after = broken(short, "bit_stuck")
    (name,) = after.labels.anomalies[0].root_cause
    before = simulate_recording(short, 11).stream(name)
    stream = after.stream(name)
    assert isinstance(stream, Sensor)
    assert isinstance(before, Sensor)
    inside = (stream.times() >= START_S) & (stream.times() < END_S)
    difference = int(np.bitwise_or.reduce((before.values ^ stream.values)[inside]))
    assert difference.bit_count() == 1
    assert np.ptp(stream.values[inside] & difference) == 0
    assert np.ptp(before.values[inside] & difference) > 0


def test_lost_rollovers_leave_the_labels(short: SimulatorConfig, healthy: Recording) -> None:
    after = broken(short, "lost_rollover")
    (high,) = after.labels.anomalies[0].root_cause
    before_s, after_s = (
        next(pair.overflow_s for pair in recording.labels.pairs if pair.msb == high) for recording in (healthy, after)
    )
    inside = (before_s >= START_S) & (before_s < END_S)
    assert inside.any()
    assert np.array_equal(after_s, before_s[~inside])


def test_swapped_words_are_swapped(short: SimulatorConfig, healthy: Recording) -> None:
    after = broken(short, "swapped_words")
    high, low = after.labels.anomalies[0].root_cause
    inside = (after.stream(high).times() >= START_S) & (after.stream(high).times() < END_S)
    for one, other in ((high, low), (low, high)):
        assert np.array_equal(after.stream(one).values[inside], healthy.stream(other).values[inside])  # type: ignore[union-attr]


def test_whole_missing_modality_leaves_no_stream_and_no_label(short: SimulatorConfig) -> None:
    gone = FaultSpec("missing_modality", 0.0, short.recording_s, target="sensor")
    recording = simulate_recording(short, 11, faults=[gone])
    assert {stream.modality for stream in recording.streams} == {"audio", "image", "text", "video"}
    assert not recording.labels.channels
    assert not recording.labels.pairs
    assert len(recording.labels.anomalies[0].root_cause) == 35


def test_a_missing_span_is_a_gap_not_zero(short: SimulatorConfig) -> None:
    for target in ("vib_pump", "mic", "gauge", "log"):
        stream = broken(short, "missing_stream", target=target).stream(target)
        inside = (stream.times() >= START_S) & (stream.times() < END_S)
        if target in ("vib_pump", "mic"):
            assert np.array_equal(np.isnan(stream.values), inside)  # type: ignore[union-attr]
        else:
            assert not inside.any()


def test_several_faults_at_once_have_a_label_each(short: SimulatorConfig) -> None:
    faults = [FaultSpec("leak", 2.0, 9.0), FaultSpec("drift", 5.0, 12.0, target="temp_oil")]
    labels = simulate_recording(short, 3, faults=faults).labels
    assert [anomaly.kind for anomaly in labels.anomalies] == ["leak", "drift"]
    assert labels.anomalies[1].root_cause == ("temp_oil",)


def test_drawn_faults_follow_the_config() -> None:
    config = SimulatorConfig(
        faults=FaultConfig(kinds=("leak", "gain"), severity=(0.5, 0.6), start_share=(0.2, 0.3), num_per_recording=3)
    )
    drawn = [fault for seed in range(20) for fault in draw_faults(config, seed)]
    assert len(drawn) == 60
    assert {fault.kind for fault in drawn} == {"leak", "gain"}
    assert all(0.5 <= fault.severity <= 0.6 and 12.0 <= fault.start_s <= 18.0 for fault in drawn)
    assert draw_faults(config, 7) == draw_faults(config, 7)


def test_no_kind_that_fits_is_an_error() -> None:
    config = SimulatorConfig(modalities=("text",), faults=FaultConfig(kinds=("bit_stuck",)))
    with pytest.raises(ConfigError, match="none fits"):
        draw_faults(config, 0)
