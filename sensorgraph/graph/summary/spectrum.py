"""Band powers of runs of samples, the same for vibration and for sound."""

from __future__ import annotations

import numpy as np
import scipy.fft


def band_powers(samples: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mean power of each row in bands of the spectrum, under a Hann window.

    Args:
        samples: [R, T] rows of equally spaced samples.
        edges: [K + 1] band edges as shares of the Nyquist frequency, rising.

    Shapes: returns [R, K]; NaN for a band so narrow, at this T, that no frequency falls into it.

    Example:
        >>> tone = np.sin(2 * np.pi * 0.2 * np.arange(100))[None]  # at 0.4 of Nyquist
        >>> int(band_powers(tone, np.array([0.0, 0.25, 0.5, 1.0])).argmax())
        1
    """
    num_samples = samples.shape[1]
    window = np.hanning(num_samples + 2)[1:-1]
    amplitude = scipy.fft.rfft((samples - samples.mean(1, keepdims=True)) * window, axis=1)
    spectrum = (amplitude.real**2 + amplitude.imag**2) / (window**2).sum()
    share = np.arange(spectrum.shape[1]) / (num_samples / 2)
    # The last edge is Nyquist itself and belongs to the last band.
    first = np.searchsorted(share, edges - 1e-12)
    first[-1] = len(share)
    out = np.full((len(samples), len(edges) - 1), np.nan)
    cumulative = np.concatenate([np.zeros((len(samples), 1)), np.cumsum(spectrum, axis=1)], axis=1)
    count = np.diff(first)
    filled = count > 0
    out[:, filled] = (cumulative[:, first[1:]] - cumulative[:, first[:-1]])[:, filled] / count[filled]
    return out
