"""One channel of raw 16-bit words, and the check that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes.stream import Sensor


@dataclass(frozen=True)
class WordChannel:
    """A channel of raw words with its clock.

    Attributes:
        values: [T] uint16.
        rate_hz: nominal sampling rate (Hz); for irregular time stamps their median rate.
        start_s: time of the first sample (s) where sampling is regular.
        time_s: [T] true, non-decreasing time stamps (s) where sampling is irregular, else None.
        valid: [T] bool, False where a word is missing; None means that all are there.

    Raises:
        DataError: the values are not words, or clock and values do not fit together.

    Example:
        >>> import numpy as np
        >>> WordChannel(np.array([1, 2, 3], np.uint16), rate_hz=10.0).times().tolist()
        [0.0, 0.1, 0.2]
    """

    values: np.ndarray
    rate_hz: float
    start_s: float = 0.0
    time_s: np.ndarray | None = None
    valid: np.ndarray | None = None

    def __post_init__(self) -> None:
        require_words(self.values, "word channel")
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise DataError(f"word channel: rate_hz must be positive (got {self.rate_hz})")
        if not np.isfinite(self.start_s):
            raise DataError(f"word channel: start_s must be a finite time in seconds (got {self.start_s})")
        for name, part in (("time_s", self.time_s), ("valid", self.valid)):
            if part is not None and np.shape(part) != self.values.shape:
                raise DataError(
                    f"word channel: {name} must have one entry per word, {len(self.values)} (got {np.shape(part)})"
                )
        if self.time_s is not None and not bool(np.all(np.diff(self.time_s) >= 0)):
            raise DataError("word channel: time_s must not go backwards or be NaN; sort the samples by time first")

    def times(self) -> np.ndarray:
        """Time of every sample (s), shape [T] float64."""
        if self.time_s is not None:
            return np.asarray(self.time_s, np.float64)
        return self.start_s + np.arange(len(self.values), dtype=np.float64) / self.rate_hz


def require_words(values: np.ndarray, place: str) -> None:
    """Raise with the way out when ``values`` is not a 1-D array of 16-bit words.

    Raises:
        DataError: wrong container, shape or type.
    """
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        got = f"shape {values.shape}" if isinstance(values, np.ndarray) else type(values).__name__
        raise DataError(f"{place}: words must be a 1-D numpy array; pass one array per channel (got {got})")
    if values.dtype == np.uint16:
        return
    if np.issubdtype(values.dtype, np.floating):
        whole = bool(np.all(np.isfinite(values)) and np.all(values == np.round(values)))
        remedy = (
            "convert with values.astype(np.int64).astype(np.uint16)"
            if whole
            else "these are physical values with fractions or NaN; give the raw words they were computed from"
        )
    elif values.dtype == np.int16:
        remedy = "convert with values.view(np.uint16)"
    elif np.issubdtype(values.dtype, np.integer):
        outside = len(values) > 0 and (int(values.min()) < 0 or int(values.max()) > 0xFFFF)
        remedy = (
            "values do not fit 16 bits; split wider ones into two channels (v >> 16) & 0xFFFF and v & 0xFFFF"
            if outside
            else "convert with values.astype(np.uint16)"
        )
    else:
        remedy = "read the raw integers from the file"
    raise DataError(f"{place}: words must be uint16; {remedy} (got {values.dtype})")


def word_channels(channels: Sequence[WordChannel | Sensor]) -> tuple[WordChannel, ...]:
    """The channels as `WordChannel` records; sensors of a scene are taken over without copying.

    Raises:
        DataError: a channel does not hold words; the message says which one.

    Example:
        >>> import numpy as np
        >>> word_channels([Sensor("speed", 50.0, np.zeros(4, np.uint16))])[0].rate_hz
        50.0
    """
    made = []
    for number, channel in enumerate(channels):
        if isinstance(channel, WordChannel):
            made.append(channel)
            continue
        if not isinstance(channel, Sensor):
            raise DataError(
                f"channel {number}: give WordChannel or Sensor records, "
                f"e.g. WordChannel(values, rate_hz=50.0) (got {type(channel).__name__})"
            )
        require_words(channel.values, f"channel {number} ('{channel.id}')")
        made.append(WordChannel(channel.values, channel.rate_hz, channel.start_s, channel.time_s, channel.valid))
    return tuple(made)
