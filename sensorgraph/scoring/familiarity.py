"""What predictions are worth where the machine runs as it never did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sensorgraph.scoring.series import FAMILIAR, RecordingSeries
from sensorgraph.scoring.smoothing import moving_mean

_USUAL_SHARE = 0.05
"""Of normal bins are less familiar than what counts as usual."""

_NUM_WIDEST = 2
"""Widest windows that familiarity is averaged over: ways to run last longer than what goes wrong in them."""


def familiarity(series: RecordingSeries, widths: Sequence[int], causal: bool) -> dict[str, np.ndarray]:
    """Mean log density of each modality among where it was in training: modality to [T] (nats), NaN if not known.

    Args:
        series: of one recording.
        widths: windows of scoring (bins).
        causal: average over earlier bins only.
    """
    width = _NUM_WIDEST * max(widths)
    return {m: moving_mean(told[None], width, causal)[0] for m, told in series.of_modalities(FAMILIAR).items()}


def usual_familiarity(recordings: Sequence[RecordingSeries], widths: Sequence[int], causal: bool) -> dict[str, float]:
    """What all but a few bins of normal recordings reach, by modality (nats)."""
    found: dict[str, list[np.ndarray]] = {}
    for series in recordings:
        for modality, values in familiarity(series, widths, causal).items():
            found.setdefault(modality, []).append(values[np.isfinite(values)])
    return {m: float(np.quantile(np.concatenate(parts), _USUAL_SHARE)) for m, parts in found.items()}


def discounted(
    series: RecordingSeries, usual: Mapping[str, float], widths: Sequence[int], causal: bool
) -> RecordingSeries:
    r"""Residuals that count the less, the less is known of where the prediction came from.

    A prediction is as good as what it is made from: far from where training was, it extrapolates, and then its error
    says little. A modality that is :math:`d_m` nats less familiar than usual (0 where it is as familiar) leaves

    .. math:: \frac{1}{1 + \max_{k \ne m} d_k} \quad \text{of} \quad \texttt{against\_others}, \qquad
        \frac{1}{1 + d_m} \quad \text{of} \quad \texttt{against\_past}

    of its streams. A stream that goes wrong while all others run as ever is judged by them as before, though less by
    its own past; where several modalities are new at once, it is more likely that the machine is, and deviation from
    training alone speaks in full.

    Reference: Shimodaira, "Improving predictive inference under covariate shift by weighting the log-likelihood
    function" (2000), for why a model says little where its inputs never were.
    """
    zero = np.zeros(len(series.start_s))
    known = familiarity(series, widths, causal)
    lacking = {
        m: np.nan_to_num(np.maximum(usual[m] - known[m], 0.0)) if m in known and m in usual else zero
        for m in np.unique(series.modalities)
    }
    values = dict(series.values)
    of_others, of_past = (values[name].copy() for name in ("against_others", "against_past"))
    for m, own in lacking.items():
        columns = series.modalities == m
        others = np.max([zero, *(lack for other, lack in lacking.items() if other != m)], axis=0)
        of_others[:, columns] /= 1.0 + others[:, None]
        of_past[:, columns] /= 1.0 + own[:, None]
    return replace(series, values=values | {"against_others": of_others, "against_past": of_past})
