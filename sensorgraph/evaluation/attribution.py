"""Whether the streams that are blamed for an event are those that caused it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError


@dataclass(frozen=True)
class AttributionFigures:
    """Means over events.

    Attributes:
        top_1: share of events whose most blamed stream is a cause.
        hit_rate_at_k: share of the causes (at most k) among the k most blamed streams.
        hit_rate_100, hit_rate_150: share of the n causes among the n (or 1.5 n) most blamed streams.
        ndcg_100, ndcg_150: the same cuts, with a logarithmic discount by rank, 1 for a perfect order.
        num_events: events judged.
    """

    top_1: float
    hit_rate_at_k: float
    hit_rate_100: float
    hit_rate_150: float
    ndcg_100: float
    ndcg_150: float
    num_events: int


def attribution_figures(blame: ArrayLike, causes: ArrayLike, k: int = 3) -> AttributionFigures:
    r"""Judge the ranking of streams per event.

    Maths: with :math:`g_r` the relevance at rank :math:`r` and :math:`n` causes, :math:`\mathrm{HitRate@}P\% =
    \sum_{r \le \lfloor Pn \rfloor} g_r / n` and :math:`\mathrm{NDCG@}P\% = \sum_{r \le \lfloor Pn \rfloor} g_r /
    \log_2(r + 1)` over its best possible value. Streams with equal blame share the mean relevance of the ranks that
    they fill, so that a ranking that says nothing earns what chance earns, whatever the order of the channels.

    Args:
        blame: [events, N], higher is more to blame; NaN (not scored) ranks last.
        causes: [events, N] bool, at least one cause per event.
        k: of ``hit_rate_at_k``.

    Raises:
        DataError: shapes differ, no event, an event without a cause, or k below 1.

    Example:
        >>> figures = attribution_figures([[0.1, 0.9, 0.5], [0.8, 0.1, 0.3]], [[0, 1, 1], [0, 0, 1]])
        >>> figures.top_1, figures.hit_rate_100
        (0.5, 0.5)

    Reference:
        Su et al.: Robust Anomaly Detection for Multivariate Time Series (OmniAnomaly), KDD 2019.
    """
    scores, truth = np.asarray(blame, dtype=np.float64), np.asarray(causes)
    if scores.ndim != 2 or scores.shape != truth.shape or scores.size == 0:
        raise DataError(f"attribution_figures: needs [events, N] twice (got {scores.shape} and {truth.shape})")
    if not np.isin(truth, (0, 1)).all() or not truth.any(axis=1).all():
        raise DataError(
            "attribution_figures: causes must be 0 or 1 and each event needs one; leave out the others first"
        )
    if k < 1:
        raise DataError(f"attribution_figures: k must be 1 or more (got {k})")
    rows = [_event(*event, k) for event in zip(np.where(np.isnan(scores), -np.inf, scores), truth, strict=True)]
    top_1, at_k, hit_100, hit_150, ndcg_100, ndcg_150 = np.mean(rows, axis=0).tolist()
    return AttributionFigures(top_1, at_k, hit_100, hit_150, ndcg_100, ndcg_150, num_events=len(rows))


def _event(blame: np.ndarray, cause: np.ndarray, k: int) -> list[float]:
    _, tie = np.unique(-blame, return_inverse=True)
    shared = np.bincount(tie, weights=cause) / np.bincount(tie)
    gain = shared[np.sort(tie)]
    num_causes = int(cause.sum())
    discount = 1 / np.log2(np.arange(2, blame.size + 2))
    figures = [gain[0], gain[:k].sum() / min(k, num_causes)]
    cuts = [num_causes, int(1.5 * num_causes)]
    figures += [gain[:cut].sum() / num_causes for cut in cuts]
    figures += [(gain * discount)[:cut].sum() / discount[:num_causes].sum() for cut in cuts]
    return figures
