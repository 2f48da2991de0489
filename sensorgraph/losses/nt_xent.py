"""Contrast between augmented views of stream windows."""

from __future__ import annotations

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.losses.means import connected_zero
from sensorgraph.losses.shapes import same_shape

# Vectors shorter than this are not stretched to unit length: the gradient of a dead encoder stays below 1e4.
SHORTEST = 1e-4


@final
class NTXent(nn.Module):
    r"""Normalised, temperature-scaled cross entropy between two views of the same windows.

    Encoders are pre-trained without labels: two augmentations of one window must be recognised among windows of
    *other* streams. Windows of the same stream are neither positive nor negative, because a machine in a steady state
    looks the same in both, and pushing them apart would teach the encoder noise.

    With :math:`z` the 2B unit vectors, :math:`z_{i'}` the other view of :math:`z_i`, and :math:`g` the groups:

    .. math:: \mathcal{L} = -\frac{1}{2B} \sum_{i=1}^{2B} \log
        \frac{\exp(z_i \cdot z_{i'} / \tau)}
             {\exp(z_i \cdot z_{i'} / \tau) + \sum_{j : g_j \neq g_i} \exp(z_i \cdot z_j / \tau)}

    Args:
        temperature: :math:`\tau`, greater than 0.
        max_negatives: above this number of vectors, negatives are a random draw of so many (memory grows with
            2B x ``max_negatives``).

    Raises:
        ConfigError: an argument is not positive.

    Example:
        >>> import torch
        >>> views = torch.eye(4)
        >>> round(NTXent(temperature=0.1)(views, views).item(), 5)  # log(1 + 6 exp(-10))
        0.00027

    Reference:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", 2020.
    """

    def __init__(self, temperature: float = 0.1, max_negatives: int = 4096) -> None:
        super().__init__()
        if not temperature > 0:
            raise ConfigError(f"nt_xent.temperature: must be greater than 0 (got {temperature})")
        if max_negatives < 1:
            raise ConfigError(f"nt_xent.max_negatives: must be at least 1 (got {max_negatives})")
        self.temperature = temperature
        self.max_negatives = max_negatives

    def forward(self, first: Tensor, second: Tensor, group: Tensor | None = None) -> Tensor:
        """Loss of B windows in two views; 0 where no window has a negative (B = 1).

        Args:
            first, second: vectors of the two views.
            group: number of the stream each window was cut from; None means that all windows are of different streams.

        Shapes: ``first``, ``second`` [B, D]; ``group`` [B] int64; returns a scalar.

        Raises:
            DataError: the shapes differ.
        """
        same_shape("losses.nt_xent", first=first, second=second)
        num_windows = first.shape[0]
        if num_windows == 0:
            return connected_zero(first, second)
        if group is None:
            group = torch.arange(num_windows, device=first.device)
        same_shape("losses.nt_xent", group=group, window=first[:, 0])
        # bfloat16 keeps 3 digits of a cosine, and a temperature of .1 multiplies the error by ten.
        with torch.autocast(first.device.type, enabled=False):
            unit = F.normalize(torch.cat([first, second]).float(), dim=-1, eps=SHORTEST)
            group = torch.cat([group, group])
            positive = (unit[:num_windows] * unit[num_windows:]).sum(-1).repeat(2) / self.temperature
            column = self._columns(2 * num_windows, unit.device)
            logits = unit @ unit[column].T / self.temperature
            logits = logits.masked_fill(group[:, None] == group[column], -torch.inf)
            total = torch.logsumexp(torch.cat([positive[:, None], logits], dim=1), dim=1)
            return (total - positive).mean()

    def _columns(self, count: int, device: torch.device) -> Tensor:
        if count <= self.max_negatives:
            return torch.arange(count, device=device)
        return torch.randperm(count, device=device)[: self.max_negatives]
