"""Does the sound belong to the film?"""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Audio, Example, Scene, Video
from sensorgraph.simulate.tasks.task import Task

_SIDE_PX, _NUM_FRAMES = 12, 8
_AUDIO_HZ = 2000.0


def draw(rng: np.random.Generator, scene_id: str, label: str) -> Example:
    """A ball that comes nearer or goes away, and a hum that swells or fades: together, or the one against the other.

    Of each class, half of the balls come nearer, and half of the hums swell.

    Example:
        >>> found = draw(np.random.default_rng(0), "s", "together")
        >>> found.label, [stream.num_samples for stream in found.scene.streams]
        ('together', [8, 4000])
    """
    duration_s = AUDIO_VIDEO.duration_s
    comes_nearer = bool(rng.integers(2))
    swells = comes_nearer == (label == "together")
    frame_s = np.arange(_NUM_FRAMES) * duration_s / _NUM_FRAMES
    audio_s = np.arange(round(duration_s * _AUDIO_HZ)) / _AUDIO_HZ
    radius = 1.2 + 3.8 * _course(rng, frame_s / duration_s, comes_nearer)
    loudness = 0.02 + 0.3 * _course(rng, audio_s / duration_s, swells)
    pitch_hz = rng.uniform(150, 500)
    hum = loudness * np.sin(2 * np.pi * pitch_hz * audio_s + rng.uniform(0, 6)) + rng.normal(0, 0.01, len(audio_s))
    y, x = np.mgrid[:_SIDE_PX, :_SIDE_PX] + 0.5
    centre = rng.uniform(4.5, _SIDE_PX - 4.5, 2)
    ball = np.hypot(y - centre[0], x - centre[1])[None] < radius[:, None, None]
    frames = np.where(ball, rng.uniform(170, 230), rng.uniform(30, 80)) + rng.normal(0, 8, ball.shape)
    streams = (
        Video("camera", np.clip(frames, 0, 255).astype(np.uint8)[..., None], frame_s),
        Audio("microphone", _AUDIO_HZ, hum.astype(np.float32)),
    )
    return Example(Scene(scene_id, scene_id, 0.0, duration_s, streams), label)


def _course(rng: np.random.Generator, share: np.ndarray, rises: bool) -> np.ndarray:
    """From 0 to 1 (or back) over the scene, bent a little: [T]."""
    course = share ** rng.uniform(0.7, 1.4)
    return course if rises else 1 - course


AUDIO_VIDEO = Task("audio_video", 2.0, ("apart", "together"), draw)
