"""How well the bins are found in which a low word rolls over."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError
from sensorgraph.evaluation.counts import Counts


def overflow_counts(true_bins: ArrayLike, found_bins: ArrayLike, judged_bins: ArrayLike | None = None) -> Counts:
    """Precision, recall and F1 of overflow bins, over all bins of all pairs.

    Why over all at once: a mean of F1 per pair would rest on pairs that roll over once.

    Args:
        true_bins: [E, L] bool, True where the low word of pair ``E`` rolls over.
        found_bins: [E, L] the same, as found.
        judged_bins: [E, L] bins to judge (all by default), e.g. those in which both words were there.

    Raises:
        DataError: shapes differ, or a value is neither 0 nor 1.

    Example:
        >>> overflow_counts([[0, 1, 0, 1]], [[0, 1, 1, 0]]).f1
        0.5
    """
    truth, found = np.asarray(true_bins), np.asarray(found_bins)
    judged = np.ones(truth.shape, dtype=bool) if judged_bins is None else np.asarray(judged_bins)
    for name, values in (("true_bins", truth), ("found_bins", found), ("judged_bins", judged)):
        if values.shape != truth.shape:
            raise DataError(
                f"overflow_counts: {name} must have the shape of true_bins {truth.shape} (got {values.shape})"
            )
        if not np.isin(values, (0, 1)).all():
            raise DataError(
                f"overflow_counts: {name} must be 0 or 1; cut probabilities first (got {np.unique(values)[:5]})"
            )
    truth, found = truth.astype(bool) & judged.astype(bool), found.astype(bool) & judged.astype(bool)
    return Counts(int((truth & found).sum()), int((~truth & found).sum()), int((truth & ~found).sum()))
