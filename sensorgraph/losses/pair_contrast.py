"""The two halves of one value lie closer together than candidates that are not pairs."""

from __future__ import annotations

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses.means import connected_zero
from sensorgraph.losses.nt_xent import SHORTEST
from sensorgraph.losses.shapes import same_shape


@final
class PairContrast(nn.Module):
    r"""For each half of a true pair, its partner must be nearer than its other candidates.

    Only the sparse candidate links are compared, never all N x N. With :math:`s_{ij}` the cosine of two embeddings and
    :math:`C_i` the partners that were suggested for i and are not pairs:

    .. math:: \mathcal{L} = \operatorname{mean}_{(a,b) \in P,\ i \in \{a,b\},\ C_i \neq \emptyset}
        \log\Bigl(1 + \sum_{j \in C_i} \exp\bigl((s_{ij} - s_{ab}) / \tau\bigr)\Bigr)

    Direction plays no part: a candidate whose reverse is a pair is not a negative.

    Args:
        temperature: :math:`\tau`, greater than 0.

    Raises:
        ConfigError: the temperature is not positive.

    Example:
        >>> import torch
        >>> embeddings = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> link = torch.tensor([[0, 0, 1], [1, 2, 2]])
        >>> is_pair = torch.tensor([True, False, False])
        >>> PairContrast()(embeddings, link, is_pair).item() < 1e-4
        True
        >>> PairContrast()(embeddings, link, is_pair.roll(1)).item() > 5
        True

    Reference:
        Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss Objective", 2016.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        if not temperature > 0:
            raise ConfigError(f"pair_contrast.temperature: must be greater than 0 (got {temperature})")
        self.temperature = temperature

    def forward(self, embeddings: Tensor, link: Tensor, is_pair: Tensor) -> Tensor:
        """Loss of the candidate links; a connected zero without a pair that has a rival.

        A link of unknown truth is neither a pair nor a rival.

        Shapes: ``embeddings`` [N, D]; ``link`` [2, E] int64 stream numbers; ``is_pair`` [E] bool, or int64 with -1
        where nobody knows; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        if link.dim() != 2 or link.shape[0] != 2:
            raise DataError(f"losses.pair_contrast: link must be [2, E]; transpose it (got {list(link.shape)})")
        same_shape("losses.pair_contrast", is_pair=is_pair, link=link[0])
        pair, other = is_pair == 1, is_pair == 0
        num_streams = embeddings.shape[0]
        with torch.autocast(embeddings.device.type, enabled=False):
            unit = F.normalize(embeddings.float(), dim=-1, eps=SHORTEST)
            logit = (unit[link[0]] * unit[link[1]]).sum(-1) / self.temperature

            unordered = link.amin(0) * num_streams + link.amax(0)
            rival = other & ~torch.isin(unordered, unordered[pair])
            owner = link[:, rival].reshape(-1)
            rival_logit = logit[rival].repeat(2)
            largest = logit.new_full((num_streams,), -torch.inf)
            largest = largest.scatter_reduce(0, owner, rival_logit.detach(), "amax")
            total = logit.new_zeros(num_streams).index_add(0, owner, torch.exp(rival_logit - largest[owner]))

            half = link[:, pair].reshape(-1)
            partner_logit = logit[pair].repeat(2)
            # Halves without a rival are left out before the logarithm, whose gradient at 0 is not finite.
            contested = total[half] > 0
            half, partner_logit = half[contested], partner_logit[contested]
            if not half.numel():
                return connected_zero(embeddings)
            return F.softplus(largest[half] + total[half].log() - partner_logit).mean()
