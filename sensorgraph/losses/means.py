"""Means that stay connected to the graph when there is nothing to average.

A batch without a single pair is ordinary. Its pair loss must be 0, not NaN, and it must still reach the parameters:
under distributed training a parameter without a gradient on one rank stalls all the others.
"""

from __future__ import annotations

import torch
from torch import Tensor


def connected_zero(*tensors: Tensor) -> Tensor:
    """A zero whose gradient with respect to every given tensor is exactly 0, whatever the tensors hold.

    The sum of an empty slice is used; ``0 * tensor.sum()`` would be NaN for infinite values.

    Example:
        >>> import torch
        >>> weight = torch.tensor([torch.inf, 1.0], requires_grad=True)
        >>> zero = connected_zero(weight)
        >>> zero.backward()
        >>> zero.item(), weight.grad.tolist()
        (0.0, [0.0, 0.0])
    """
    return torch.stack([tensor.reshape(-1)[:0].float().sum() for tensor in tensors]).sum()


def mean_or_zero(values: Tensor) -> Tensor:
    """Mean of the values, or a connected zero where there are none.

    Shapes: ``values`` [M]; returns a scalar.
    """
    return values.sum() / max(values.numel(), 1)


def mean_of_groups(values: Tensor, group: Tensor, num_groups: int) -> Tensor:
    r"""Mean over groups of the mean within each group, so that a group counts once, however many values it has.

    .. math:: \frac{1}{|G|} \sum_{g \in G} \frac{1}{|V_g|} \sum_{v \in V_g} v
        \qquad G = \{g : V_g \neq \emptyset\}

    Shapes: ``values`` [M], ``group`` [M] int64 in ``0..num_groups-1``; returns a scalar.

    Example:
        >>> import torch
        >>> mean_of_groups(torch.tensor([1.0, 1.0, 1.0, 3.0]), torch.tensor([0, 0, 0, 2]), 3).item()
        2.0
    """
    count = torch.bincount(group, minlength=num_groups)
    weight = 1.0 / (count[group] * (count > 0).sum()).to(values.dtype)
    return (values * weight).sum()
