"""Fuzzy AND and OR as layers: what they have learned can be read as logic."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_HARDLY_ASKED = -2.0
"""Logit of a mask before training: 0.12, so that a product of many inputs still has a gradient."""


class FuzzyAnd(nn.Module):
    r"""Conjunctions of propositions and of their negations.

    .. math:: c_k = \prod_i (1 - m_{ki} (1 - x_i))\,(1 - n_{ki}\, x_i)

    A mask :math:`m` near 1 asks for a proposition, a mask :math:`n` near 1 for its contrary; where both are near 0 it
    does not matter.

    Args:
        num_inputs: propositions ``P``, each 0 (false) to 1 (true).
        num_outputs: conjunctions ``K``.

    Shapes: [..., P] to [..., K].

    Example:
        >>> layer = FuzzyAnd(2, 1)
        >>> with torch.no_grad():
        ...     _ = layer.mask.copy_(torch.tensor([[[9.0, -9.0], [-9.0, 9.0]]]))  # the first, and not the second
        >>> layer(torch.tensor([[1.0, 0.0], [1.0, 1.0]])).round().flatten().tolist()
        [1.0, 0.0]

    Reference: Reimann and Schwung, "Neural logic rule layers" (2019); negation is a second mask here instead of a gate,
        so that a rule can leave a proposition out.
    """

    def __init__(self, num_inputs: int, num_outputs: int) -> None:
        super().__init__()
        self.mask = nn.Parameter(_HARDLY_ASKED + 0.5 * torch.randn(num_outputs, 2, num_inputs))

    def forward(self, truth: Tensor) -> Tensor:
        """See the class."""
        asked, denied = torch.sigmoid(self.mask).unbind(1)
        truth = truth[..., None, :]
        return ((1 - asked * (1 - truth)) * (1 - denied * truth)).prod(-1)

    def literals(self) -> list[dict[int, bool]]:
        """For each conjunction: which propositions it asks for (True), and the contrary of which (False)."""
        found = (self.mask.detach() > 0).tolist()
        return [
            {place: sign for sign, row in ((True, rows[0]), (False, rows[1])) for place, on in enumerate(row) if on}
            for rows in found
        ]


class FuzzyOr(nn.Module):
    r"""Disjunctions, :math:`y_j = 1 - \prod_k (1 - m_{jk}\, c_k)`.

    Args:
        num_inputs: conjunctions ``K``.
        num_outputs: disjunctions ``J``.

    Shapes: [..., K] to [..., J].

    Example:
        >>> layer = FuzzyOr(2, 1)
        >>> with torch.no_grad():
        ...     _ = layer.mask.fill_(9.0)
        >>> layer(torch.tensor([[0.0, 1.0], [0.0, 0.0]])).round().flatten().tolist()
        [1.0, 0.0]

    Reference: Reimann and Schwung, "Neural logic rule layers" (2019).
    """

    def __init__(self, num_inputs: int, num_outputs: int) -> None:
        super().__init__()
        self.mask = nn.Parameter(0.5 * torch.randn(num_outputs, num_inputs))

    def forward(self, truth: Tensor) -> Tensor:
        """See the class."""
        return 1 - (1 - torch.sigmoid(self.mask) * truth[..., None, :]).prod(-1)

    def chosen(self) -> list[list[int]]:
        """For each disjunction: the conjunctions that it is made of."""
        return [[place for place, on in enumerate(row) if on] for row in (self.mask.detach() > 0).tolist()]
