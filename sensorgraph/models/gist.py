"""The gist of a modality: a few coordinates of what lasts in it, out of all summaries of its streams."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

NUM_COORDINATES = 4
"""A density in more dimensions would need more bins than anybody has."""

_LEAST_SPREAD = 1e-6
_LEAST_SHARE = 0.05
"""Of the energy of the first coordinate; weaker ones are left at 0."""

_LEAST_NOISE = 1e-3


@dataclass(frozen=True)
class Gist:
    r"""Probabilistic principal components of weighted features, :math:`w (x - \mu) = G u + \epsilon`.

    Attributes:
        centre, weight: [P] of each feature.
        loading: [P, k], ``G``; columns that were not needed are 0.
        noise: variance of what is left, per feature.
    """

    centre: Tensor
    weight: Tensor
    loading: Tensor
    noise: float


def fit_gist(value: Tensor, seen: Tensor) -> Gist | None:
    """Learn from normal scenes; None where nothing changes.

    A feature counts as much as it is the same in both halves of a scene: what is not is noise, in which a density would
    drown.

    Args:
        value: summaries of all streams of a modality side by side.
        seen: where they were observed.

    Shapes: both [S, L, P].

    Reference: Tipping and Bishop, "Probabilistic principal component analysis" (1999).

    Example:
        >>> level = torch.randn(50, 1, 1).expand(-1, 4, 1)
        >>> value = torch.cat([level, -level, torch.randn(50, 4, 1)], dim=2)
        >>> gist = fit_gist(value, torch.ones_like(value, dtype=torch.bool))
        >>> bool(gist.weight[2] < 0.5 * gist.weight[0])
        True
    """
    half = max(value.shape[1] // 2, 1)
    mean, some = _mean(value, seen)
    centre = _column_mean(mean, some)
    spread = _column_mean((mean - centre).square(), some).sqrt()
    first, second = (_mean(value[:, part], seen[:, part]) for part in (slice(0, half), slice(-half, None)))
    both = first[1] & second[1]
    one, other = ((part[0] - centre) * both for part in (first, second))
    lasting = (one * other).sum(0) / (one.norm(dim=0) * other.norm(dim=0)).clamp(min=_LEAST_SPREAD)
    kept = (spread > _LEAST_SPREAD) & (lasting > 0)
    if not bool(kept.any()):
        return None
    weight = torch.where(kept, lasting / spread.clamp(min=_LEAST_SPREAD), 0.0)
    rows = (mean - centre) * weight * some
    _, size, direction = torch.linalg.svd(rows, full_matrices=False)
    energy = size.square()[:NUM_COORDINATES] / max(len(rows), 1)
    energy = torch.where(energy > _LEAST_SHARE * energy[0], energy, 0.0)
    # All coordinates share one unit: together they are of about unit size, and the strong ones stay the large ones.
    unit = float(energy.sum().sqrt())
    loading = value.new_zeros(value.shape[2], NUM_COORDINATES, dtype=torch.float64)
    loading[:, : len(energy)] = direction[: len(energy)].T * unit * (energy > 0)
    left = float((rows.square().sum() / len(rows) - energy.sum()).clamp(min=0)) / int(kept.sum())
    return Gist(centre.float(), weight.float(), loading.float(), max(left, _LEAST_NOISE))


def _mean(value: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over the seen bins of each scene [S, P] float64, and where there are any."""
    count = seen.sum(1)
    return (value * seen).sum(1, dtype=torch.float64) / count.clamp(min=1), count > 0


def _column_mean(rows: Tensor, some: Tensor) -> Tensor:
    return (rows * some).sum(0) / some.sum(0).clamp(min=1)
