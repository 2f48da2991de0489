"""A meeting in which all voices are laid side by side and projected together."""

from __future__ import annotations

import torch
from torch import nn

from sensorgraph.fusion.meeting import Meeting, Told
from sensorgraph.fusion.voices import Voices
from sensorgraph.graph.schema import NODE_TYPES


class Joined(Meeting):
    r"""Concatenation and a small network.

    .. math:: t = \mathrm{MLP}([p_1 v_1, p_1, \ldots, p_M v_M, p_M])

    The flag :math:`p_m` beside each voice is what makes absent differ from zero: its weights are the learned
    embedding of a modality that is there, and without them of one that is missing.

    Args:
        dim: token width.
        dropout: share of activations dropped in training.
    """

    def __init__(self, dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(len(NODE_TYPES) * (dim + 1), 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim)
        )

    def forward(self, voices: Voices) -> Told:
        """Shapes: see `Meeting.forward`."""
        flag = voices.present[..., None].to(voices.value.dtype)
        side_by_side = torch.cat([voices.value, flag], dim=-1).transpose(1, 2).flatten(2)
        return Told(self.project(side_by_side)[:, None])
