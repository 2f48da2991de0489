"""Contrastive predictive coding: the past of a stream must tell its next bins from others."""

from __future__ import annotations

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.losses.means import connected_zero, mean_or_zero
from sensorgraph.losses.nt_xent import SHORTEST
from sensorgraph.losses.shapes import spread


@final
class CPC(nn.Module):
    r"""Predicts the token ``k`` bins ahead from the past alone, and must recognise it among other tokens.

    Reconstruction spends capacity on noise; recognising the future needs only what lasts. A recurrent context
    :math:`c_{n,t}` reads the tokens of stream n up to bin t, and a linear map per step predicts
    :math:`\hat z_{n,t+k} = W_k c_{n,t}`. Distractors are the other bins of the stream (what happens *when*) and the
    same bin of other streams (what happens *where*):

    .. math:: \mathcal{L} = -\operatorname{mean}_{n,t,k} \log
        \frac{\exp(\cos(\hat z_{n,t+k}, z_{n,t+k}) / \tau)}
             {\sum_{(m,l) \in \{n\} \times L \,\cup\, N \times \{t+k\}} \exp(\cos(\hat z_{n,t+k}, z_{m,l}) / \tau)}

    A prediction counts where its target bin holds data and at least one earlier bin does.

    Args:
        dim: width ``D`` of the tokens.
        context_dim: width of the recurrent context.
        num_steps: how many bins ahead are predicted: 1 .. ``num_steps``.
        temperature: :math:`\tau`, greater than 0.
        max_streams: above this number of streams, the distractor streams are a random draw of so many.

    Raises:
        ConfigError: an argument is not positive.

    Example:
        >>> import torch
        >>> tokens = torch.randn(3, 8, 16)
        >>> loss = CPC(dim=16)(tokens, torch.ones(3, 8, dtype=torch.bool))
        >>> loss.shape, bool(loss > 0)
        (torch.Size([]), True)

    Reference:
        van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018.
    """

    def __init__(
        self, dim: int, context_dim: int = 64, num_steps: int = 3, temperature: float = 0.1, max_streams: int = 256
    ) -> None:
        super().__init__()
        for name, value in {
            "dim": dim,
            "context_dim": context_dim,
            "num_steps": num_steps,
            "temperature": temperature,
            "max_streams": max_streams,
        }.items():
            if not value > 0:
                raise ConfigError(f"cpc.{name}: must be greater than 0 (got {value})")
        self.temperature = temperature
        self.max_streams = max_streams
        # One more channel says whether the bin holds data: a gap is not a token of zeros.
        self.context = nn.GRU(dim + 1, context_dim, batch_first=True)
        self.predict = nn.ModuleList(nn.Linear(context_dim, dim) for _ in range(num_steps))

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Loss of N streams; a connected zero where nothing can be predicted (one bin, no data).

        Shapes: ``tokens`` [N, L, D]; ``mask`` [N, L] bool, True where the bin holds data; returns a scalar.

        Raises:
            DataError: tokens and mask differ in streams or bins.
        """
        mask = spread("losses.cpc", mask, tokens[..., 0])
        loss = connected_zero(tokens, *self.parameters())
        if tokens.shape[0] == 0 or tokens.shape[1] < 2:
            return loss
        with torch.autocast(tokens.device.type, enabled=False):
            tokens = torch.where(mask[..., None], tokens.float(), 0)
            context, _ = self.context(torch.cat([tokens, mask[..., None].float()], dim=-1))
            unit = F.normalize(tokens, dim=-1, eps=SHORTEST)
            steps = [self._step(ahead, context, unit, mask) for ahead in range(1, len(self.predict) + 1)]
            return loss + mean_or_zero(torch.cat(steps))

    def _step(self, ahead: int, context: Tensor, unit: Tensor, mask: Tensor) -> Tensor:
        """Losses of all predictions ``ahead`` bins into the future, [number of predictions]."""
        num_streams, num_bins, _ = unit.shape
        if ahead >= num_bins:
            return unit.new_zeros(0)
        guess = F.normalize(self.predict[ahead - 1](context[:, :-ahead]), dim=-1, eps=SHORTEST)
        target_bin = torch.arange(ahead, num_bins, device=unit.device)
        positive = (guess * unit[:, ahead:]).sum(-1, keepdim=True)

        in_stream = torch.einsum("ntd,nld->ntl", guess, unit)
        itself = target_bin[:, None] == torch.arange(num_bins, device=unit.device)
        in_stream = in_stream.masked_fill(itself | ~mask[:, None, :], -torch.inf)

        column = torch.arange(num_streams, device=unit.device)
        if num_streams > self.max_streams:
            column = torch.randperm(num_streams, device=unit.device)[: self.max_streams]
        in_others = torch.einsum("ntd,mtd->ntm", guess, unit[column, ahead:])
        itself = torch.arange(num_streams, device=unit.device)[:, None, None] == column
        in_others = in_others.masked_fill(itself | ~mask[column, ahead:].T[None], -torch.inf)

        logits = torch.cat([positive, in_stream, in_others], dim=-1) / self.temperature
        loss = torch.logsumexp(logits, dim=-1) - logits[..., 0]
        has_past = mask.cumsum(1)[:, :-ahead] > 0
        return loss[mask[:, ahead:] & has_past]
