"""One stretch of each stream, at a drawn place, which at a higher level contains that of a lower one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.transforms.draw import uniform
from sensorgraph.graph.transforms.spans import begins_of, samples_in


@dataclass(frozen=True)
class Stretch:
    """Where the stretches of all streams lie.

    Attributes:
        first: [n] int64, place of the first sample of each.
        count: [n] int64, samples.
        sample: [sum count] int64, places of all samples.
    """

    first: Tensor
    count: Tensor
    sample: Tensor


def stretch_of(store: NodeStorage, share: float, generator: torch.Generator) -> Stretch:
    """A stretch of ``share`` of the samples of every stream that is not made of words.

    With luck ``u``, it runs from ``u (1 - share)`` to ``u + share (1 - u)``, as shares of the stream.

    Example:
        >>> store = NodeStorage(value=torch.zeros(10), length=torch.tensor([10]), is_word=torch.tensor([False]))
        >>> short, long = (stretch_of(store, share, torch.Generator().manual_seed(0)) for share in (0.2, 0.5))
        >>> short.sample.tolist(), long.sample.tolist()
        ([3, 4], [2, 3, 4, 5, 6])
    """
    length = store["length"]
    luck = uniform(len(length), like=length, generator=generator).double()
    count = torch.where(store["is_word"], 0, (length * share + 0.5).floor().long())
    first = begins_of(length) + (luck * (length - count)).floor().long()
    return Stretch(first, count, samples_in(first, count))
