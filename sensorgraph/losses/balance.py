"""Binary cross entropy between classes of very different size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from sensorgraph.errors import ConfigError


def check_balance(place: str, balance: float) -> float:
    """``balance`` itself, if it lies in 0..1.

    Raises:
        ConfigError: it does not.
    """
    if not 0 <= balance <= 1:
        raise ConfigError(f"{place}.balance: must lie between 0 (none) and 1 (full) (got {balance})")
    return float(balance)


def balanced_bce(logits: Tensor, target: Tensor, balance: float) -> Tensor:
    r"""Weighted mean of the binary cross entropy; rare truths weigh more.

    With :math:`\pi_c` the share of class c among the given elements, an element of class c weighs
    :math:`w_c = \pi_c^{-b}`, and

    .. math:: \mathcal{L} = \frac{\sum_m w_{y_m} \, \mathrm{BCE}(x_m, y_m)}{\sum_m w_{y_m}}

    ``b = 0`` is the plain mean, with calibrated probabilities; ``b = 1`` gives both classes half of the loss, so that a
    probability of .5 means "equally likely before the base rate is known". Between them a rare class is heard without
    flooding the answers with false alarms.

    Shapes: ``logits`` [M] float32, ``target`` [M] float32 in 0..1; returns a scalar, a connected zero for M = 0.
    """
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    if balance == 0 or not loss.numel():
        return loss.sum() / max(loss.numel(), 1)
    positive = target > 0.5
    share = positive.float().mean()
    weight = torch.where(positive, share, 1 - share) ** -balance
    return (weight * loss).sum() / weight.sum()
