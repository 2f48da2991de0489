"""From residuals to one number per row and kind of evidence, 1 where everything is as usual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.scoring.row_means import mean_of_largest

_LEAST_SHARE = 0.1
"""Of the standard deviation: no channel is trusted to be ten times steadier than that."""

_HALF = 0.6745
"""Below this lies half of the absolute values of a standard normal."""

_MOST_BLOCKS = 5
_BLOCK_ROWS = 200
"""Blocks in which the middle of a channel is looked for; shorter ones would take noise for drift."""

_NOTHING = 1e-6
"""Residuals this small are none."""

_DRIFT_WEIGHT = 16.0
"""How much a channel that wanders from one part of training to the next is trusted less."""


@dataclass(frozen=True)
class Surprise:
    """Residuals made comparable between channels, rows and recordings.

    Attributes:
        scale: [3, C] robust size of normal residuals; 1 where there were none.
        usual: [3, C] mean of the scaled residuals in training.
        level: [3] mean over training rows of what `of_rows` takes the ratio to.
    """

    scale: np.ndarray
    usual: np.ndarray
    level: np.ndarray

    @staticmethod
    def of(residuals: np.ndarray, weight: np.ndarray | None = None) -> Surprise:
        r"""Learn from residuals of normal rows that the network was not fitted to.

        Maths: :math:`s^2 = \max(\mathrm{median}|r| / 0.6745, \; 0.1 \, \mathrm{std}(r))^2 + 16 \, \mathrm{var}(m)` with
        the medians :math:`m` of two to five blocks in time. The median bears with anomalies in the training data, the
        share of the standard deviation with residuals that are mostly 0, and the medians of blocks with drift.

        Shapes: ``residuals`` [3, T, C], NaN where there is nothing to judge; ``weight`` [C] as in `of_rows`.
        """
        num_kinds, _, num_channels = residuals.shape
        scale = np.ones((num_kinds, num_channels))
        for kind in range(num_kinds):
            for channel in range(num_channels):
                scale[kind, channel] = usual_size(residuals[kind, :, channel])
        blank = Surprise(scale, np.ones_like(scale), np.ones(num_kinds))
        scaled = blank.of_channels(residuals)
        count = (~np.isnan(scaled)).sum(1)
        usual = np.nansum(scaled, axis=1, dtype=np.float64) / np.maximum(count, 1)
        level = np.ones(num_kinds)
        for kind in range(num_kinds):
            rows = mean_of_largest(scaled[kind], usual[kind], weight)
            if np.isfinite(rows).any():
                mean = float(np.nanmean(rows))
                # What never strays in training has no usual size of its own; that of the channel's unit is taken.
                level[kind] = mean if mean > _NOTHING else 1.0
        return Surprise(scale, usual, level)

    def of_channels(self, residuals: np.ndarray) -> np.ndarray:
        """Absolute residuals in units of their usual size. Shapes: [3, T, C], the same comes back."""
        return np.abs(residuals) / self.scale[:, None].astype(np.float32)

    def of_rows(self, scaled: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        """Mean over a row's channels, over that of normal rows.

        What was measured once counts once: a value that is held for fifteen rows says the same in each of them, so that
        its channel weighs a fifteenth. Else one odd sample of a slow channel would last as long as a fault.

        Args:
            scaled: of `of_channels`.
            weight: samples per row of each channel; 1 when None.

        Shapes: ``scaled`` [3, T, C], NaN where there is nothing; ``weight`` [C]; returns [3, T] float64, NaN for rows
        without any.
        """
        rows = np.stack([mean_of_largest(part, usual, weight) for part, usual in zip(scaled, self.usual, strict=True)])
        ratio = rows / self.level[:, None]
        missing = np.isnan(scaled)
        if not missing.any():
            return ratio
        # A mean over fewer channels strays farther by chance, and is taken back as far.
        share = 1.0 - missing.mean(axis=2)
        return np.where(ratio > 1.0, 1.0 + (ratio - 1.0) * np.sqrt(share), ratio)


def usual_size(residuals: np.ndarray) -> float:
    """Robust size of residuals in order of time, as in `Surprise.of`; 1 where there are none. Shapes: [T]."""
    known = residuals[~np.isnan(residuals)].astype(np.float64)
    if len(known) < 2:
        return 1.0
    num_blocks = min(max(len(known) // _BLOCK_ROWS, 2), _MOST_BLOCKS)
    drift = np.var([np.median(block) for block in np.array_split(known, num_blocks)])
    size = max(np.median(np.abs(known)) / _HALF, _LEAST_SHARE * known.std())
    size = float(np.sqrt(size**2 + _DRIFT_WEIGHT * drift))
    return size if size > 1e-9 else 1.0
