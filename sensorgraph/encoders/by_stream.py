"""Sends every stream to the encoder of its rate, and raw words to the encoder of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder, check_encoded
from sensorgraph.errors import ConfigError
from sensorgraph.graph.ragged import Ragged


class ByStreamEncoder(Encoder):
    """Dispatch by rate.

    It is not itself a kind of the table: a run file lists its entries, and the program builds it around them.

    Args:
        entries: ``(min_rate_hz, max_rate_hz, encoder)``, both ends included; the first that covers a rate takes it.
        word_encoder: takes the streams of raw words, whatever their rate (itself a `ByStreamEncoder` if need be).

    Raises:
        ConfigError: the encoders' widths differ, an entry is upside down, or (in `forward`) no entry covers a stream.

    Example:
        >>> from sensorgraph.encoders.tcn import TCNEncoder
        >>> from sensorgraph.encoders.transformer1d import Transformer1dEncoder
        >>> encoder = ByStreamEncoder([(0, 99, Transformer1dEncoder(dim=8)), (100, 1e5, TCNEncoder(dim=8))])
        >>> encoder.dim
        8
    """

    def __init__(self, entries: Sequence[tuple[float, float, Encoder]], word_encoder: Encoder | None = None) -> None:
        encoders = [encoder for _, _, encoder in entries] + ([] if word_encoder is None else [word_encoder])
        _check(entries, encoders)
        super().__init__(encoders[0].dim)
        self.ranges_hz = [(float(low), float(high)) for low, high, _ in entries]
        self.by_rate = nn.ModuleList(encoder for _, _, encoder in entries)
        self.word_encoder = word_encoder

    def forward(self, streams: Ragged, is_word: Tensor | None = None) -> Encoded:
        """Encode.

        Args:
            streams: sensors of any rates.
            is_word: [N] bool, True for streams of raw words; None where there are none.
        """
        route = self._route(streams.rate_hz, is_word)
        tokens = streams.rate_hz.new_zeros(streams.num_streams, streams.num_bins, self.dim)
        vectors = streams.rate_hz.new_zeros(streams.num_streams, self.dim)
        mask = torch.zeros(streams.num_streams, streams.num_bins, dtype=torch.bool, device=tokens.device)
        for number in sorted(set(route.tolist())):
            chosen = (route == number).nonzero().squeeze(1)
            part = streams if len(chosen) == streams.num_streams else streams.select(chosen)
            encoder = self.word_encoder if number == len(self.by_rate) else self.by_rate[number]
            encoded: Encoded = cast(Encoder, encoder)(part)
            place = "encoders.word" if number == len(self.by_rate) else f"encoders.sensor.{number}"
            check_encoded(encoded, cast(Encoder, encoder), part.num_streams, part.num_bins, place)
            tokens = tokens.index_copy(0, chosen, encoded.tokens)
            vectors = vectors.index_copy(0, chosen, encoded.vectors)
            mask = mask.index_copy(0, chosen, encoded.mask)
        return Encoded(tokens, vectors, mask)

    def _route(self, rate_hz: Tensor, is_word: Tensor | None) -> Tensor:
        """Number of the encoder of each stream: [N] int64, the number of entries for words."""
        route = torch.full_like(rate_hz, -1, dtype=torch.int64)
        for number, (low, high) in reversed(list(enumerate(self.ranges_hz))):
            route[(rate_hz >= low) & (rate_hz <= high)] = number
        if is_word is not None:
            if self.word_encoder is None and bool(is_word.any()):
                first = int(is_word.nonzero()[0])
                raise ConfigError(
                    f"encoders.sensor: stream number {first} holds raw words, but no encoder for words is named; "
                    f"add one (kinds: bits, experts)"
                )
            route[is_word] = len(self.ranges_hz)
        lost = (route < 0).nonzero().squeeze(1).tolist()
        if lost:
            known = ", ".join(f"{low:g} to {high:g} Hz" for low, high in self.ranges_hz)
            raise ConfigError(
                [
                    f"encoders.sensor: no entry covers stream number {i}; add one or widen one of: {known or 'none'} "
                    f"(got rate_hz {float(rate_hz[i]):g})"
                    for i in lost
                ]
            )
        return route


def _check(entries: Sequence[tuple[float, float, Encoder]], encoders: Sequence[Encoder]) -> None:
    problems = [
        f"encoders.sensor.{i}: min_rate_hz is above max_rate_hz; swap them (got {low:g} and {high:g})"
        for i, (low, high, _) in enumerate(entries)
        if not low <= high
    ]
    if not encoders:
        problems.append("encoders.sensor: no entries; name at least one encoder (got an empty list)")
    widths = sorted({encoder.dim for encoder in encoders})
    if len(widths) > 1:
        problems.append(f"encoders.sensor: all encoders must have one width; set the same dim in each (got {widths})")
    if problems:
        raise ConfigError(problems)
