"""Streams that are silent during a slice."""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Recording, Sensor


def test_a_stream_with_nothing_but_gaps_is_absent_from_the_slice() -> None:
    flow = np.arange(8, dtype=np.float32)
    flow[:4] = np.nan
    valid = np.arange(8) >= 4
    broken = np.full(8, np.inf, np.float32)
    streams = (
        Sensor("flow", 1.0, flow),
        Sensor("word", 1.0, np.arange(8, dtype=np.uint16), valid=valid),
        Sensor("broken", 1.0, broken),
    )
    recording = Recording("r", 8.0, streams)
    assert [stream.id for stream in recording.cut(0.0, 4.0).streams] == ["broken"]
    assert [stream.id for stream in recording.cut(4.0, 8.0).streams] == ["flow", "word", "broken"]
