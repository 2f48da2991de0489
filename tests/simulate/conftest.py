"""Recordings that the tests of the simulator look at, made once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensorgraph.scenes import Recording, Sensor, Stream, Text
from sensorgraph.simulate import Simulated, SimulatorConfig, simulate

SHORT = SimulatorConfig(recording_s=20.0, scene_s=5.0, audio_rate_hz=8000.0, status_every_s=1.0)


@pytest.fixture(scope="session")
def short() -> SimulatorConfig:
    """A recording of four short scenes with all modalities."""
    return SHORT


@pytest.fixture(scope="session")
def default_runs() -> list[Simulated]:
    """Six recordings of the default length, without sound: that is slow and has a test of its own."""
    config = SimulatorConfig(modalities=("sensor", "text", "image", "video"))
    return [simulate(config, seed) for seed in range(6)]


def _samples(stream: Stream) -> list[np.ndarray]:
    """Everything that a model could see of a stream."""
    if isinstance(stream, Text):
        return [stream.time_s, np.array(stream.lines)]
    data = stream.frames if stream.modality in ("image", "video") else stream.values  # type: ignore[union-attr]
    extra = [stream.validity()] if isinstance(stream, Sensor) else []
    return [stream.times(), data, *extra]


def _same(one: Stream, other: Stream) -> bool:
    """Whether two streams are identical bit for bit (NaN equals NaN)."""
    pairs = zip(_samples(one), _samples(other), strict=True)
    return one.id == other.id and all(a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in pairs)


def _changed(before: Recording, after: Recording) -> set[str]:
    left = {stream.id: stream for stream in after.streams}
    return {stream.id for stream in before.streams if stream.id not in left or not _same(stream, left[stream.id])}


@pytest.fixture(scope="session")
def changed_streams() -> Callable[[Recording, Recording], set[str]]:
    """Finds the ids of the streams that differ between two recordings, or are gone from the second."""
    return _changed
