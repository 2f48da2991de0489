"""Keeps vectors near a sphere, so that what their dot products say is direction."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.losses.means import mean_or_zero
from sensorgraph.losses.shapes import spread


@final
class CosineNorm(nn.Module):
    r"""Squared relative distance of vectors from a sphere.

    Contrast compares directions only, so that lengths are free to grow until attention and distances, which do see
    them, saturate. This term holds them:

    .. math:: \mathcal{L} = \operatorname{mean}_n \bigl(\lVert v_n \rVert / R - 1\bigr)^2

    Args:
        radius: R; None means :math:`\sqrt D`, where the root mean square of the components is 1.

    Raises:
        ConfigError: the radius is not positive.

    Example:
        >>> import torch
        >>> CosineNorm(radius=1.0)(torch.tensor([[3.0, 0.0], [0.6, 0.8]])).item()
        2.0

    Reference:
        Luo et al., "Cosine Normalization: Using Cosine Similarity Instead of Dot Product in Neural Networks", 2018.
    """

    def __init__(self, radius: float | None = None) -> None:
        super().__init__()
        if radius is not None and not radius > 0:
            raise ConfigError(f"cosine_norm.radius: must be greater than 0, or null for sqrt(D) (got {radius})")
        self.radius = radius

    def forward(self, vectors: Tensor, mask: Tensor | None = None) -> Tensor:
        """Loss of the vectors; a connected zero where there are none.

        Shapes: ``vectors`` [..., D]; ``mask`` [...] bool, True where the vector counts, None for all; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        if mask is not None:
            vectors = vectors[spread("losses.cosine_norm", mask, vectors[..., 0])]
        radius = math.sqrt(vectors.shape[-1]) if self.radius is None else self.radius
        length = torch.linalg.vector_norm(vectors.float(), dim=-1)
        return mean_or_zero((length / radius - 1).square().reshape(-1))
