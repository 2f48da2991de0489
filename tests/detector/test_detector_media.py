"""Microphones and cameras beside sensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sensorgraph import AnomalyDetector
from sensorgraph.detector import of_media
from sensorgraph.detector.of_media import channels_of
from sensorgraph.detector.of_recording import of_recording
from sensorgraph.scenes import Audio, Image, Recording, Sensor, Stream, Video

NUM_S = 600


def _frames(num: int, seed: int) -> np.ndarray:
    brightness = 100 + 40 * np.sin(np.arange(num) / 9)[:, None, None, None]
    return np.clip(brightness + np.random.default_rng(seed).normal(size=(num, 8, 6, 3)) * 5, 0, 255).astype(np.uint8)


def _recording(seed: int, streams: dict[str, Any]) -> Recording:
    rng = np.random.default_rng(seed)
    flow = Sensor("flow", 1.0, rng.normal(size=NUM_S).astype(np.float32))
    camera = Video("camera", streams.get("camera", _frames(2 * NUM_S, seed)), np.arange(2 * NUM_S) / 2)
    sound = streams.get("sound", rng.normal(size=NUM_S * 2048).astype(np.float32) * 0.1)
    parts: tuple[Stream, ...] = (flow, camera, Audio("mic", 2048.0, sound))
    return Recording("r", float(NUM_S), parts)


@pytest.fixture(scope="module")
def detector() -> AnomalyDetector:
    return AnomalyDetector().fit(_recording(0, {}))


@pytest.mark.parametrize("what", ["camera", "sound"])
def test_a_fault_that_only_a_camera_or_a_microphone_sees(detector: AnomalyDetector, what: str) -> None:
    frames, sound = _frames(2 * NUM_S, 1), np.random.default_rng(1).normal(size=NUM_S * 2048).astype(np.float32) * 0.1
    frames[800:840, :4, :3] = 255  # one quarter is overexposed from 400 s to 420 s
    sound[400 * 2048 : 420 * 2048] *= 3.0
    scores_of = detector.score(_recording(1, {what: frames if what == "camera" else sound}))
    assert scores_of.shape == (NUM_S,)  # rows stay those of the sensor
    assert 395 <= scores_of.argmax() <= 425
    blamed = detector.score_channels(_recording(1, {what: frames if what == "camera" else sound}))[405:415].mean(0)
    name = detector.trained.names[int(blamed.argmax())]
    assert name == "camera:brightness_top_left" if what == "camera" else name.startswith("mic:")


def test_without_a_sensor_rows_are_those_of_the_fastest_stream() -> None:
    frames = _frames(300, 0)
    recording = Recording("r", 150.0, (Image("thermal", frames, np.arange(300) / 2),))
    assert AnomalyDetector().fit(recording).score(recording).shape == (300,)


def test_pictures_in_parts_are_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    video = Video("camera", _frames(50, 0), np.arange(50) / 10)
    whole = channels_of(video)
    monkeypatch.setattr(of_media, "_FRAMES_AT_ONCE", 7)
    for first, second in zip(whole, channels_of(video), strict=True):
        np.testing.assert_allclose(first.values, second.values, rtol=1e-5)
    motion = whole[-1].values
    assert np.isnan(motion[0])
    expected = np.abs(np.diff(video.frames.astype(np.float32).mean(-1) / 255, axis=0)).mean((1, 2))
    np.testing.assert_allclose(motion[1:], expected, rtol=1e-4)


def test_a_gap_in_a_sound_is_no_silence() -> None:
    sound = np.ones(4096, np.float32)
    sound[1500] = np.nan
    loudness = channels_of(Audio("mic", 1024.0, sound, start_s=2.0))[0]
    assert loudness.times().tolist() == [3.0, 4.0, 5.0, 6.0]
    assert np.isnan(loudness.values).tolist() == [False, True, False, False]


def test_all_that_was_heard_belongs_to_the_only_row() -> None:
    """With one row there is no step between rows that anything could be older than."""
    sound = np.random.default_rng(0).normal(size=4096).astype(np.float32)
    parts: tuple[Stream, ...] = (Sensor("flow", 1.0, np.ones(1, np.float32)), Audio("mic", 2048.0, sound))
    found = of_recording(Recording("r", 2.0, parts), "test")
    assert found.num_rows == 1
    assert all(np.isfinite(group.values).all() for group in found.groups)
