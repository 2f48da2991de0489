"""One clock per scene: it starts at 0 s and is divided into equal bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError


@dataclass(frozen=True)
class Clock:
    """Maps times to the bins that everything after encoding is counted in.

    Args:
        duration_s: length of the scene (s), greater than 0.
        num_bins: number of equal parts, at least 1.

    Example:
        >>> import numpy as np
        >>> Clock(duration_s=10.0, num_bins=20).bin_of(np.array([0.0, 0.49, 0.5, 9.99])).tolist()
        [0, 0, 1, 19]
    """

    duration_s: float
    num_bins: int

    def __post_init__(self) -> None:
        if not (np.isfinite(self.duration_s) and self.duration_s > 0):
            raise DataError(f"clock: duration_s must be positive (got {self.duration_s})")
        if self.num_bins < 1:
            raise DataError(f"clock: num_bins must be at least 1 (got {self.num_bins})")

    @property
    def bin_s(self) -> float:
        """Length of one bin (s)."""
        return self.duration_s / self.num_bins

    def bin_of(self, time_s: np.ndarray) -> np.ndarray:
        """Bin of each time; times outside the scene get -1.

        Shapes: ``time_s`` [T] float64 (s); returns [T] int64.
        """
        time_s = np.asarray(time_s, dtype=np.float64)
        # The small term keeps 0.3 / 0.1 = 2.9999999999999996 in bin 3, where a reader of the clock expects it.
        number = np.floor(time_s / self.bin_s + 1e-9).astype(np.int64)
        outside = (time_s < -1e-9) | (number >= self.num_bins)
        return np.where(outside, -1, np.maximum(number, 0))

    def edges_s(self) -> np.ndarray:
        """Bin edges (s), shape [L + 1]."""
        return np.arange(self.num_bins + 1) * self.bin_s
