"""Microphones and cameras as a few channels each: how loud, how bright, how much moves."""

from __future__ import annotations

import numpy as np

from sensorgraph.graph.summary.audio import AUDIO_FEATURES, FRAME, NUM_AUDIO_BANDS, summarise_audio
from sensorgraph.graph.summary.picture import area_average
from sensorgraph.scenes import Audio, Image, Sensor, Video

_BANDS_TOGETHER = 4
"""Neighbouring bands of a microphone that make one channel; dozens of them would outvote the sensors."""

_QUARTERS = ("top_left", "top_right", "bottom_left", "bottom_right")
_FRAMES_AT_ONCE = 64


def channels_of(stream: Audio | Image | Video) -> list[Sensor]:
    """What can be told of a microphone or camera in a few numbers, each a sensor of its own.

    A microphone gives its loudness and energy in six bands (log10 of power) in every frame of 1,024 samples, told at
    the end of the frame; a camera gives the brightness (0 to 1) of each quarter of every picture, and a video how much
    of it changed. Names are those of the stream with the feature behind a colon.

    Example:
        >>> tone = np.sin(np.arange(16_000)).astype(np.float32)
        >>> [channel.id for channel in channels_of(Audio("microphone", 16_000.0, tone))][:2]
        ['microphone:log_loudness', 'microphone:log_bands_0_3']
    """
    if isinstance(stream, Audio):
        return _of_audio(stream)
    return _of_frames(stream, motion=isinstance(stream, Video))


def _of_audio(stream: Audio) -> list[Sensor]:
    num_frames = len(stream.values) // FRAME
    known = np.isfinite(stream.values)
    summary, observed = summarise_audio(
        np.where(known, stream.values, 0.0), known, np.arange(len(stream.values)) // FRAME, num_frames
    )
    summary = np.where(observed, summary, np.nan)
    bands = summary[:, len(AUDIO_FEATURES) - NUM_AUDIO_BANDS :].reshape(num_frames, -1, _BANDS_TOGETHER).mean(2)
    starts = range(0, NUM_AUDIO_BANDS, _BANDS_TOGETHER)
    names = ["log_loudness", *(f"log_bands_{first}_{first + _BANDS_TOGETHER - 1}" for first in starts)]
    rate_hz = stream.rate_hz / FRAME
    values = np.concatenate([summary[:, :1], bands], axis=1).astype(np.float32)
    return [
        Sensor(f"{stream.id}:{name}", rate_hz, values[:, number], start_s=stream.start_s + 1.0 / rate_hz)
        for number, name in enumerate(names)
    ]


def _of_frames(stream: Image | Video, motion: bool) -> list[Sensor]:
    num = len(stream.frames)
    quarters, change = np.zeros((num, len(_QUARTERS)), np.float32), np.full(num, np.nan, np.float32)
    before = np.zeros((0, *stream.frames.shape[1:3], 1), np.float32)
    for first in range(0, num, _FRAMES_AT_ONCE):
        grey = stream.frames[first : first + _FRAMES_AT_ONCE].astype(np.float32).mean(-1, keepdims=True) / 255.0
        quarters[first : first + len(grey)] = area_average(grey, 2, 2).reshape(len(grey), -1)
        moved = np.abs(np.diff(np.concatenate([before, grey]), axis=0)).mean((1, 2, 3))
        change[first + len(grey) - len(moved) : first + len(grey)] = moved
        before = grey[-1:]
    steps = np.diff(stream.time_s)
    rate_hz = float(1.0 / np.median(steps)) if num > 1 else 1.0
    columns = {f"brightness_{place}": quarters[:, number] for number, place in enumerate(_QUARTERS)}
    if motion:
        columns["motion"] = change
    return [Sensor(f"{stream.id}:{name}", rate_hz, values, time_s=stream.time_s) for name, values in columns.items()]
