"""Settings of the simulator: every mistake is listed, at once."""

from __future__ import annotations

import pytest

from sensorgraph.errors import ConfigError
from sensorgraph.simulate import FaultConfig, FaultSpec, SimulatorConfig, simulate_recording


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        SimulatorConfig(recording_s=5.0, scene_s=10.0, audio_rate_hz=0.0, num_pairs=-1, bit_error=2.0)
    told = "\n".join(raised.value.problems)
    assert len(raised.value.problems) == 4
    for name in ("scene_s", "audio_rate_hz", "num_pairs", "bit_error"):
        assert name in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"recording_s": float("nan")},
        {"modalities": ("smell",)},
        {"modalities": ()},
        {"image_size_px": 2},
        {"rolls_per_10s": (5.0, 1.0)},
        {"clock_skew_ppm": -1.0},
        {"max_start_offset_s": 99.0},
    ],
)
def test_impossible_values_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=f"simulate.{next(iter(wrong))}"):
        SimulatorConfig(**wrong)  # type: ignore[arg-type]


def test_unknown_fault_kinds_are_told_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no kind 'leek'; known: spike"):
        FaultConfig(kinds=("leek",))
    with pytest.raises(ConfigError, match="severity"):
        FaultConfig(severity=(0.9, 0.1))


@pytest.mark.parametrize(
    ("kind", "start_s", "end_s", "severity", "target"),
    [("leek", 0, 1, 1, None), ("leak", 2, 1, 1, None), ("leak", 0, 1, 1.5, None), ("leak", 0, 1, 1, "mic")],
)
def test_impossible_faults_are_refused(
    kind: str, start_s: float, end_s: float, severity: float, target: str | None
) -> None:
    with pytest.raises(ConfigError, match="fault"):
        FaultSpec(kind, start_s, end_s, severity, target)


def test_faults_must_fit_the_recording(short: SimulatorConfig) -> None:
    with pytest.raises(ConfigError, match="must end within the recording"):
        simulate_recording(short, 0, faults=[FaultSpec("leak", 5.0, 25.0)])
    with pytest.raises(ConfigError, match=r"cannot hit this target.*got 'log'"):
        simulate_recording(short, 0, faults=[FaultSpec("drift", 5.0, 9.0, target="log")])
