"""Which half of a pair is the high word."""

from __future__ import annotations

from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.losses.means import mean_or_zero
from sensorgraph.losses.shapes import same_shape


@final
class PairOrder(nn.Module):
    r"""Cross entropy of the order of true pairs; links that are not pairs have no order and no gradient.

    .. math:: \mathcal{L} = -\operatorname{mean}_{e : y_e \geq 0} \log \operatorname{softmax}(x_e)_{y_e}

    Example:
        >>> import torch
        >>> logits = torch.tensor([[0.0, 0.0], [9.0, -9.0]])
        >>> round(PairOrder()(logits, torch.tensor([1, -1])).item(), 4)  # undecided: log 2; the other is no pair
        0.6931

    Reference:
        Bridle, "Probabilistic Interpretation of Feedforward Classification Network Outputs", 1990.
    """

    def forward(self, logits: Tensor, order: Tensor) -> Tensor:
        """Loss of the links whose order is known; a connected zero where there are none.

        Args:
            logits: beliefs in "the first stream of the link is the high word" and "it is the low word".
            order: 0 where the first stream is the high word, 1 where it is the low word, -1 where unknown or no pair.

        Shapes: ``logits`` [E, 2]; ``order`` [E] int64; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        same_shape("losses.order", order=order, links=logits[:, 0])
        known = order >= 0
        return mean_or_zero(F.cross_entropy(logits[known].float(), order[known], reduction="none"))
