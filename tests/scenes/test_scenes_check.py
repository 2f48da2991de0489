"""All reasons at once, and notes apart from errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sensorgraph.errors import SceneError
from sensorgraph.scenes import (
    Anomaly,
    Audio,
    ChannelLabel,
    Clock,
    Image,
    Labels,
    Pair,
    Recording,
    Scene,
    Sensor,
    Stream,
    Text,
    Video,
)
from sensorgraph.scenes.check import check, findings_of, notes_of, problems_of
from sensorgraph.typing import ChannelType

_WAVE = np.sin(np.arange(20)).astype(np.float32)
_TIME_S = np.arange(4) / 2.0
_OIL = Sensor("oil", 10.0, _WAVE)
_WORD = Sensor("word", 10.0, np.arange(20, dtype=np.uint16))
_EYE = Image("eye", np.zeros((4, 2, 3, 1), np.uint8), _TIME_S)
_LOG = Text("log", ("a", "b", "b", "c"), np.array([0.0, 1.0, 1.0, 1.5]))
_ANOMALY = Anomaly("leak", "system", 0.5, 1.0, ("oil",), ("oil", "log"), 0.5, ("sensor",))


def _scene(*streams: Stream, **changes: Any) -> Scene:
    return replace(Scene("s", "r", 0.0, 2.0, streams or (_OIL, _WORD, _EYE, _LOG)), **changes)


def _only(problems: list[str]) -> str:
    assert len(problems) == 1, problems
    return problems[0]


def test_a_good_scene_has_no_problems_and_no_notes() -> None:
    labels = Labels(
        channels={"word": ChannelLabel(ChannelType.COMPLEX_BITS, 0xFF, 3, ((0, 15, "counter"),))},
        pairs=(Pair("word", "low", overflow_s=np.array([0.0, 2.0])),),
        anomalies=(_ANOMALY,),
        links=(("oil", "eye"),),
    )
    video, audio = Video("film", np.zeros((4, 2, 2, 3), np.uint8), _TIME_S), Audio("mic", 10.0, _WAVE)
    scene = _scene(_OIL, _WORD, replace(_WORD, id="low"), _EYE, _LOG, video, audio, labels=labels)
    assert findings_of(scene, Clock(2.0, 4), [(1.0, 10.0)]) == []
    check(scene)
    check(Recording("r", 2.0, scene.streams, labels, (("oil", "log"),)))


_NAN = float("nan")
_BAD_STREAMS: list[tuple[Stream, str]] = [
    (replace(_OIL, id=""), "needs an id"),
    (replace(_OIL, rate_hz=0.0), r"rate_hz must be positive.*got 0\.0"),
    (replace(_OIL, rate_hz=-1.0), "rate_hz must be positive"),
    (replace(_OIL, rate_hz=_NAN), r"rate_hz must be positive.*got nan"),
    (replace(_OIL, values=_WAVE.astype(np.float64)), r"values must be uint16 or float32.*float64"),
    (replace(_OIL, values=_WAVE.reshape(4, 5)), "values must have 1 axes"),
    (replace(_OIL, values=[1.0]), r"values must be an array.*list"),
    (replace(_OIL, values=_WAVE[:0]), "has no samples"),
    (replace(_OIL, time_s=np.arange(19.0)), r"time_s must have one entry per sample, 20;.*19"),
    (replace(_OIL, time_s=np.arange(20)), r"time_s must be an array of float64.*int64"),
    (replace(_OIL, valid=np.ones(20)), "valid must be an array of bool"),
    (replace(_OIL, valid=np.ones(3, bool)), "valid must have one entry per sample"),
    (replace(_OIL, time_s=np.r_[0.0, 0.2, 0.1, np.arange(3, 20) / 10]), r"time goes backwards, 1 times.*sample 2"),
    (replace(_OIL, time_s=np.r_[0.0, 0.0, np.arange(2, 20) / 10]), r"time repeats, 1 times, first at sample 1"),
    (replace(_OIL, time_s=np.r_[0.0, _NAN, np.arange(2, 20) / 10]), "time stamp 1 is not a number"),
    (replace(_OIL, start_s=50.0), "all samples lie outside 0 to 2 s"),
    (replace(_OIL, values=np.full(20, np.inf, np.float32)), r"samples are infinite.*replace them with NaN"),
    (replace(_OIL, values=np.full(20, _NAN, np.float32)), "every sample is missing"),
    (replace(_WORD, valid=np.zeros(20, bool)), "every sample is missing"),
    (Audio("mic", 10.0, _WORD.values), "values must be float32"),
    (replace(_EYE, frames=np.zeros((4, 2, 3), np.uint8)), "frames must have 4 axes"),
    (replace(_EYE, frames=np.zeros((4, 3, 2, 2), np.uint8)), r"frames must be \[T, H, W, 1 or 3\]"),
    (replace(_EYE, frames=np.zeros((4, 2, 3, 1), np.float32)), "frames must be uint8"),
    (replace(_EYE, time_s=None), "time_s must be an array"),
    (replace(_LOG, lines=("a", b"b", "c", "d")), r"lines must be text.*bytes"),
    (replace(_LOG, time_s=np.array([0.0, 1.0, 0.5, 2.0])), "time goes backwards"),
    (replace(_LOG, lines=("a",)), "time_s must have one entry per sample, 1"),
]


@pytest.mark.parametrize(("stream", "message"), _BAD_STREAMS, ids=[message[:25] for _, message in _BAD_STREAMS])
def test_one_bad_stream_is_one_problem_that_names_it(stream: Stream, message: str) -> None:
    problem = _only(problems_of(_scene(_WORD if stream.id == "oil" else _OIL, stream)))
    with pytest.raises(SceneError, match=message):
        check(_scene(stream))
    assert problem.startswith(f"scene 's', stream '{stream.id}': ")
    assert ";" in problem
    assert "(got " in problem


def test_all_problems_come_at_once() -> None:
    scene = _scene(replace(_OIL, rate_hz=0.0), _WORD, _WORD, replace(_EYE, time_s=_TIME_S[::-1]), duration_s=0.0)
    with pytest.raises(SceneError) as caught:
        check(scene)
    text = str(caught.value)
    for part in (
        "duration_s must be positive",
        "'oil': rate_hz",
        "'word' must be unique",
        "'eye': time goes backwards",
    ):
        assert part in text
    assert len(caught.value.problems) >= 4


def test_zero_streams() -> None:
    assert "has no streams" in _only(problems_of(Recording("r", 1.0, ())))


def test_one_sensor_is_enough() -> None:
    assert problems_of(_scene(_OIL)) == []


def test_a_stream_shorter_than_one_bin() -> None:
    short = replace(_OIL, values=_WAVE[:4])
    assert "at least one bin long, 0.5 s" in _only(problems_of(_scene(short), Clock(2.0, 4)))
    assert problems_of(_scene(short), Clock(2.0, 5)) == []


def test_another_clock() -> None:
    assert "as long as the clock" in _only(problems_of(_scene(_OIL), Clock(3.0, 3)))


def test_a_rate_that_no_encoder_covers() -> None:
    problem = _only(problems_of(_scene(_OIL), known_rates_hz=[(0.1, 5.0), (100.0, 5000.0)]))
    assert "no encoder covers its rate; add one; covered: 0.1 to 5 Hz, 100 to 5000 Hz (got 10 Hz)" in problem


_BAD_LABELS: list[tuple[Labels, str]] = [
    (Labels(channels={"gone": ChannelLabel(ChannelType.ONE_WORD)}), "names a stream that is not there"),
    (Labels(channels={"oil": ChannelLabel(ChannelType.ONE_WORD)}), "holds no 16-bit words"),
    (Labels(channels={"word": ChannelLabel(ChannelType.ONE_WORD, 1 << 16)}), "used_bits must be a mask"),
    (Labels(channels={"word": ChannelLabel(ChannelType.ONE_WORD, flag_bits=-1)}), "flag_bits must be a mask"),
    (Labels(channels={"word": ChannelLabel(ChannelType.ONE_WORD, fields=((3, 2, "x"),))}), "bits 0 to 15"),
    (Labels(pairs=(Pair("word", "word"),)), "msb and lsb must differ"),
    (Labels(pairs=(Pair("word", "gone"),)), "names a stream that is not there"),
    (Labels(pairs=(Pair("word", "oil"),)), "'oil' must hold 16-bit words"),
    (Labels(pairs=(Pair("word", "low", overflow_s=np.array([1.0, 2.5])),)), r"overflow_s must lie.*got 2\.5"),
    (Labels(anomalies=(replace(_ANOMALY, end_s=3.0),)), r"must lie within 0 to 2 s.*0\.5 to 3 s"),
    (Labels(anomalies=(replace(_ANOMALY, start_s=-1.0),)), "must lie within 0 to 2 s"),
    (Labels(anomalies=(replace(_ANOMALY, start_s=1.5),)), "must lie within 0 to 2 s and end after"),
    (Labels(anomalies=(replace(_ANOMALY, end_s=_NAN),)), "must lie within 0 to 2 s"),
    (Labels(anomalies=(replace(_ANOMALY, severity=2.0),)), "severity must lie within 0 and 1"),
    (Labels(anomalies=(replace(_ANOMALY, category="odd"),)), "category must be one of"),
    (Labels(anomalies=(replace(_ANOMALY, detectable_by=("smell",)),)), "detectable_by must name"),
    (Labels(anomalies=(replace(_ANOMALY, affected=("gone", "gone")),)), "names a stream that is not there"),
    (Labels(links=(("oil", "oil"),)), "joins two streams"),
    (Labels(links=(("oil", "gone"),)), "names a stream that is not there"),
]


@pytest.mark.parametrize(("labels", "message"), _BAD_LABELS)
def test_one_bad_label_is_one_problem(labels: Labels, message: str) -> None:
    recording = Recording("r", 2.0, (_OIL, _WORD, replace(_WORD, id="low"), _LOG), labels)
    with pytest.raises(SceneError, match=message) as caught:
        check(recording)
    assert len(caught.value.problems) == 1


def test_a_topology_link_to_nowhere() -> None:
    assert "topology link 'oil'-'gone'" in _only(problems_of(_scene(_OIL, topology=(("oil", "gone"),))))


def test_a_slice_may_lack_a_stream_that_its_anomaly_names() -> None:
    labels = Labels(anomalies=(_ANOMALY,))
    assert problems_of(_scene(_WORD, labels=labels)) == []
    assert any("absent here: oil, log" in note for note in notes_of(_scene(_WORD, labels=labels)))
    missing = Labels(anomalies=(replace(_ANOMALY, category="missing"),))
    assert problems_of(Recording("r", 2.0, (_WORD,), missing)) == []


def test_gaps_constants_and_late_samples_are_notes() -> None:
    gaps = replace(_OIL, values=np.where(np.arange(20) < 5, np.float32(_NAN), _WAVE))
    constant = replace(_WORD, values=np.full(20, 7, np.uint16), start_s=0.15)
    assert problems_of(_scene(gaps, constant)) == []
    assert notes_of(_scene(gaps, constant)) == [
        "scene 's', stream 'oil': 25 % of its samples are missing",
        "scene 's', stream 'word': 1 samples lie outside 0 to 2 s and are not used",
        "scene 's', stream 'word': is constant (got 7)",
    ]


def test_an_infinite_sample_that_is_not_valid_counts_as_missing() -> None:
    values = _WAVE.copy()
    values[3] = np.inf
    hidden = replace(_OIL, values=values, valid=np.arange(20) != 3)
    assert problems_of(_scene(hidden)) == []
    assert problems_of(_scene(replace(hidden, valid=None)))
