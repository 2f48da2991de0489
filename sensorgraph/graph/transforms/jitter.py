"""Noise on physical values and sound."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, normal, uniform
from sensorgraph.graph.transforms.spans import per_sample

_STRIP = 1 << 16


class Jitter(BaseTransform):
    r"""Adds white noise, :math:`x_t + \epsilon_t, \epsilon_t \sim N(0, (s \cdot \mathrm{rms}(x))^2)`.

    The noise is measured by each stream's own root mean square, because a microphone's values are a hundredth of a
    normalised sensor's. Raw words stay: their noise is a wrong bit, see `BitFlip`.

    Drawing a million normal numbers costs more than everything else in a view, so one strip of 65536 is drawn and laid
    out again and again, from a random place; within a stream it does not repeat below that length.

    Args:
        share: standard deviation of the noise, as a share ``s`` of the stream's root mean square.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, share: float = 0.05, generator: Generator = None) -> None:
        if not share >= 0:
            raise ConfigError(f"jitter.share: must be 0 or more (got {share})")
        self.share = share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of sensors and microphones."""
        for modality in ("sensor", "audio"):
            store = data[modality]
            value, valid, length = store["value"], store["valid"], store["length"]
            if not len(value):
                continue
            missing = (~valid).nonzero().squeeze(1)
            owner = torch.searchsorted(length.cumsum(0), missing, right=True)
            known = (length - torch.bincount(owner, minlength=len(length))).clamp(min=1)
            power = torch.segment_reduce(value.square(), "sum", lengths=length) / known
            spread = (self.share * power.sqrt()).masked_fill(store["is_word"], 0)
            strip = normal(min(_STRIP, len(value)), like=value, generator=self.generator)
            strip = strip.roll(int(uniform(1, like=length, generator=self.generator) * len(strip)))
            noise = strip.repeat(-(-len(value) // len(strip)))[: len(value)]
            store["value"] = torch.addcmul(value, noise, per_sample(spread, store)).index_fill(0, missing, 0)
        return data
