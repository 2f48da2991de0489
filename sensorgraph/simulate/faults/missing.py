"""Streams that are not there: absent is not zero."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sensorgraph.scenes import Audio, Image, Sensor, Stream, Text, Video


def without(stream: Stream, start_s: float, end_s: float, duration_s: float) -> Stream | None:
    """The stream with a gap; None when nothing is left of it.

    A gap is NaN in floats, invalid in words, and no frame or line at all in pictures and text.
    """
    if start_s <= 0 and end_s >= duration_s:
        return None
    time_s = stream.times()
    gone = (time_s >= start_s) & (time_s < end_s)
    if isinstance(stream, Sensor) and stream.is_word:
        return replace(
            stream, valid=stream.validity() & ~gone, values=np.where(gone, 0, stream.values).astype(np.uint16)
        )
    if isinstance(stream, Sensor | Audio):
        return replace(stream, values=np.where(gone, np.float32(np.nan), stream.values))
    kept = np.flatnonzero(~gone)
    if isinstance(stream, Image | Video):
        return replace(stream, frames=stream.frames[kept], time_s=time_s[kept])
    assert isinstance(stream, Text)
    return replace(stream, lines=tuple(stream.lines[number] for number in kept), time_s=time_s[kept])
