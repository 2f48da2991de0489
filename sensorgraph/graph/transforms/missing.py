"""Missing samples of physical sensors, filled where somebody asks for it."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.spans import begins_of

FillMethod = Literal["linear", "forward", "flag"]
_METHODS: tuple[FillMethod, ...] = ("linear", "forward", "flag")


class FillMissing(BaseTransform):
    """Fills gaps in the samples of physical sensors.

    Nothing is filled unless this is asked for: a missing sample has ``valid`` False and ``value`` 0, and encoders do
    not look at it. What is filled becomes valid. Raw words are never filled, because a word that lies between two
    others need not mean anything between them. Summaries, which decoders reconstruct and residuals are made of, are
    those of measured samples and do not change.

    - ``linear``: on a straight line, by time stamp, between the neighbours on both sides. Looks ahead.
    - ``forward``: with the last valid value. Never looks ahead.
    - ``flag``: nothing; gaps stay flagged by ``valid``.

    A gap at the beginning of a stream has no left neighbour and stays; one at the end stays for ``linear``.

    Args:
        method: as above.
        max_gap_s: a sample is filled only if the gap that it lies in (``linear``) or the time since the last valid
            sample (``forward``) is at most this long (s).

    Example:
        >>> data = HeteroData()
        >>> data["sensor"].value, data["sensor"].valid = torch.tensor([1.0, 0, 3]), torch.tensor([True, False, True])
        >>> data["sensor"].time_s, data["sensor"].length = torch.arange(3.0), torch.tensor([3])
        >>> data["sensor"].is_word = torch.tensor([False])
        >>> FillMissing("linear")(data)["sensor"].value.tolist(), data["sensor"].value.tolist()
        ([1.0, 2.0, 3.0], [1.0, 0.0, 3.0])
    """

    def __init__(self, method: FillMethod = "flag", max_gap_s: float = float("inf")) -> None:
        problems = []
        if method not in _METHODS:
            problems.append(f"missing.method: no method '{method}'; known: {', '.join(_METHODS)}")
        if not max_gap_s > 0:
            problems.append(f"missing.max_gap_s: must be greater than 0 (got {max_gap_s})")
        if problems:
            raise ConfigError(problems)
        self.method = method
        self.max_gap_s = max_gap_s

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` and ``valid`` of sensors."""
        store = data["sensor"]
        value, valid, time_s, length = store["value"], store["valid"], store["time_s"], store["length"]
        if self.method == "flag":
            return data
        missing = (~valid).nonzero().squeeze(1)
        stream = torch.searchsorted(length.cumsum(0), missing, right=True)
        physical = ~store["is_word"][stream]
        missing, stream = missing[physical], stream[physical]
        begin = begins_of(length)[stream]
        held = valid.nonzero().squeeze(1)
        # Number of valid samples before each gap; the neighbours are that one and its successor.
        rank = torch.searchsorted(held, missing)
        left, has_left = _neighbour(held, rank - 1, begin, begin + length[stream])
        right, has_right = _neighbour(held, rank, begin, begin + length[stream])
        if self.method == "forward":
            filled = has_left & (time_s[missing] - time_s[left] <= self.max_gap_s)
            found = value[left]
        else:
            span_s = time_s[right] - time_s[left]
            filled = has_left & has_right & (span_s <= self.max_gap_s)
            share = (time_s[missing] - time_s[left]) / span_s.clamp(min=1e-12)
            found = torch.lerp(value[left], value[right], share.clamp(0, 1))
        store["value"] = value.index_put((missing[filled],), found[filled])
        store["valid"] = valid.index_fill(0, missing[filled], True)
        return data


def _neighbour(held: Tensor, rank: Tensor, begin: Tensor, end: Tensor) -> tuple[Tensor, Tensor]:
    """Place of the ``rank``-th valid sample, and whether there is one within the stream (else place 0)."""
    known = (rank >= 0) & (rank < len(held))
    place = torch.where(known, held[rank.clamp(0, max(len(held) - 1, 0))], 0) if len(held) else torch.zeros_like(rank)
    inside = known & (place >= begin) & (place < end)
    return torch.where(inside, place, 0), inside
