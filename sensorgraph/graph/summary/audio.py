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


def summarise_audio(values: np.ndarray, bin_number: np.ndarray, num_bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Loudness and band energies (log10 of power) in each bin.

    Shapes: ``values`` [T] float32, ``bin_number`` [T] int64 (rising, -1 outside); returns summary [L, F] float32 and
    observed [L, F] bool, F = 25. A frame of 1024 samples belongs to the bin of its middle.
    """
    summary = np.full((num_bins, len(AUDIO_FEATURES)), np.nan)
    num_frames = len(values) // FRAME
    if num_frames:
        frames = values[: num_frames * FRAME].reshape(num_frames, FRAME).astype(np.float64)
        where = bin_number[FRAME // 2 :: FRAME][:num_frames]
        power = np.concatenate([(frames**2).mean(1, keepdims=True), band_powers(frames, _EDGES)], axis=1)
        for number in np.unique(where[where >= 0]):
            summary[number] = np.log10(power[where == number].mean(0) + _LEAST_POWER)
    observed = np.isfinite(summary)
    return np.where(observed, summary, 0).astype(np.float32), observed
