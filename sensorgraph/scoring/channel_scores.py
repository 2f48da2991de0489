"""What each channel says to the score of a row: the same means, taken channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.scoring.smoothing import Usual, blend, moving_mean


@dataclass(frozen=True)
class Scored:
    """Scores of rows and of channels.

    Attributes:
        scores: [T], 0 where nothing was measured.
        measured: [T] bool.
        channels: [T, C], NaN for channels that are absent.
        quick: [T] what the shortest means alone would score.
    """

    scores: np.ndarray
    measured: np.ndarray
    channels: np.ndarray
    quick: np.ndarray


def scored_channels(
    scaled: np.ndarray,
    rows: np.ndarray,
    level: np.ndarray,
    usual: Usual,
    widths: tuple[int, ...],
    causal: bool,
    begins: np.ndarray | None = None,
) -> Scored:
    """Each channel's scaled residuals, smoothed as wide as the row's own evidence was, averaged over the kinds.

    A distance of all channels together has no part that is one channel's alone; it says when, the others who.

    Args:
        scaled: of `Surprise.of_channels`.
        rows: of `Surprise.of_rows`.
        level: of `Surprise`.
        usual: of `usual_heights`.
        widths: of the moving means, in rows.
        causal: means of past rows, else of rows on both sides.
        begins: rows before which time has a gap.

    Shapes: ``scaled`` [J, T, C] of the first kinds, ``rows`` [K, T] of all, ``level`` [J], ``begins`` [T] bool.
    """
    found = blend(rows, usual, widths, causal, begins)
    num_kinds, num_rows, num_channels = scaled.shape
    total, count = np.zeros((num_rows, num_channels)), np.zeros((num_rows, num_channels))
    for kind in range(num_kinds):
        said = np.full((num_rows, num_channels), np.nan)
        for number, width in enumerate(widths):
            here = found.chosen[kind] == number
            if here.any():
                said[here] = moving_mean(scaled[kind].T, width, causal, begins).T[here] / usual.high[number, kind]
        known = ~np.isnan(said)
        total += np.where(known, said / level[kind], 0.0)
        count += known
    channels = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Scored(found.scores, found.measured, channels, found.quick)
