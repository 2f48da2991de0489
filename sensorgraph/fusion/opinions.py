"""A meeting in which every modality has an opinion of its own, and opinions are averaged."""

from __future__ import annotations

import torch
from torch import nn

from sensorgraph.fusion.meeting import Meeting, Told
from sensorgraph.fusion.voices import Voices
from sensorgraph.graph.schema import NODE_TYPES


class Opinions(Meeting):
    r"""Mean of what each present modality makes of its own voice.

    .. math:: t = \frac{\sum_m p_m\, \mathrm{MLP}(v_m + e_m)}{\sum_m p_m}

    One network serves all modalities; the learned :math:`e_m` tells it which one speaks.

    Args:
        dim: token width.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.modality = nn.Parameter(torch.randn(len(NODE_TYPES), 1, dim) * 0.1)
        self.opinion = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim))

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        present = voices.present[..., None].to(voices.value.dtype)
        share = present / present.sum(1, keepdim=True).clamp(min=1)
        return Told((self.opinion(voices.value + self.modality) * share).sum(1, keepdim=True), share)
