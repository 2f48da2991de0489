"""Recordings (all streams of one run of a machine) and the scenes that are cut from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.scenes.labels import Labels
from sensorgraph.scenes.stream import Sensor, Stream


@dataclass(frozen=True)
class Recording:
    """All streams of one run of a machine, minutes to days, on one clock.

    Attributes:
        id: unique within a data set.
        duration_s: length (s); the clock runs from 0 to ``duration_s``.
        streams: in file order.
        labels: truth, where there is any.
        topology: user-supplied links as ``(from_id, to_id)`` (a wiring list, a P&ID).
    """

    id: str
    duration_s: float
    streams: tuple[Stream, ...]
    labels: Labels = field(default_factory=Labels)
    topology: tuple[tuple[str, str], ...] = ()

    def stream(self, stream_id: str) -> Stream:
        """The stream of that id.

        Raises:
            UnknownNameError: there is none.
        """
        return _find(self.id, self.streams, stream_id)

    def cut(self, start_s: float, end_s: float, scene_id: str | None = None) -> Scene:
        """The scene between two times, on a clock that starts at 0.

        Streams without a sample in the slice, or with nothing but gaps, are left out: absent is not zero. Labels are
        cut with the data; anomalies and overflows keep only what lies inside.
        """
        if not (0 <= start_s < end_s):
            raise DataError(f"recording '{self.id}': a slice needs 0 <= start_s < end_s (got {start_s}, {end_s})")
        streams = []
        for stream in self.streams:
            time_s = stream.times()
            # Half a nanosecond: 0.3 and 3 * 0.1 are the same instant to everybody but a float.
            first, last = np.searchsorted(time_s, [start_s - 5e-10, end_s - 5e-10])
            if last > first:
                part = stream.take(int(first), int(last), start_s)
                if not _is_gap(part):
                    streams.append(part)
        present = {stream.id for stream in streams}
        return Scene(
            id=scene_id or f"{self.id}@{start_s:g}",
            recording_id=self.id,
            start_s=start_s,
            duration_s=end_s - start_s,
            streams=tuple(streams),
            labels=_cut_labels(self.labels, start_s, end_s, present),
            topology=tuple(link for link in self.topology if set(link) <= present),
        )

    def scenes(self, duration_s: float, stride_s: float | None = None) -> Iterator[Scene]:
        """Scenes of ``duration_s`` every ``stride_s`` (default: back to back); an incomplete last one is left out."""
        stride_s = duration_s if stride_s is None else stride_s
        if not (duration_s > 0 and stride_s > 0):
            raise DataError(f"recording '{self.id}': duration_s and stride_s must be positive")
        count = int(np.floor((self.duration_s - duration_s) / stride_s + 1e-9)) + 1
        for number in range(max(count, 0)):
            yield self.cut(number * stride_s, number * stride_s + duration_s)


@dataclass(frozen=True)
class Scene:
    """A slice of a recording, ``duration_s`` long, on one clock that starts at 0.

    Attributes:
        id: unique within a data set.
        recording_id: the recording that it was cut from.
        start_s: where the scene begins on the recording's clock (s).
        duration_s: length (s).
        streams, labels, topology: as in `Recording`, on the scene's clock.
    """

    id: str
    recording_id: str
    start_s: float
    duration_s: float
    streams: tuple[Stream, ...]
    labels: Labels = field(default_factory=Labels)
    topology: tuple[tuple[str, str], ...] = ()

    def stream(self, stream_id: str) -> Stream:
        """The stream of that id.

        Raises:
            UnknownNameError: there is none.
        """
        return _find(self.id, self.streams, stream_id)

    def of_modality(self, modality: str) -> tuple[Stream, ...]:
        """All streams of one modality, in order."""
        return tuple(stream for stream in self.streams if stream.modality == modality)


def _is_gap(stream: Stream) -> bool:
    """Whether no sample ever arrived (an infinite one did, and is to be complained about)."""
    if not isinstance(stream, Sensor):
        return False
    arrived = np.ones(len(stream.values), bool) if stream.valid is None else stream.valid
    return not (arrived if stream.is_word else arrived & ~np.isnan(stream.values)).any()


def _find(owner: str, streams: tuple[Stream, ...], stream_id: str) -> Stream:
    for stream in streams:
        if stream.id == stream_id:
            return stream
    known = ", ".join(stream.id for stream in streams[:20])
    raise UnknownNameError(f"'{owner}': no stream '{stream_id}'; known: {known}")


def _cut_labels(labels: Labels, start_s: float, end_s: float, present: set[str]) -> Labels:
    anomalies = tuple(
        replace(anomaly, start_s=max(anomaly.start_s, start_s) - start_s, end_s=min(anomaly.end_s, end_s) - start_s)
        for anomaly in labels.anomalies
        if anomaly.start_s < end_s and anomaly.end_s > start_s
    )
    pairs = tuple(
        replace(
            pair,
            overflow_s=pair.overflow_s[(pair.overflow_s >= start_s) & (pair.overflow_s < end_s)] - start_s,
        )
        for pair in labels.pairs
        if pair.msb in present and pair.lsb in present
    )
    return Labels(
        channels={name: label for name, label in labels.channels.items() if name in present},
        pairs=pairs,
        anomalies=anomalies,
        links=tuple(link for link in labels.links if set(link) <= present),
    )
