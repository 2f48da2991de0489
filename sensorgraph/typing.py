"""Shape letters and the small types that every room shares.

Letters used in docstrings: ``S`` scenes, ``N`` streams (nodes), ``T`` samples, ``L`` bins, ``D`` channels of a
token, ``E`` links, ``F`` summary features, ``B`` batch, ``H`` and ``W`` picture height and width.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

Modality = Literal["sensor", "image", "audio", "text", "video"]

MODALITIES: tuple[Modality, ...] = ("sensor", "image", "audio", "text", "video")


class ChannelType(IntEnum):
    """What one channel of 16-bit words is."""

    ONE_WORD = 0
    """One value in one word."""
    TWO_WORD = 1
    """Half of a 32-bit value that is split over two words."""
    COMPLEX_BITS = 2
    """A word of packed flags, counters and fields."""
