"""Channels of words of which the truth is known: what networks learn from and are judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.found import Encoding


@dataclass(frozen=True, eq=False)
class LabelledWords:
    """One recording and its truth.

    Attributes:
        name: of the recording.
        source: which machine or tool it is from; what is learned from a source is never judged on it.
        channels: [N] the channels.
        channel_type: [N] int64, numbers of `ChannelType`.
        pairs: (MSB, LSB) channel numbers.
        identifiable: per pair, whether it can be told at all.
        rollovers: per pair, samples on the MSB's clock at which it changes.
        lags: per pair, by how many of its samples the LSB is late; None where nobody knows.
        encodings: per pair; None where nobody knows.
        flag_bits: [N] int64 masks of the truths of one bit.
        used_bits: [N] int64 masks of the bits that belong to a field.
        begins: [N] int64 masks of the bits at which a field or an unused stretch begins (bit 0 is not counted).
        begins_known: [N] int64 masks of the bits at which ``begins`` is known.
    """

    name: str
    source: str
    channels: tuple[WordChannel, ...]
    channel_type: np.ndarray
    pairs: tuple[tuple[int, int], ...]
    identifiable: tuple[bool, ...]
    rollovers: tuple[np.ndarray, ...]
    lags: tuple[int, ...] | None
    encodings: tuple[Encoding, ...] | None
    flag_bits: np.ndarray
    used_bits: np.ndarray
    begins: np.ndarray
    begins_known: np.ndarray

    def __post_init__(self) -> None:
        num = len(self.channels)
        for name in ("channel_type", "flag_bits", "used_bits", "begins", "begins_known"):
            if np.shape(getattr(self, name)) != (num,):
                raise DataError(
                    f"recording '{self.name}': {name} must have one entry per channel, {num} "
                    f"(got {np.shape(getattr(self, name))})"
                )


def edges_of(used: int, flags: int) -> int:
    """Mask of the bits at which a run of used bits or a flag begins or ends; bit 0 is not counted.

    Example:
        >>> bin(edges_of(0b0111_1100, 0b0001_0000))
        '0b10110100'
    """
    edges = 0
    for bit in range(1, NUM_BITS):
        here, below = used >> bit & 1, used >> (bit - 1) & 1
        if here != below or flags >> bit & 1 or flags >> (bit - 1) & 1:
            edges |= 1 << bit
    return edges
