"""How much memory reading a recording takes, told before it starts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sensorgraph.errors import DataError
from sensorgraph.words.channel import WordChannel

BYTES_PER_SAMPLE = 40
"""Words, changes, roll-overs, last changes and events."""

BYTES_PER_COUPLE = 48
"""Every two channels of one rate are compared at five lags, by a few numbers each."""

GIB = 1 << 30


def needed_bytes(channels: Sequence[WordChannel]) -> int:
    """An estimate of the peak, for `require_memory`.

    Example:
        >>> import numpy as np
        >>> needed_bytes([WordChannel(np.zeros(1000, np.uint16), 10.0)] * 100) < 5_000_000
        True
    """
    num_samples = sum(len(channel.values) for channel in channels)
    per_rate = Counter(channel.rate_hz for channel in channels)
    most = max(per_rate.values(), default=0)
    return BYTES_PER_SAMPLE * num_samples + BYTES_PER_COUPLE * most * most


def require_memory(channels: Sequence[WordChannel], free_bytes: int | None = None) -> None:
    """Raise before any work is done if reading these channels cannot end well.

    Args:
        channels: what is to be read.
        free_bytes: memory to be had; asked of the system by default.

    Raises:
        DataError: more is needed than there is; the message says how much.

    Example:
        >>> import numpy as np
        >>> require_memory([WordChannel(np.zeros(1000, np.uint16), 10.0)])
    """
    needed = needed_bytes(channels)
    free = available_bytes() if free_bytes is None else free_bytes
    if needed > free:
        raise DataError(
            f"read_words: {len(channels)} channels need about {needed / GIB:.1f} GiB of memory; read those that can "
            f"belong together (one device, one rate) in one call each (got {free / GIB:.1f} GiB free)"
        )


def available_bytes() -> int:
    """Memory that a program can still have; what the system keeps for files counts, since it gives that back.

    Example:
        >>> available_bytes() > 0
        True
    """
    facts = Path("/proc/meminfo")
    if facts.is_file():
        for line in facts.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
