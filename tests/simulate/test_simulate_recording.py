"""What every recording of the simulator promises: reproducible, sound, and of one machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.scenes import Recording, Sensor
from sensorgraph.simulate import PHYSICAL_SENSORS, Simulated, SimulatorConfig, simulate, simulate_recording
from sensorgraph.typing import MODALITIES

Changed = Callable[[Recording, Recording], set[str]]


def test_same_seed_same_bits_another_seed_another_recording(short: SimulatorConfig, changed_streams: Changed) -> None:
    once, again, other = (simulate_recording(short, seed) for seed in (4, 4, 5))
    assert [stream.id for stream in once.streams] == [stream.id for stream in again.streams]
    assert changed_streams(once, again) == set()
    assert changed_streams(once, other) == {stream.id for stream in once.streams}


def test_leaving_out_a_modality_leaves_the_others_as_they_are(short: SimulatorConfig, changed_streams: Changed) -> None:
    whole = simulate_recording(short, 4)
    for name in MODALITIES:
        part = simulate_recording(replace(short, modalities=tuple(m for m in MODALITIES if m != name)), 4)
        gone = {stream.id for stream in whole.streams if stream.modality == name}
        assert gone
        assert changed_streams(whole, part) == gone


def test_physical_ids_are_stable_and_word_ids_and_order_are_not() -> None:
    config = SimulatorConfig(recording_s=4.0, scene_s=2.0, modalities=("sensor",))
    ids = [[stream.id for stream in simulate_recording(config, seed).streams] for seed in range(8)]
    for names in ids:
        assert len(set(names)) == len(names) == 35
        assert set(PHYSICAL_SENSORS) <= set(names)
    words = [{name for name in names if name.startswith("w_")} for names in ids]
    assert all(not (one & other) for number, one in enumerate(words) for other in words[:number])
    assert len({tuple(name for name in names if name in PHYSICAL_SENSORS) for names in ids}) == len(ids)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    recording_s=st.floats(2.0, 9.0),
    loss=st.sampled_from([0.0, 0.1]),
    skew=st.sampled_from([0.0, 200.0]),
    pairs=st.integers(0, 3),
)
def test_every_stream_is_sound(seed: int, recording_s: float, loss: float, skew: float, pairs: int) -> None:
    config = SimulatorConfig(
        recording_s=recording_s,
        scene_s=2.0,
        audio_rate_hz=4000.0,
        fast_rate_hz=500.0,
        num_pairs=pairs,
        sample_loss=loss,
        clock_skew_ppm=skew,
        bit_error=0.001,
        float_pair_share=0.3,
        max_half_lag_samples=2,
    )
    recording = simulate_recording(config, seed)
    for stream in recording.streams:
        time_s = stream.times()
        assert len(time_s) == stream.num_samples
        if stream.modality == "text" and not len(time_s):
            continue  # a short recording may log nothing
        assert len(time_s) > 0
        assert np.all(np.diff(time_s) >= 0)
        assert time_s[0] >= 0
        assert time_s[-1] < recording_s + 1e-9
        if isinstance(stream, Sensor):
            assert stream.values.dtype == (np.uint16 if stream.id in recording.labels.channels else np.float32)
            lost = 1 - stream.validity().mean()
            assert lost < 0.35 if loss else lost == 0
    ids = {stream.id for stream in recording.streams}
    assert all(set(link) <= ids for link in recording.labels.links)
    assert len(set(recording.labels.links)) == len(recording.labels.links)


def test_microphone_stays_within_its_range_and_is_rarely_at_its_end() -> None:
    for seed in range(3):
        made = simulate(SimulatorConfig(modalities=("audio",)), seed)
        values = made.recording.stream("mic").values  # type: ignore[union-attr]
        assert values.dtype == np.float32
        assert np.mean(np.abs(values) >= 1) < 1e-3
        assert 0.01 < np.std(values) < 0.5


@pytest.mark.parametrize(
    ("stream_id", "latent", "least"),
    [
        ("pressure_pump", "pressure_bar", 0.98),
        ("flow_line", "flow_lpm", 0.98),
        ("temp_motor", "motor_c", 0.98),
        ("vib_motor", "speed_hz", 0.9),
        ("current_motor", "torque_nm", 0.9),
        ("gauge", "pressure_bar", 0.9),
        ("thermal", "motor_c", 0.75),
        ("drive_cam", "speed_hz", 0.8),
    ],
)
def test_levels_follow_their_cause(default_runs: list[Simulated], stream_id: str, latent: str, least: float) -> None:
    """Each modality tells the latent state, from scene to scene and across recordings."""
    shown, true = [], []
    for made in default_runs:
        for scene in made.recording.scenes(5.0):
            shown.append(_level(scene.stream(stream_id)))
            true.append(made.latents.level(latent, scene.start_s, scene.start_s + 5.0))
    assert abs(np.corrcoef(shown, true)[0, 1]) > least


def _level(stream: object) -> float:
    """One number that a person would read off the stream."""
    name = stream.id  # type: ignore[attr-defined]
    if name.startswith("vib"):
        return float(np.std(stream.values))  # type: ignore[attr-defined]
    if name == "gauge":  # angle of the needle: the dark pixels inside the rim
        row, column = np.mgrid[0:32, 0:32] - 15.5
        ring = (np.hypot(row, column) < 12) & (np.hypot(row, column) > 4)
        dark = np.maximum(100.0 - stream.frames[..., 0], 0) * ring  # type: ignore[attr-defined]
        from_zero = (np.arctan2(row, column) - np.deg2rad(-235)) % (2 * np.pi)
        return float((dark * from_zero).sum() / dark.sum())
    if name == "thermal":
        return float(stream.frames.max())  # type: ignore[attr-defined]
    if name == "drive_cam":  # how far the disk turns: its pattern goes round once per turn
        frames = stream.frames[:, :, :18, 0].astype(float)  # type: ignore[attr-defined]
        row, column = np.mgrid[0:24, 0:18] / 24 - np.array([0.5, 0.36])[:, None, None]
        angle = np.angle((frames * np.exp(-1j * np.arctan2(row, column))).sum((1, 2)))
        return float(abs(np.unwrap(angle)[-1] - np.unwrap(angle)[0]))
    return float(np.mean(stream.values))  # type: ignore[attr-defined]


def test_operating_points_differ_between_scenes(default_runs: list[Simulated]) -> None:
    """Else a swapped modality could not be told from its own."""
    for latent, spread in (("speed_hz", 4.0), ("pressure_bar", 0.8)):
        within = [
            np.std([made.latents.level(latent, start, start + 10.0) for start in range(0, 60, 10)])
            for made in default_runs
        ]
        assert np.mean(within) > spread


def test_every_scene_says_its_mode_and_set_points(default_runs: list[Simulated]) -> None:
    for made in default_runs:
        for scene in made.recording.scenes(10.0):
            (log,) = scene.of_modality("text")
            assert sum("status mode" in line for line in log.lines) >= 3  # type: ignore[union-attr]
