"""What each channel says to the score of a row: the same means, taken channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.detector.fitted import Judged
from sensorgraph.detector.smoothing import blend, moving_mean


@dataclass(frozen=True)
class Scored:
    """Scores of rows and of channels.

    Attributes:
        scores: [T].
        channels: [T, C], NaN for channels that are absent.
    """

    scores: np.ndarray
    channels: np.ndarray


def scored_channels(judged: Judged, usual: np.ndarray, widths: tuple[int, ...], causal: bool) -> Scored:
    """Each channel's scaled residuals, smoothed as wide as the row's own evidence was, averaged over the kinds.

    Raises:
        ValueError: the channels were not kept.
    """
    if judged.scaled is None:
        raise ValueError("scored_channels: judge with channels=True")
    found = blend(judged.rows, usual, widths, causal)
    num_kinds, num_rows, num_channels = judged.scaled.shape
    total, count = np.zeros((num_rows, num_channels)), np.zeros((num_rows, num_channels))
    for kind in range(num_kinds):
        said = np.full((num_rows, num_channels), np.nan)
        for number, width in enumerate(widths):
            here = found.chosen[kind] == number
            if here.any():
                said[here] = moving_mean(judged.scaled[kind].T, width, causal).T[here] / usual[number, kind]
        known = ~np.isnan(said)
        total += np.where(known, said / judged.level[kind], 0.0)
        count += known
    return Scored(found.scores, np.where(count > 0, total / np.maximum(count, 1), np.nan))
