"""From steps to what an encoder returns: one token per bin, one vector per stream."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, pool_to_bins
from sensorgraph.encoders.row import Steps


class BinReadout(nn.Module):
    """Mean and maximum of the steps of a bin (and of a stream), each through a linear map and a norm over channels.

    The maximum is there because what matters in a bin may happen once (a roll-over, a flag that blinks): a mean over
    a thousand samples hides it.

    Args:
        hidden: channels of a step.
        dim: channels of tokens and vectors.
    """

    def __init__(self, hidden: int, dim: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.token = nn.Sequential(nn.Linear(2 * hidden, dim), nn.LayerNorm(dim))
        self.vector = nn.Sequential(nn.Linear(2 * hidden, dim), nn.LayerNorm(dim))

    def forward(self, steps: Steps) -> Encoded:
        return self.pool(steps.value, steps.used_cell(), steps.row.num_streams, steps.row.num_bins)

    def pool(
        self, features: Tensor, cell: Tensor, num_streams: int, num_bins: int, mask: Tensor | None = None
    ) -> Encoded:
        """Pool features by cell.

        Shapes: ``features`` [R, hidden], ``cell`` [R] int64 (stream times ``num_bins`` plus bin; -1: leave out),
        ``mask`` [N, L] bool, which bins hold samples where features do not tell (None: those that hold features).
        """
        num_cells = num_streams * num_bins
        mean, filled = pool_to_bins(features[None], cell[None], num_cells)
        both = torch.cat([mean[0], _peak(features, cell, num_cells)], dim=1).view(
            num_streams, num_bins, 2 * self.hidden
        )
        mask = filled.view(num_streams, num_bins) if mask is None else mask
        weight = mask.to(features.dtype)[..., None]
        tokens = self.token(both) * weight
        vectors = self.vector((both * weight).sum(1) / weight.sum(1).clamp(min=1)) * mask.any(1, keepdim=True)
        return Encoded(tokens, vectors, mask)


def _peak(features: Tensor, cell: Tensor, num_cells: int) -> Tensor:
    """Largest feature in each cell, 0 where it is empty: [num_cells, hidden]."""
    # Row num_cells collects what is left out.
    place = torch.where(cell >= 0, cell, num_cells)[:, None].expand(-1, features.shape[1])
    peak = features.new_zeros(num_cells + 1, features.shape[1])
    return peak.scatter_reduce(0, place, features, "amax", include_self=False)[:num_cells]
