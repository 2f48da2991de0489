"""Factor analysis with missing values, by expectation and maximisation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_NUM_ROUNDS = 25
_MOST_ROWS = 6000
_LEAST_NOISE = 2e-3
_LEAST_SEEN = 20
_UNSEEN_NOISE = 1e4  # a feature that training hardly saw says nothing
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Factors:
    """A fitted model: ``centre`` [P], ``noise`` [P] (variances) and ``loading`` [P, K], float32."""

    centre: Tensor
    noise: Tensor
    loading: Tensor


def fit_factors(value: Tensor, known: Tensor, num_factors: int) -> Factors:
    r"""Fit :math:`x = \mu + W z + \epsilon` to rows with gaps.

    It begins at the principal components of the rows (gaps as means). A standard normal prior on each loading keeps
    features that were seen seldom from following noise. At most 6,000 rows are used, evenly spread.

    Args:
        value: rows.
        known: where they are known.
        num_factors: ``K``; fewer rows or features leave the rest empty.

    Shapes: ``value`` and ``known`` [n, P]; see `Factors`.

    Example:
        >>> hidden = torch.randn(400, 1, generator=torch.Generator().manual_seed(0))
        >>> found = fit_factors(hidden * torch.tensor([1.0, -2.0]), torch.ones(400, 2, dtype=torch.bool), 1)
        >>> round(float(found.loading[1] / found.loading[0]))
        -2
    """
    step = -(-len(value) // _MOST_ROWS)
    seen = known[::step].double()
    count = seen.sum(0)
    centre = (value[::step] * seen).sum(0) / count.clamp(min=1)
    rows = (value[::step] - centre) * seen
    energy = rows.square().sum(0)
    _, size, direction = torch.linalg.svd(rows, full_matrices=False)
    loading = rows.new_zeros(rows.shape[1], num_factors)
    found = min(num_factors, len(size))
    loading[:, :found] = direction[:found].T * size[:found] / len(rows) ** 0.5
    noise = (energy / count.clamp(min=1) - loading.square().sum(1)).clamp(min=_LEAST_NOISE) + 0.05
    prior = torch.eye(num_factors, dtype=torch.float64)
    for _ in range(_NUM_ROUNDS):
        square = prior.flatten().expand(rows.shape[1], -1).clone()
        product = torch.zeros_like(loading)
        outer = (loading[:, :, None] * loading[:, None, :] / noise[:, None, None]).flatten(1)
        for part, part_seen in zip(rows.split(_ROWS_AT_ONCE), seen.split(_ROWS_AT_ONCE), strict=True):
            precision = prior + (part_seen @ outer).unflatten(1, prior.shape)
            covariance = torch.cholesky_inverse(torch.linalg.cholesky(precision))
            factor = (covariance @ ((part / noise) @ loading)[..., None])[..., 0]
            moment = covariance + factor[:, :, None] * factor[:, None, :]
            square += part_seen.T @ moment.flatten(1)
            product += part.T @ factor
        square = square.unflatten(1, prior.shape)
        loading = torch.linalg.solve(square, product)
        left = energy - 2 * (loading * product).sum(1) + torch.einsum("pk,pkj,pj->p", loading, square, loading)
        noise = (left / count.clamp(min=1)).clamp(min=_LEAST_NOISE)
        noise = torch.where(count < _LEAST_SEEN, _UNSEEN_NOISE, noise)
    return Factors(centre.float(), noise.float(), loading.float())
