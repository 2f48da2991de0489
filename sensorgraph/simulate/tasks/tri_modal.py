"""Is it true what the log says of the lamp and the siren?"""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Audio, Example, Image, Scene, Text
from sensorgraph.simulate.tasks.task import Task

_SIDE_PX = 12
_AUDIO_HZ = 2000.0
_LINES = {
    True: ("lamp and siren are the same", "both are the same"),
    False: ("lamp and siren are different", "both are different"),
}


def draw(rng: np.random.Generator, scene_id: str, label: str) -> Example:
    """A lamp that is lit or dark, a siren that is on or off, and a line that says whether the two agree.

    Of each class, any two of the three are independent of each other: nobody who lacks one of them can know.

    Example:
        >>> found = draw(np.random.default_rng(0), "s", "true")
        >>> found.label, [stream.modality for stream in found.scene.streams]
        ('true', ['image', 'audio', 'text'])
    """
    is_lit, is_on = bool(rng.integers(2)), bool(rng.integers(2))
    says_agree = (is_lit == is_on) == (label == "true")
    y, x = np.mgrid[:_SIDE_PX, :_SIDE_PX] + 0.5
    centre = rng.uniform(4, _SIDE_PX - 4, 2)
    lamp = np.hypot(y - centre[0], x - centre[1]) < rng.uniform(2.5, 3.5)
    wall = 100.0
    picture = np.where(lamp, rng.uniform(200, 240) if is_lit else rng.uniform(10, 40), wall)
    frame = np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    time_s = np.arange(round(TRI_MODAL.duration_s * _AUDIO_HZ)) / _AUDIO_HZ
    siren = rng.uniform(0.15, 0.4) * np.sin(2 * np.pi * rng.uniform(500, 700) * time_s) * is_on
    wave = siren + rng.normal(0, 0.05, len(time_s))
    lines = _LINES[says_agree]
    streams = (
        Image("camera", frame[None, ..., None], np.zeros(1)),
        Audio("microphone", _AUDIO_HZ, wave.astype(np.float32)),
        Text("log", (lines[int(rng.integers(len(lines)))],), np.zeros(1)),
    )
    return Example(Scene(scene_id, scene_id, 0.0, TRI_MODAL.duration_s, streams), label)


TRI_MODAL = Task("tri_modal", 1.0, ("false", "true"), draw)
