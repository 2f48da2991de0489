"""Hidden bits of 16-bit words, told from what was left visible."""

from __future__ import annotations

from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.losses.means import mean_of_groups
from sensorgraph.losses.shapes import same_shape, spread


@final
class MaskedBits(nn.Module):
    r"""Binary cross entropy of hidden bits, every stream counting once.

    A word encoder learns counters, enums and flags when it must fill in bits from their neighbours in the word and in
    time. With :math:`H_n` the hidden bits of stream n:

    .. math:: \mathcal{L} = \operatorname{mean}_{n : H_n \neq \emptyset} \frac{1}{|H_n|} \sum_{(t, b) \in H_n}
        \mathrm{BCE}(x_{n,t,b}, y_{n,t,b})

    Bits that were visible get no gradient at all: copying is not learning.

    Example:
        >>> import torch
        >>> bits = torch.randint(0, 2, (2, 5, 16)).float()
        >>> hidden = torch.rand(2, 5, 16) < 0.5
        >>> round(MaskedBits()(torch.zeros(2, 5, 16), bits, hidden).item(), 4)  # knows nothing: log 2
        0.6931

    Reference:
        Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
    """

    def forward(self, logits: Tensor, bits: Tensor, hidden: Tensor) -> Tensor:
        """Loss of the hidden bits; a connected zero where none is hidden.

        Args:
            logits: belief that the bit is set.
            bits: truth in 0..1 (a share, where several samples fall into one bin).
            hidden: True where the bit was hidden from the model and its truth is known.

        Shapes: ``logits``, ``bits`` [N, T, 16]; ``hidden`` [N, T] or [N, T, 16] bool; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        same_shape("losses.masked_bits", logits=logits, bits=bits)
        hidden = spread("losses.masked_bits", hidden, logits)
        # Chosen before anything is computed, so that a NaN in a visible bit reaches neither value nor gradient.
        loss = F.binary_cross_entropy_with_logits(logits[hidden].float(), bits[hidden].float(), reduction="none")
        return mean_of_groups(loss, hidden.nonzero()[:, 0], logits.shape[0])
