"""Summary of a camera per bin: brightness on a coarse grid, and for video how much each part moves."""

from __future__ import annotations

import numpy as np

GRID = 6
IMAGE_FEATURES: tuple[str, ...] = tuple(f"brightness_{row}_{column}" for row in range(GRID) for column in range(GRID))
VIDEO_FEATURES: tuple[str, ...] = (
    *IMAGE_FEATURES,
    *(f"motion_{row}_{column}" for row in range(GRID) for column in range(GRID)),
)


def area_average(frames: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pictures averaged (or, where they are smaller, repeated) to another size.

    Shapes: ``frames`` [T, H, W, C]; returns [T, height, width, C] float32.

    Example:
        >>> area_average(np.array([0, 2, 10, 30]).reshape(1, 1, 4, 1), 1, 2).ravel().tolist()
        [1.0, 20.0]
    """
    for axis, size in ((1, height), (2, width)):
        length = frames.shape[axis]
        if length == size:
            continue
        edge = np.arange(size) * length // size
        last = np.maximum((np.arange(size) + 1) * length // size, edge + 1)
        total = np.cumsum(frames, axis=axis, dtype=np.float64)
        total = np.concatenate([np.zeros_like(total.take([0], axis)), total], axis=axis)
        shape = [1] * frames.ndim
        shape[axis] = size
        frames = (total.take(last, axis) - total.take(edge, axis)) / (last - edge).reshape(shape)
    return frames.astype(np.float32)


def summarise_pictures(
    frames: np.ndarray, bin_number: np.ndarray, num_bins: int, *, motion: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Mean brightness (and mean absolute change between frames) on a 6 x 6 grid in each bin.

    Shapes: ``frames`` [T, H, W, C] float32 in [0, 1], ``bin_number`` [T] int64 (-1 outside); returns summary [L, F]
    float32 and observed [L, F] bool, F = 36, or 72 with motion.
    """
    grey = frames.mean(-1, keepdims=True)
    features = area_average(grey, GRID, GRID).reshape(len(frames), GRID * GRID)
    if motion:
        change = np.full((len(frames), GRID * GRID), np.nan)
        if len(frames) > 1:
            change[1:] = area_average(np.abs(np.diff(grey, axis=0)), GRID, GRID).reshape(len(frames) - 1, GRID * GRID)
        features = np.concatenate([features, change], axis=1)
    summary = np.full((num_bins, features.shape[1]), np.nan)
    for number in np.unique(bin_number[bin_number >= 0]):
        rows = features[bin_number == number]
        known = np.isfinite(rows)
        total = np.where(known, rows, 0).sum(0)
        summary[number] = np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)
    observed = np.isfinite(summary)
    return np.where(observed, summary, 0).astype(np.float32), observed
