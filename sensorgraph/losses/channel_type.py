"""What a channel of words is: one value, half a value, or packed bits."""

from __future__ import annotations

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.losses.balance import check_balance
from sensorgraph.losses.shapes import same_shape


@final
class ChannelTypeLoss(nn.Module):
    r"""Cross entropy over the channel types; channels of unknown type count nothing.

    With :math:`\pi_c` the share of type c in the batch and :math:`w_c = \pi_c^{-b}`:

    .. math:: \mathcal{L} = -\frac{\sum_n w_{y_n} \log \operatorname{softmax}(x_n)_{y_n}}{\sum_n w_{y_n}}

    Args:
        balance: b, from 0 (plain mean) to 1 (every type that occurs weighs the same).
        label_smoothing: share of the truth that is spread over all types, 0 <= . < 1; labels of real recordings err.

    Raises:
        ConfigError: an argument is out of its range.

    Example:
        >>> import torch
        >>> round(ChannelTypeLoss()(torch.zeros(4, 3), torch.tensor([0, 1, 2, -1])).item(), 4)  # log 3
        1.0986

    Reference:
        Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016 (label smoothing).
    """

    def __init__(self, balance: float = 0.5, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.balance = check_balance("channel_type", balance)
        if not 0 <= label_smoothing < 1:
            raise ConfigError(f"channel_type.label_smoothing: must be at least 0, below 1 (got {label_smoothing})")
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, channel_type: Tensor) -> Tensor:
        """Loss of the channels of known type; a connected zero where there are none.

        Shapes: ``logits`` [N, C]; ``channel_type`` [N] int64, -1 where unknown; returns a scalar.

        Raises:
            DataError: the shapes do not fit.
        """
        same_shape("losses.channel_type", channel_type=channel_type, channels=logits[:, 0])
        known = channel_type >= 0
        chosen, truth = logits[known].float(), channel_type[known]
        if not truth.numel():
            return chosen.sum()
        loss = F.cross_entropy(chosen, truth, reduction="none", label_smoothing=self.label_smoothing)
        share = torch.bincount(truth, minlength=logits.shape[1])[truth] / truth.numel()
        weight = share**-self.balance
        return (weight * loss).sum() / weight.sum()
