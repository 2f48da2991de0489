"""In which bins the low word of a pair rolls over."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from sensorgraph.losses.balance import balanced_bce, check_balance
from sensorgraph.losses.shapes import same_shape, spread


@final
class OverflowBCE(nn.Module):
    """Binary cross entropy per link and bin, weighted against the rarity of roll-overs.

    Most bins see none, and a model that always says "no" has a small plain loss and an F1 of 0; see `balanced_bce` for
    the maths of ``balance``. Logits go in, not probabilities.

    Args:
        balance: 0 (plain mean) to 1 (bins with and without a roll-over get half of the loss each).

    Raises:
        ConfigError: ``balance`` is outside 0..1.

    Example:
        >>> import torch
        >>> overflow = torch.tensor([[0, 0, 1, 0]])
        >>> mask = torch.tensor([[True, True, True, False]])
        >>> OverflowBCE()(torch.tensor([[-9.0, -9.0, 9.0, 9.0]]), overflow, mask).item() < 1e-3
        True

    Reference:
        King and Zeng, "Logistic Regression in Rare Events Data", 2001.
    """

    def __init__(self, balance: float = 0.5) -> None:
        super().__init__()
        self.balance = check_balance("overflow_bce", balance)

    def forward(self, logits: Tensor, overflow: Tensor, mask: Tensor) -> Tensor:
        """Loss of the masked-in bins; a connected zero where there are none.

        Shapes: ``logits``, ``overflow`` (0 or 1) [E, L]; ``mask`` [E] or [E, L] bool, True where the link is a pair and
        the truth is known; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        same_shape("losses.overflow_bce", logits=logits, overflow=overflow)
        mask = spread("losses.overflow_bce", mask, logits)
        return balanced_bce(logits[mask].float(), overflow[mask].float(), self.balance)
