"""Another gain for physical values and sound."""

from __future__ import annotations

import math

from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, uniform


class Scale(BaseTransform):
    r"""Multiplies each stream by one factor :math:`e^{u}`, :math:`u \sim U(-\log m, \log m)`.

    Up and down are equally likely, and so are twice and half. Raw words stay as they are.

    Args:
        max_factor: largest factor ``m``; the smallest is its reciprocal.
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, max_factor: float = 1.25, generator: Generator = None) -> None:
        if not max_factor >= 1:
            raise ConfigError(f"scale.max_factor: must be 1 or more (got {max_factor})")
        self.max_factor = max_factor
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of sensors and microphones."""
        most = math.log(self.max_factor)
        for modality in ("sensor", "audio"):
            store = data[modality]
            exponent = uniform(
                len(store["length"]), like=store["value"], generator=self.generator, low=-most, high=most
            )
            factor = exponent.exp().masked_fill(store["is_word"], 1)
            scaled = store["value"].clone()
            for part, gain in zip(scaled.split(store["length"].tolist()), factor.tolist(), strict=True):
                if gain != 1:
                    part.mul_(gain)
            store["value"] = scaled
        return data
