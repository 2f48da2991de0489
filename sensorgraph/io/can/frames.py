"""What every log of a bus comes down to: frames with an id, a payload and the time at which they arrived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError

EXTENDED = 1 << 31
"""Added to a 29-bit id, so that it is never taken for the 11-bit id of the same number."""

REORDERED_NS = 1_000_000_000
"""Buffers of a logger may swap frames by less than this; a clock that goes further back was set anew."""


@dataclass(frozen=True)
class Frames:
    """Frames in the order in which they were logged.

    Attributes:
        time_ns: [F] int64, on any clock (ns).
        bus: [F] int64, number of the bus in ``buses``.
        frame_id: [F] int64; 29-bit ids have `EXTENDED` added.
        length: [F] int64, bytes of each payload.
        data: [F, W] uint8, W the longest payload; bytes beyond ``length`` are 0.
        buses: their names.
        notes: what of the log could not be used, one sentence each.
    """

    time_ns: np.ndarray
    bus: np.ndarray
    frame_id: np.ndarray
    length: np.ndarray
    data: np.ndarray
    buses: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def take(self, rows: np.ndarray) -> Frames:
        """The frames of those numbers."""
        return Frames(
            self.time_ns[rows],
            self.bus[rows],
            self.frame_id[rows],
            self.length[rows],
            self.data[rows],
            self.buses,
            self.notes,
        )

    def in_time(self, place: str) -> Frames:
        """The frames in order of time.

        Loggers with a buffer per bus write frames of different buses slightly out of order, which is put right here.

        Raises:
            DataError: the clock was set back on the way.
        """
        behind = np.maximum.accumulate(self.time_ns) - self.time_ns if len(self.time_ns) else self.time_ns
        if len(behind) and behind.max() > REORDERED_NS:
            first = int(np.argmax(behind > REORDERED_NS))
            raise DataError(
                f"{place}: time goes back by {behind[first] / 1e9:g} s at frame {first + 1}; cut the log there and "
                "read its parts, or log with absolute time stamps (candump -L, candump -t a)"
            )
        return self.take(np.argsort(self.time_ns, kind="stable")) if behind.any() else self


def name_of_id(frame_id: int) -> str:
    """How a frame id is written in logs: 3 hexadecimal digits, or 8 for 29 bits.

    Example:
        >>> name_of_id(0x123), name_of_id(EXTENDED + 0x18FEF100)
        ('123', '18FEF100')
    """
    return f"{frame_id - EXTENDED:08X}" if frame_id >= EXTENDED else f"{frame_id:03X}"
