"""Steps of all streams in one row, with a gap behind each stream.

Why: padding every stream to the longest wastes most of the work as soon as rates differ. In one row nothing is padded,
and a gap as wide as a network's reach keeps neighbours apart: it stays 0, exactly what a stream sees at its own ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sensorgraph.errors import DataError
from sensorgraph.graph.ragged import Ragged


@dataclass(frozen=True)
class Row:
    """Where steps lie. A cell is one bin of one stream; cell number ``n * num_bins + l`` is bin ``l`` of stream ``n``.

    Attributes:
        cell: [R] int64, cell of each step, -1 in gaps. Steps of a cell are neighbours.
        count: [N * L] int64, steps per cell.
        first: [N * L] int64, place of the first step of each cell.
        num_streams: ``N``.
        num_bins: ``L``.
    """

    cell: Tensor
    count: Tensor
    first: Tensor
    num_streams: int
    num_bins: int

    @classmethod
    def lay_out(cls, count: Tensor, num_bins: int, gap: int) -> Row:
        """A row of ``count[i]`` steps for cell ``i``, with ``gap`` empty steps behind each stream."""
        num_streams = len(count) // num_bins
        cells = torch.arange(len(count), device=count.device).view(num_streams, num_bins)
        behind = cells.new_full((num_streams, 1), -1)
        sizes = torch.cat([count.view(num_streams, num_bins), torch.full_like(behind, gap)], dim=1)
        begins = (sizes.flatten().cumsum(0) - sizes.flatten()).view(num_streams, num_bins + 1)
        cell = torch.repeat_interleave(torch.cat([cells, behind], dim=1).flatten(), sizes.flatten())
        return cls(cell, count, begins[:, :num_bins].flatten(), num_streams, num_bins)

    def inside(self) -> Tensor:
        """1 at steps, 0 in gaps: [R, 1] float32."""
        return (self.cell >= 0).to(torch.float32)[:, None]

    def rank(self) -> Tensor:
        """Number of each step within its cell, 0 in gaps: [R] int64."""
        place = torch.arange(len(self.cell), device=self.cell.device)
        return torch.where(self.cell >= 0, place - self.first[self.cell], 0)

    def stream(self) -> Tensor:
        """Stream of each step, 0 in gaps: [R] int64."""
        return self.cell.clamp(min=0) // self.num_bins


@dataclass(frozen=True)
class Patches:
    """Samples cut into patches that never straddle two bins; each patch is one step of a row.

    A bin without samples keeps one empty patch, so that the steps on both sides of a gap are not neighbours.

    Attributes:
        row: the steps.
        slot: [kept] int64, place of each kept sample among the ``R * size`` slots.
        kept: [kept] int64 numbers of the samples that lie in a bin; None where all do.
        size: slots per patch.
    """

    row: Row
    slot: Tensor
    kept: Tensor | None
    size: int

    def spread(self, samples: Tensor) -> Tensor:
        """One value per sample ([sum T, ...]) to its slot ([R, size, ...]); empty slots are 0."""
        out = samples.new_zeros(len(self.row.cell) * self.size, *samples.shape[1:])
        out.index_copy_(0, self.slot, samples if self.kept is None else samples[self.kept])
        return out.view(-1, self.size, *samples.shape[1:])


@dataclass(frozen=True)
class Steps:
    """Features of the steps of a row.

    Attributes:
        value: [R, H], 0 in gaps.
        used: [R] bool, True where a step holds something valid.
        row: where the steps lie.
    """

    value: Tensor
    used: Tensor
    row: Row

    def with_value(self, value: Tensor) -> Steps:
        return replace(self, value=value)

    def used_cell(self) -> Tensor:
        """Cell of each used step, -1 at the others: [R] int64."""
        return self.row.cell.masked_fill(~self.used, -1)


def cell_of_sample(streams: Ragged) -> Tensor:
    """Cell of each sample, -1 where it is missing or lies in no bin: [sum T] int64."""
    cell = streams.stream_of_sample() * streams.num_bins + streams.bin
    return cell.masked_fill(~streams.valid | (streams.bin < 0), -1)


def bins_with_samples(streams: Ragged) -> Tensor:
    """Which bins hold a valid sample: [N, L] bool."""
    found = torch.zeros(streams.num_streams * streams.num_bins + 1, dtype=torch.bool, device=streams.bin.device)
    found[cell_of_sample(streams)] = True  # -1 is the extra place at the end
    return found[:-1].view(streams.num_streams, streams.num_bins)


def patchify(streams: Ragged, size: int, gap: int) -> Patches:
    """Cut every bin of every stream into patches of ``size`` samples; the last one of a bin may be part empty.

    Args:
        streams: samples in time order.
        size: samples per patch.
        gap: empty steps behind each stream: how far a network looks to either side.

    Raises:
        DataError: a stream's samples are not in time order.

    Example:
        >>> streams = Ragged(torch.arange(1.0, 6.0), torch.tensor([5]), torch.tensor([0, 0, 0, 1, 1]),
        ...                  torch.ones(5, dtype=torch.bool), torch.arange(5.0), torch.tensor([1.0]), num_bins=2)
        >>> patches = patchify(streams, size=2, gap=1)
        >>> patches.row.cell.tolist(), patches.spread(streams.value).tolist()
        ([0, 0, 1, -1], [[1.0, 2.0], [3.0, 0.0], [4.0, 5.0], [0.0, 0.0]])
    """
    num_cells, device = streams.num_streams * streams.num_bins, streams.bin.device
    cell, kept = streams.stream_of_sample() * streams.num_bins + streams.bin, None
    if not bool((streams.bin >= 0).all()):
        kept = (streams.bin >= 0).nonzero().squeeze(1)
        cell = cell[kept]
    if bool((cell[1:] < cell[:-1]).any()):
        raise DataError("encoders: samples of a stream are not in time order; sort them by time (got bins that fall)")
    edge = torch.searchsorted(cell, torch.arange(num_cells + 1, device=device))
    num_samples = edge.diff()
    row = Row.lay_out(((num_samples + size - 1) // size).clamp(min=1), streams.num_bins, gap)
    # Samples of a cell are neighbours before and after, so all of them move by the same distance.
    slot = torch.arange(len(cell), device=device)
    slot += torch.repeat_interleave(row.first * size - edge[:-1], num_samples)
    return Patches(row, slot, kept, size)
