"""Sound, pictures and log lines on a time axis."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from scipy.signal import spectrogram

from sensorgraph.scenes import Audio, Image, Text, Video
from sensorgraph.viz.style import FAINT, INK, modality_colour, say_empty, shorten


def draw_spectrogram(axes: Axes, audio: Audio, num_rows: int = 256) -> None:
    """Power of a microphone per frequency and time, in decibels over 70 dB below the loudest."""
    axes.set_ylabel("kHz")
    window = min(2 * num_rows, len(audio.values))
    if window < 16:
        say_empty(axes, f"{audio.num_samples} samples: too short for a spectrogram")
        return
    # A missing sample must not blank its whole column and those beside it.
    values = np.nan_to_num(np.asarray(audio.values, dtype=np.float64))
    frequency, time_s, power = spectrogram(values, fs=audio.rate_hz, nperseg=window, noverlap=window // 2)
    level_db = 10 * np.log10(power + 1e-12)
    top_db = float(level_db.max())
    half_s = (time_s[1] - time_s[0]) / 2 if len(time_s) > 1 else window / audio.rate_hz / 2
    left, right = audio.start_s + time_s[0] - half_s, audio.start_s + time_s[-1] + half_s
    axes.imshow(
        level_db,
        extent=(left, right, 0, frequency[-1] / 1000),
        origin="lower",
        aspect="auto",
        cmap="viridis",
        vmin=max(top_db - 70, -115),
        vmax=max(top_db, -114),
        interpolation="nearest",
    )


def draw_strip(axes: Axes, stream: Image | Video, duration_s: float, width_in: float, height_in: float) -> int:
    """Thumbnails at their true times, as many as fit side by side; returns how many are shown.

    A tick above each says when exactly it was taken; small ticks below are all frames.

    Args:
        axes: x is time (s).
        stream: the pictures.
        duration_s: what the axis spans.
        width_in, height_in: size of the axes (inches), which fixes how wide a thumbnail is in seconds.
    """
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    num_frames, height_px, width_px = stream.frames.shape[:3]
    tall = 0.86
    wide_s = duration_s * (height_in * tall * width_px / height_px) / width_in
    brightest = max(int(stream.frames.max(initial=0)), 1)
    shown, free_from_s = 0, -np.inf
    for frame, time_s in zip(stream.frames, stream.time_s, strict=True):
        left_s = min(max(float(time_s) - wide_s / 2, 0.0), max(duration_s - wide_s, 0.0))
        if left_s < free_from_s:
            continue
        extent = (left_s, left_s + wide_s, 0.1, 0.1 + tall)
        axes.imshow(
            frame.squeeze(-1) if frame.shape[-1] == 1 else frame,
            extent=extent,
            aspect="auto",
            cmap="inferno",
            interpolation="nearest",
            zorder=2,
            vmin=0,
            vmax=brightest,
        )
        axes.plot([time_s, time_s], [0.97, 1.0], color=INK, linewidth=1.0, zorder=3)
        shown, free_from_s = shown + 1, left_s + 1.02 * wide_s
    axes.plot(stream.time_s, np.full(num_frames, 0.04), "|", color=modality_colour(stream.modality), markersize=4)
    return shown


def draw_lines(axes: Axes, text: Text, duration_s: float, width_in: float, num_rows: int = 5) -> int:
    """Log lines as ticks with their words beside them, in rows so that they do not collide; returns how many words fit.

    Every line has its tick; a line whose words find no free row within the picture has the tick alone.
    """
    axes.set_ylim(0, num_rows + 0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    colour = modality_colour("text")
    letter_s = duration_s * (0.56 * 7 / 72) / width_in
    free_from_s = np.zeros(num_rows)
    written = 0
    for time_s, line in zip(text.time_s, text.lines, strict=True):
        axes.plot([time_s, time_s], [0, 0.45], color=colour, linewidth=1.0)
        words = shorten(line, 44)
        long_s = (len(words) + 2) * letter_s
        # Near the right edge the words stand to the left of their tick.
        on_left = time_s + long_s > duration_s
        start_s = time_s - long_s if on_left else time_s
        rows = np.flatnonzero(free_from_s <= start_s + 1e-9)
        if not len(rows) or start_s < 0:
            continue
        row = int(rows[0])
        free_from_s[row] = start_s + long_s
        height = row + 1.0
        axes.plot([time_s, time_s], [0.45, height + 0.2], color=colour, linewidth=0.5, alpha=0.45)
        side = "right" if on_left else "left"
        axes.text(time_s + (-0.4 if on_left else 0.4) * letter_s, height, words, fontsize=7, ha=side, va="center")
        written += 1
    if not text.lines:
        axes.text(0.5, 0.5, "no lines", transform=axes.transAxes, ha="center", va="center", color=FAINT)
    return written
