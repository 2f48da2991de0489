"""Streams: the time series of a scene or recording, each at its own rate and on its own clock offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from sensorgraph.typing import Modality


def _regular_times(start_s: float, rate_hz: float, num_samples: int) -> np.ndarray:
    return start_s + np.arange(num_samples, dtype=np.float64) / rate_hz


@dataclass(frozen=True)
class Sensor:
    """A scalar channel.

    Attributes:
        id: unique within its recording.
        rate_hz: nominal sampling rate (Hz); for irregular time stamps their median rate.
        values: [T] ``uint16`` raw words, or ``float32`` physical values (NaN where there is none).
        start_s: time of the first sample (s) where sampling is regular.
        time_s: [T] true time stamps (s) where sampling is irregular, else None.
        valid: [T] bool, False where a word is missing; None means that all are valid. Floats use NaN instead.
        meta: free facts (unit, raw32, bit_start, ...) that the model never sees.
    """

    id: str
    rate_hz: float
    values: np.ndarray
    start_s: float = 0.0
    time_s: np.ndarray | None = None
    valid: np.ndarray | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    modality: ClassVar[Modality] = "sensor"

    @property
    def is_word(self) -> bool:
        """True for raw 16-bit words, False for physical values."""
        return self.values.dtype == np.uint16

    @property
    def num_samples(self) -> int:
        return len(self.values)

    def times(self) -> np.ndarray:
        """True time of every sample (s), shape [T] float64."""
        if self.time_s is not None:
            return self.time_s
        return _regular_times(self.start_s, self.rate_hz, len(self.values))

    def validity(self) -> np.ndarray:
        """Which samples can be used, shape [T] bool."""
        mask = np.ones(len(self.values), bool) if self.valid is None else self.valid
        return mask if self.is_word else mask & np.isfinite(self.values)

    def take(self, first: int, last: int, shift_s: float) -> Sensor:
        """Samples ``first:last`` with ``shift_s`` subtracted from their times."""
        start_s = self.start_s + first / self.rate_hz - shift_s if self.time_s is None else self.start_s
        return replace(
            self,
            values=self.values[first:last],
            start_s=start_s,
            time_s=None if self.time_s is None else self.time_s[first:last] - shift_s,
            valid=None if self.valid is None else self.valid[first:last],
        )


@dataclass(frozen=True)
class Audio:
    """A microphone: ``values`` [T] float32 in [-1, 1], regular at ``rate_hz``."""

    id: str
    rate_hz: float
    values: np.ndarray
    start_s: float = 0.0
    meta: Mapping[str, Any] = field(default_factory=dict)
    modality: ClassVar[Modality] = "audio"

    @property
    def num_samples(self) -> int:
        return len(self.values)

    def times(self) -> np.ndarray:
        """True time of every sample (s), shape [T] float64."""
        return _regular_times(self.start_s, self.rate_hz, len(self.values))

    def take(self, first: int, last: int, shift_s: float) -> Audio:
        """Samples ``first:last`` with ``shift_s`` subtracted from their times."""
        start_s = self.start_s + first / self.rate_hz - shift_s
        return replace(self, values=self.values[first:last], start_s=start_s)


@dataclass(frozen=True)
class Image:
    """Single pictures with true time stamps: ``frames`` [T, H, W, C] uint8 (C is 1 or 3), ``time_s`` [T] (s)."""

    id: str
    frames: np.ndarray
    time_s: np.ndarray
    meta: Mapping[str, Any] = field(default_factory=dict)
    modality: ClassVar[Modality] = "image"

    @property
    def num_samples(self) -> int:
        return len(self.frames)

    def times(self) -> np.ndarray:
        """True time of every frame (s), shape [T] float64."""
        return self.time_s

    def take(self, first: int, last: int, shift_s: float) -> Image:
        """Frames ``first:last`` with ``shift_s`` subtracted from their times."""
        return replace(self, frames=self.frames[first:last], time_s=self.time_s[first:last] - shift_s)


@dataclass(frozen=True)
class Video:
    """Moving pictures, where motion between frames matters: ``frames`` [T, H, W, C] uint8, ``time_s`` [T] (s)."""

    id: str
    frames: np.ndarray
    time_s: np.ndarray
    meta: Mapping[str, Any] = field(default_factory=dict)
    modality: ClassVar[Modality] = "video"

    @property
    def num_samples(self) -> int:
        return len(self.frames)

    def times(self) -> np.ndarray:
        """True time of every frame (s), shape [T] float64."""
        return self.time_s

    def take(self, first: int, last: int, shift_s: float) -> Video:
        """Frames ``first:last`` with ``shift_s`` subtracted from their times."""
        return replace(self, frames=self.frames[first:last], time_s=self.time_s[first:last] - shift_s)


@dataclass(frozen=True)
class Text:
    """Log lines: ``lines`` (T strings) with ``time_s`` [T] (s)."""

    id: str
    lines: tuple[str, ...]
    time_s: np.ndarray
    meta: Mapping[str, Any] = field(default_factory=dict)
    modality: ClassVar[Modality] = "text"

    @property
    def num_samples(self) -> int:
        return len(self.lines)

    def times(self) -> np.ndarray:
        """True time of every line (s), shape [T] float64."""
        return self.time_s

    def take(self, first: int, last: int, shift_s: float) -> Text:
        """Lines ``first:last`` with ``shift_s`` subtracted from their times."""
        return replace(self, lines=self.lines[first:last], time_s=self.time_s[first:last] - shift_s)


Stream = Sensor | Audio | Image | Video | Text

STREAMS: dict[str, type[Stream]] = {
    "sensor": Sensor,
    "image": Image,
    "audio": Audio,
    "text": Text,
    "video": Video,
}
