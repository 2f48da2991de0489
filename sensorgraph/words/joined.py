"""The value that two halves make together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.scenes.stream import Sensor
from sensorgraph.words.found import Encoding


@dataclass(frozen=True, eq=False)
class JoinedValue:
    """A value of 32 bits over time.

    Attributes:
        time_s: [n] (s), the times of the low word's samples, less its lag.
        value: [n] float64.
    """

    time_s: np.ndarray
    value: np.ndarray


def joined_value(msb: Sensor, lsb: Sensor, lag_samples: int = 0, encoding: Encoding = "u32") -> JoinedValue:
    """Join the halves at every sample of the low word; the high one is held until its next sample.

    Args:
        msb, lsb: the halves, at any rates.
        lag_samples: by how many of its own samples the low word is late.
        encoding: how the 32 bits are read; a float may be infinite or no number.

    Example:
        >>> halves = [Sensor(name, 2.0, np.uint16(words)) for name, words in (("hi", [0, 1, 1]), ("lo", [65535, 0, 1]))]
        >>> joined_value(*halves).value.tolist()
        [65535.0, 65536.0, 65537.0]
    """
    low_s = lsb.times() - lag_samples / lsb.rate_hz
    order = np.flatnonzero(lsb.validity())
    high_at = np.flatnonzero(msb.validity())
    # Half a nanosecond: halves of one frame have the same time, or nearly so.
    before = np.searchsorted(msb.times()[high_at], low_s[order] + 5e-10, side="right") - 1
    order, before = order[before >= 0], before[before >= 0]
    bits = msb.values[high_at][before].astype(np.uint32) << np.uint32(16) | lsb.values[order].astype(np.uint32)
    read_as = {"u32": np.uint32, "i32": np.int32, "f32": np.float32}[encoding]
    return JoinedValue(low_s[order], bits.view(read_as).astype(np.float64))
