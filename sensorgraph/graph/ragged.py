"""Raw series of many streams in one tensor, without padding 50 Hz to the length of 2 kHz."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data.storage import NodeStorage


@dataclass(frozen=True)
class Ragged:
    """The samples of ``N`` streams, one after the other.

    Attributes:
        value: [sum T, ...] samples of all streams, concatenated in stream order (sensors and audio: [sum T] float32;
            pictures: [sum T, C, H, W] float32 in [0, 1]; text: [sum T] int64 token ids).
        length: [N] int64, samples per stream (0 is allowed).
        bin: [sum T] int64, the bin of each sample, -1 where it lies in none.
        valid: [sum T] bool, False where a sample is missing (its value is 0 then, and must not be looked at).
        time_s: [sum T] float32, true time of each sample on the scene's clock (s).
        rate_hz: [N] float32, nominal rate per stream (Hz).
        num_bins: number of bins ``L`` of the scene.

    Example:
        >>> flags = torch.ones(3, dtype=torch.bool)
        >>> streams = Ragged(torch.tensor([1.0, 2, 3]), torch.tensor([1, 2]), torch.zeros(3, dtype=torch.int64), flags,
        ...                  torch.zeros(3), torch.tensor([1.0, 2.0]), num_bins=1)
        >>> streams.dense().value.tolist(), streams.select(torch.tensor([1])).value.tolist()
        ([[1.0, 0.0], [2.0, 3.0]], [2.0, 3.0])
    """

    value: Tensor
    length: Tensor
    bin: Tensor
    valid: Tensor
    time_s: Tensor
    rate_hz: Tensor
    num_bins: int

    @property
    def num_streams(self) -> int:
        return int(self.length.numel())

    @classmethod
    def of_store(cls, store: NodeStorage) -> Ragged:
        """The streams of one modality of a graph or of a batch of graphs (see `sensorgraph.graph.build`)."""
        return cls(
            store["value"],
            store["length"],
            store["bin"].long(),
            store["valid"],
            store["time_s"],
            store["rate_hz"],
            store["summary"].shape[1],
        )

    def offset(self) -> Tensor:
        """Where each stream begins, and the end: [N + 1] int64."""
        return torch.cat([self.length.new_zeros(1), self.length.cumsum(0)])

    def stream_of_sample(self) -> Tensor:
        """The stream number of each sample: [sum T] int64."""
        return torch.repeat_interleave(torch.arange(self.num_streams, device=self.length.device), self.length)

    def select(self, streams: Tensor) -> Ragged:
        """The streams of the given numbers ([n] int64), in that order."""
        length, chosen = self.length.tolist(), streams.tolist()

        def pick(flat: Tensor) -> Tensor:
            # Copying whole streams is several times faster than gathering samples one by one.
            pieces = flat.split(length)
            return torch.cat([pieces[i] for i in chosen]) if chosen else flat[:0]

        return Ragged(
            pick(self.value),
            self.length[streams],
            pick(self.bin),
            pick(self.valid),
            pick(self.time_s),
            self.rate_hz[streams],
            self.num_bins,
        )

    def dense(self) -> Dense:
        """Padded at the end to the longest of *these* streams (select streams of like rate first)."""
        longest = int(self.length.max()) if self.num_streams else 0
        stream = self.stream_of_sample()
        place = torch.arange(self.value.shape[0], device=stream.device) - self.offset()[stream]

        def spread(flat: Tensor, fill: float) -> Tensor:
            out = flat.new_full((self.num_streams, longest, *flat.shape[1:]), fill)
            out[stream, place] = flat
            return out

        return Dense(spread(self.value, 0), spread(self.bin, -1), spread(self.valid, False), spread(self.time_s, 0.0))


@dataclass(frozen=True)
class Dense:
    """Padded form of `Ragged`: ``value`` [N, T, ...], ``bin`` [N, T] (-1 in the padding), ``valid`` [N, T],
    ``time_s`` [N, T]."""

    value: Tensor
    bin: Tensor
    valid: Tensor
    time_s: Tensor
