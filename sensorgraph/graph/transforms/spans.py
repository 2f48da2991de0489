"""Stretches of samples in series that lie one after the other.

Why: most of what a transform changes is a small part of a long row of samples. Listing that part costs what it holds,
while a mask over everything costs as much as the row.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data.storage import NodeStorage


@dataclass(frozen=True)
class Runs:
    """Samples that are neighbours and lie in the same bin of the same stream.

    Attributes:
        begin: [R] int64, place of the first sample.
        count: [R] int64, samples (at least 1).
        stream: [R] int64.
        bin: [R] int64, -1 outside the scene.
    """

    begin: Tensor
    count: Tensor
    stream: Tensor
    bin: Tensor


def begins_of(length: Tensor) -> Tensor:
    """Where each stream begins: [N] int64.

    Example:
        >>> begins_of(torch.tensor([3, 0, 2])).tolist()
        [0, 3, 3]
    """
    return length.cumsum(0) - length


def samples_in(begin: Tensor, count: Tensor) -> Tensor:
    """Places of all samples of some stretches, [sum count] int64.

    Example:
        >>> samples_in(torch.tensor([4, 0]), torch.tensor([2, 3])).tolist()
        [4, 5, 0, 1, 2]
    """
    total = int(count.sum())
    shift = torch.repeat_interleave(begin - begins_of(count), count, output_size=total)
    return shift + torch.arange(total, device=begin.device)


def runs_of(store: NodeStorage) -> Runs:
    """The runs of all streams of a modality, in order."""
    bins, length = store["bin"], store["length"]
    starts = torch.ones_like(bins, dtype=torch.bool)
    torch.ne(bins[1:], bins[:-1], out=starts[1:])
    begins = begins_of(length)
    starts[begins[length > 0]] = True
    begin = starts.nonzero().squeeze(1)
    count = torch.diff(begin, append=begin.new_tensor([len(bins)]))
    stream = torch.searchsorted(begins + length, begin, right=True)
    return Runs(begin, count, stream, bins[begin].long())


def per_sample(per_stream: Tensor, store: NodeStorage) -> Tensor:
    """One number per stream ([N, ...]) repeated for each of its samples ([sum T, ...]).

    Example:
        >>> store = NodeStorage(value=torch.zeros(3), length=torch.tensor([1, 2]))
        >>> per_sample(torch.tensor([5, 7]), store).tolist()
        [5, 7, 7]
    """
    dim = None if per_stream.dim() == 1 else 0  # without a dimension torch takes the fast way
    return torch.repeat_interleave(per_stream, store["length"], dim=dim, output_size=len(store["value"]))


def hide(store: NodeStorage, sample: Tensor) -> None:
    """Make samples missing: not valid, and 0, as a graph has them that was built so. New tensors; the old ones stay."""
    store["value"] = store["value"].index_fill(0, sample, 0)
    store["valid"] = store["valid"].index_fill(0, sample, False)
