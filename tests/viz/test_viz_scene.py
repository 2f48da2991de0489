from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sensorgraph.errors import DataError
from sensorgraph.scenes import (
    Anomaly,
    Audio,
    ChannelLabel,
    Image,
    Labels,
    Pair,
    Scene,
    Sensor,
    Text,
    Video,
)
from sensorgraph.typing import ChannelType
from sensorgraph.viz import alarms_of, draw_scene
from sensorgraph.viz.lanes import lane_order


def _scene() -> Scene:
    rng = np.random.default_rng(0)
    time_s = np.arange(800) / 200
    counter = (np.arange(800) * 400).astype(np.uint32)
    pressure = np.sin(time_s).astype(np.float32)
    pressure[100:200] = np.nan
    streams = (
        Sensor("lsb", 200.0, (counter & 0xFFFF).astype(np.uint16)),
        Sensor("flags", 50.0, rng.integers(0, 4, 200).astype(np.uint16), valid=rng.random(200) > 0.1),
        Sensor("pressure", 200.0, pressure, meta={"unit": "bar"}),
        Sensor("msb", 200.0, (counter >> 16).astype(np.uint16)),
        Sensor("constant", 10.0, np.full(40, 7, np.uint16)),
        Sensor("dead", 10.0, np.full(40, np.nan, np.float32)),
        Audio("mic", 8000.0, rng.normal(0, 0.1, 32000).astype(np.float32)),
        Image("camera", rng.integers(0, 255, (8, 16, 16, 3), dtype=np.uint8), np.arange(8) * 0.5),
        Video("film", rng.integers(0, 255, (40, 12, 12, 1), dtype=np.uint8), np.arange(40) * 0.1),
        Text("log", ("valve open", "alarm 17", "valve closed"), np.array([0.5, 0.6, 3.9])),
    )
    labels = Labels(
        channels={
            "lsb": ChannelLabel(ChannelType.TWO_WORD),
            "msb": ChannelLabel(ChannelType.TWO_WORD),
            "flags": ChannelLabel(ChannelType.COMPLEX_BITS, used_bits=3),
            "constant": ChannelLabel(ChannelType.ONE_WORD),
        },
        pairs=(Pair("msb", "lsb", overflow_s=np.array([0.82, 1.64])),),
        anomalies=(Anomaly("leak", "system", 1.0, 2.0, root_cause=("pressure",)),),
    )
    return Scene("s@0", "s", 0.0, 4.0, streams, labels)


def _scores(streams: list[str]) -> pd.DataFrame:
    rows = [
        {"stream": name, "bin": b, "start_s": b * 0.5, "end_s": b * 0.5 + 0.5, "score": 1.0 + (name == "mic") * b}
        for name in streams
        for b in range(8)
    ]
    return pd.DataFrame(rows)


def _words(figure: Figure) -> list[str]:
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [text.get_text() for text in texts]


def test_lanes_stand_in_the_order_of_reading() -> None:
    names = [sensor.id for sensor in lane_order(_scene())]
    assert names == ["pressure", "dead", "constant", "msb", "lsb", "flags"]


def test_every_stream_is_drawn_on_one_time_axis(tmp_path: Path) -> None:
    scene = _scene()
    figure = draw_scene(
        scene, tmp_path / "scene.png", scores=_scores([stream.id for stream in scene.streams]), threshold=5.0
    )
    words = _words(figure)
    for name in ("pressure", "lsb  LSB", "msb  MSB", "flags", "mic", "camera", "film", "log"):
        assert name in words
    assert "-0.7535 to 1 bar" in words
    assert "constant 7 counts" in words
    assert "no valid sample" in words
    assert "16 bits" in words
    assert {"valve open", "alarm 17", "valve closed"} <= set(words)
    assert any("leak (system): pressure" in text for text in words)
    assert {axes.get_xlim() for axes in figure.axes} == {(0.0, 4.0)}
    assert figure.axes[-1].get_xlabel() == "time in the scene (s)"
    assert [axes.get_xlabel() for axes in figure.axes[:-1]] == [""] * (len(figure.axes) - 1)
    assert "threshold 5" in [text.get_text() for text in figure.axes[-1].texts]
    assert (tmp_path / "scene.png").read_bytes()[:4] == b"\x89PNG"


