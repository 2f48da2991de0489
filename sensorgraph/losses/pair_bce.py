"""Whether a candidate link joins the halves of one value."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from sensorgraph.losses.balance import balanced_bce, check_balance
from sensorgraph.losses.shapes import same_shape


@final
class PairBCE(nn.Module):
    """Binary cross entropy over candidate links, weighted against the rarity of pairs.

    Dozens of candidates stand against each true pair; see `balanced_bce` for the maths of ``balance``.

    Args:
        balance: 0 (plain mean) to 1 (pairs and others get half of the loss each).

    Raises:
        ConfigError: ``balance`` is outside 0..1.

    Example:
        >>> import torch
        >>> is_pair = torch.tensor([True, False, False, False])
        >>> round(PairBCE()(torch.zeros(4), is_pair).item(), 4)  # knows nothing: log 2
        0.6931

    Reference:
        King and Zeng, "Logistic Regression in Rare Events Data", 2001.
    """

    def __init__(self, balance: float = 0.5) -> None:
        super().__init__()
        self.balance = check_balance("pair_bce", balance)

    def forward(self, logits: Tensor, is_pair: Tensor) -> Tensor:
        """Loss of the links of known truth; a connected zero where there are none.

        Shapes: ``logits`` [E]; ``is_pair`` [E] bool, or int64 with -1 where nobody knows; returns a scalar.

        Raises:
            DataError: the shapes differ.
        """
        same_shape("losses.pair_bce", logits=logits, is_pair=is_pair)
        known = is_pair >= 0
        return balanced_bce(logits[known].float(), is_pair[known].float(), self.balance)
