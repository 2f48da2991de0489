"""The same course at an uneven pace."""

from __future__ import annotations

import math

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform
from sensorgraph.graph.transforms.spans import begins_of, per_sample


class TimeWarp(BaseTransform):
    r"""Runs through each stream faster here and slower there.

    With :math:`p \in [0, 1]` the place in the stream, the sample shown at :math:`p` is that of

    .. math:: p + \frac{s\,u}{2 \pi} \sin(2 \pi p), \quad u \sim U(-1, 1),

    so the pace lies between :math:`1 - s` and :math:`1 + s`, both ends stay, and order is kept. The nearest sample is
    shown, not a mean of two, so that words stay words. Time stamps and bins stay; samples and their validity move.

    Args:
        strength: largest change of pace ``s``, from 0 to below 1.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, strength: float = 0.2, generator: Generator = None) -> None:
        if not 0 <= strength < 1:
            raise ConfigError(f"time_warp.strength: must be at least 0 and below 1 (got {strength})")
        self.strength = strength
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` and ``valid`` of sensors and microphones."""
        most = self.strength / (2 * math.pi)
        for modality in ("sensor", "audio"):
            store = data[modality]
            length = store["length"]
            luck = uniform(len(length), like=store["value"], generator=self.generator, low=-most, high=most)
            place = torch.arange(len(store["value"]), device=length.device) - per_sample(begins_of(length), store)
            last = per_sample((length - 1).clamp(min=1), store).to(luck.dtype)
            shift = last * per_sample(luck, store) * torch.sin(place * (2 * math.pi) / last)
            source = torch.arange(len(place), device=length.device) + shift.round().long()
            store["value"], store["valid"] = store["value"][source], store["valid"][source]
        return data