def test_alarms_shade_the_stream_that_raised_them() -> None:
    scene = _scene()
    alarms = pd.DataFrame({"stream": ["msb", "mic"], "start_s": [1.0, 2.0], "end_s": [1.5, 3.0]})
    figure = draw_scene(scene, alarms=alarms)
    lanes = next(axes for axes in figure.axes if "flags" in [text.get_text() for text in axes.texts])
    sound = next(axes for axes in figure.axes if axes.get_ylabel() == "kHz")
    strip = next(axes for axes in figure.axes if "camera" in [text.get_text() for text in axes.texts])

    def shades(axes: object) -> list[tuple[float, float, float, float]]:
        found = [patch for patch in axes.patches if patch.get_alpha() == 0.16]  # type: ignore[attr-defined]
        boxes = [(p.get_x(), p.get_width(), p.get_y(), p.get_height()) for p in found]
        return [tuple(round(float(value), 6) for value in box) for box in boxes]  # type: ignore[misc]

    # The fourth of six lanes from the top.
    assert shades(lanes) == [(1.0, 0.5, round(2 / 6, 6), round(1 / 6, 6))]
    assert shades(sound) == [(2.0, 1.0, 0.0, 1.0)]
    assert shades(strip) == []


def test_neighbouring_bins_above_the_threshold_are_one_alarm() -> None:
    alarms = alarms_of(_scores(["mic", "msb"]), 5.0)
    assert alarms.to_dict("records") == [{"stream": "mic", "start_s": 2.5, "end_s": 4.0}]
    assert alarms_of(_scores(["msb"]), 5.0).empty


def test_too_many_sensors_leave_the_ones_to_blame() -> None:
    sensors = tuple(Sensor(f"s{number}", 10.0, np.arange(40, dtype=np.float32)) for number in range(30))
    truth = (Anomaly("stuck", "sensor", 1.0, 2.0, root_cause=("s29",)),)
    scene = Scene("many", "r", 0.0, 4.0, sensors, Labels(anomalies=truth))
    scores = _scores([sensor.id for sensor in sensors])
    scores.loc[scores["stream"] == "s17", "score"] = 9.0
    figure = draw_scene(scene, scores=scores, max_sensors=2)
    words = _words(figure)
    assert "s29" in words
    assert "s17" in words
    assert "s0" not in words
    assert any("2 of 30 sensors shown" in text for text in words)


def test_a_scene_without_streams_says_so() -> None:
    assert "no streams" in _words(draw_scene(Scene("empty", "r", 0.0, 4.0, ())))


@pytest.mark.parametrize("stream", _scene().streams, ids=lambda stream: stream.id)
def test_each_stream_may_stand_alone_or_be_empty(stream: object) -> None:
    scene = replace(_scene(), streams=(stream,), labels=Labels(channels=_scene().labels.channels))  # type: ignore[arg-type]
    empty = replace(scene, streams=(stream.take(0, 0, 0.0),))  # type: ignore[attr-defined]
    for drawn in (draw_scene(scene), draw_scene(empty)):
        drawn.canvas.draw()
        assert stream.id in _words(drawn)  # type: ignore[attr-defined]


def test_scores_without_a_finite_value_say_so() -> None:
    scores = _scores(["pressure"]).assign(score=np.nan)
    assert "no scores" in _words(draw_scene(_scene(), scores=scores, threshold=1.0))


def test_tables_that_lack_columns_are_named() -> None:
    with pytest.raises(DataError, match=r"viz\.scene: scores: the table lacks columns score"):
        draw_scene(_scene(), scores=pd.DataFrame({"stream": [], "start_s": [], "end_s": []}))
    with pytest.raises(DataError, match=r"viz\.scene: alarms: the table lacks columns end_s"):
        draw_scene(_scene(), alarms=pd.DataFrame({"start_s": []}))


def test_no_figure_is_kept_alive_by_pyplot() -> None:
    draw_scene(_scene())
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
