"""Summary of a microphone per bin: loudness and energies in log-spaced bands."""

from __future__ import annotations

import numpy as np

from sensorgraph.graph.summary.spectrum import band_powers

NUM_AUDIO_BANDS = 24
FRAME = 1024
AUDIO_FEATURES: tuple[str, ...] = ("log_loudness", *(f"log_band_{band}" for band in range(NUM_AUDIO_BANDS)))

# From 1/128 of Nyquist (62 Hz at 16 kHz) upwards; below lies what microphones do not hear.
_EDGES = np.geomspace(1 / 128, 1.0, NUM_AUDIO_BANDS + 1)
_LEAST_POWER = 1e-10


def summarise_audio(
    values: np.ndarray, valid: np.ndarray, bin_number: np.ndarray, num_bins: int
) -> tuple[np.ndarray, np.ndarray]:
    """Loudness and band energies (log10 of power) in each bin.

    A frame of 1024 samples belongs to the bin that it ends in, so that no bin holds what came later. A frame with a
    missing sample tells nothing: a gap is not silence.

    Shapes: ``values`` [T] float32, ``valid`` [T] bool, ``bin_number`` [T] int64 (rising, -1 outside); returns summary
    [L, F] float32 (0 where not observed) and observed [L, F] bool, F = 25.

    Example:
        >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000).astype(np.float32)
        >>> summary, observed = summarise_audio(tone, np.ones(8000, bool), np.arange(8000) // 4000, num_bins=2)
        >>> summary.shape, round(float(10 ** summary[0, 0]), 2)
        ((2, 25), 0.5)
    """
    summary = np.full((num_bins, len(AUDIO_FEATURES)), np.nan)
    num_frames = len(values) // FRAME
    if num_frames:
        frames = values[: num_frames * FRAME].reshape(num_frames, FRAME).astype(np.float64)
        whole = valid[: num_frames * FRAME].reshape(num_frames, FRAME).all(1)
        where = np.where(whole, bin_number[FRAME - 1 :: FRAME], -1)
        power = np.concatenate([(frames**2).mean(1, keepdims=True), band_powers(frames, _EDGES)], axis=1)
        for number in np.unique(where[where >= 0]):
            summary[number] = np.log10(power[where == number].mean(0) + _LEAST_POWER)
    observed = np.isfinite(summary)
    return np.where(observed, summary, 0).astype(np.float32), observed
