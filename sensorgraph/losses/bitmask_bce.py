"""Which of the 16 bits of a channel are live, or are flags."""

from __future__ import annotations

from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.losses.means import mean_of_groups
from sensorgraph.losses.shapes import same_shape, spread


@final
class BitmaskBCE(nn.Module):
    r"""Binary cross entropy per bit, every channel counting once.

    With :math:`K_n` the bits of channel n whose truth is known:

    .. math:: \mathcal{L} = \operatorname{mean}_{n : K_n \neq \emptyset} \frac{1}{|K_n|} \sum_{b \in K_n}
        \mathrm{BCE}(x_{n,b}, y_{n,b})

    Example:
        >>> import torch
        >>> used = torch.zeros(2, 16)
        >>> used[:, :12] = 1
        >>> BitmaskBCE()(20 * used - 10, used, torch.tensor([True, True])).item() < 1e-3
        True

    Reference:
        Tsoumakas and Katakis, "Multi-Label Classification: An Overview", 2007 (binary relevance).
    """

    def forward(self, logits: Tensor, bits: Tensor, known: Tensor) -> Tensor:
        """Loss of the known bits; a connected zero where there are none.

        Shapes: ``logits``, ``bits`` (0 or 1) [N, 16], bit 0 first; ``known`` [N] or [N, 16] bool; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        same_shape("losses.bitmask_bce", logits=logits, bits=bits)
        known = spread("losses.bitmask_bce", known, logits)
        loss = F.binary_cross_entropy_with_logits(logits[known].float(), bits[known].float(), reduction="none")
        return mean_of_groups(loss, known.nonzero()[:, 0], logits.shape[0])
