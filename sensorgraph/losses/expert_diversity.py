"""Keeps the experts of a mixture alive and different."""

from __future__ import annotations

import math
from typing import final

from torch import Tensor, nn

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.losses.means import connected_zero
from sensorgraph.losses.shapes import spread

# Below this a probability is treated as 0: p log p is 0 there, but the gradient of its logarithm is not finite.
SMALLEST = 1e-8


@final
class ExpertDiversity(nn.Module):
    r"""Load balance and diversity of gate probabilities, both in 0..1, 0 being best.

    A gate that sends everything to one expert starves the others; a gate that sends everything to all equally makes
    them copies of each other. With :math:`\bar p` the mean gate, H the entropy and K experts:

    .. math:: \mathcal{L} = w_{load} \Bigl(1 - \frac{H(\bar p)}{\log K}\Bigr)
        + w_{diversity} \Bigl(1 - \frac{H(\bar p) - \operatorname{mean}_m H(p_m)}{\log K}\Bigr)

    The second bracket holds the Jensen-Shannon divergence of the gates: how much the choice of expert depends on the
    stream.

    Args:
        load_weight: weight of the load balance, at least 0.
        diversity_weight: weight of the diversity, at least 0.

    Raises:
        ConfigError: a weight is negative.

    Example:
        >>> import torch
        >>> term = ExpertDiversity(load_weight=1.0, diversity_weight=1.0)
        >>> term(torch.eye(4)).item() < 1e-6  # each stream has an expert of its own
        True
        >>> round(term(torch.full((8, 4), 0.25)).item(), 4)  # balanced, but all the same
        1.0
        >>> round(term(torch.eye(4)[[0, 0, 0]]).item(), 4)  # one expert does everything
        2.0

    Reference:
        Shazeer et al., "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer", 2017;
        Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """

    def __init__(self, load_weight: float = 1.0, diversity_weight: float = 0.1) -> None:
        super().__init__()
        for name, value in {"load_weight": load_weight, "diversity_weight": diversity_weight}.items():
            if not value >= 0:
                raise ConfigError(f"expert_diversity.{name}: must be at least 0 (got {value})")
        self.load_weight = load_weight
        self.diversity_weight = diversity_weight

    def forward(self, gates: Tensor, mask: Tensor | None = None) -> Tensor:
        """Loss of the gates; a connected zero without gates, or with a single expert.

        Shapes: ``gates`` [..., K], probabilities that sum to 1; ``mask`` [...] bool, True where the gate was used, None
        for all; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        if gates.dim() < 2:
            raise DataError(f"losses.expert_diversity: gates must be [..., experts] (got {list(gates.shape)})")
        if mask is not None:
            gates = gates[spread("losses.expert_diversity", mask, gates[..., 0])]
        num_experts = gates.shape[-1]
        gates = gates.reshape(-1, num_experts).float()
        if not len(gates) or num_experts < 2:
            return connected_zero(gates)
        largest = math.log(num_experts)
        overall = _entropy(gates.mean(0)) / largest
        each = _entropy(gates).mean() / largest
        return self.load_weight * (1 - overall) + self.diversity_weight * (1 - overall + each)


def _entropy(probability: Tensor) -> Tensor:
    return -(probability * probability.clamp(min=SMALLEST).log()).sum(-1)
