"""Truth that came with data, kept apart from the data itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sensorgraph.typing import ChannelType, Modality

AnomalyCategory = Literal["point", "sensor", "word", "system", "contextual", "missing"]


@dataclass(frozen=True)
class ChannelLabel:
    """Truth about one channel of 16-bit words.

    Attributes:
        type: what the channel is.
        used_bits: mask (0..65535) of the bits that belong to a field.
        flag_bits: mask of the bits that are independent 1-bit truths.
        fields: ``(first_bit, last_bit, kind)`` per field, bit 0 is the least significant.
    """

    type: ChannelType
    used_bits: int = 0xFFFF
    flag_bits: int = 0
    fields: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Pair:
    """Two channels that are the halves of one 32-bit value.

    Attributes:
        msb, lsb: stream ids of the high and the low word.
        encoding: how the 32 bits are read.
        overflow_s: times (s, on the clock of the recording or scene) at which the high word changes because the low
            word rolled over.
        lag_samples: by how many samples the low word is late (negative: early).
    """

    msb: str
    lsb: str
    encoding: Literal["u32", "i32", "f32"] = "u32"
    overflow_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    lag_samples: int = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pair):
            return NotImplemented
        return self._facts() == other._facts() and np.array_equal(self.overflow_s, other.overflow_s)

    def __hash__(self) -> int:
        return hash(self._facts())

    def _facts(self) -> tuple[str, str, str, int]:
        """All but the times, whose comparison would be an array."""
        return self.msb, self.lsb, self.encoding, self.lag_samples


@dataclass(frozen=True)
class Anomaly:
    """One anomaly in the style of the CATS data set (Fleith, 2023).

    Attributes:
        kind: the fault's name, e.g. ``"leak"`` or ``"stuck"``.
        category: the family of the fault; ``contextual`` means that every stream is normal alone.
        start_s, end_s: when it holds, on the clock of the recording or scene it is attached to.
        root_cause: ids of the streams in which the fault sits (for system faults: the most direct witnesses).
        affected: ids of all streams that it changes, root cause included.
        severity: 0 (invisible) to 1 (gross).
        detectable_by: the smallest set of modalities that can see it.
    """

    kind: str
    category: AnomalyCategory
    start_s: float
    end_s: float
    root_cause: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    severity: float = 1.0
    detectable_by: tuple[Modality, ...] = ()


@dataclass(frozen=True)
class Labels:
    """All truth about a recording or scene; every part may be empty.

    Attributes:
        channels: stream id to what the channel is.
        pairs: 32-bit values split over two channels.
        anomalies: what went wrong, and when.
        links: physical links as ``(from_id, to_id)``: the two streams observe a common cause.
    """

    channels: Mapping[str, ChannelLabel] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
