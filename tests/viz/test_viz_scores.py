from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import DataError
from sensorgraph.scenes import Anomaly
from sensorgraph.viz import draw_scores
from sensorgraph.viz.scores import heat_map


def _table(num_streams: int = 5, num_bins: int = 40, bin_s: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    stream, number = np.divmod(np.arange(num_streams * num_bins), num_bins)
    score = rng.gamma(2, 0.5, len(stream))
    score[(stream == 3) & (number == 10)] = 20.0
    names = np.array([f"channel {one}" for one in range(num_streams)])
    return pd.DataFrame(
        {"stream": names[stream], "start_s": number * bin_s, "end_s": (number + 1) * bin_s, "score": score}
    )


def test_the_heat_map_holds_each_score_in_its_place() -> None:
    table = _table()
    picture = heat_map(table)
    assert picture.streams[0] == "channel 3"
    assert picture.value.shape == (5, 40)
    assert picture.value[0, 10] == 20.0
    for row, name in enumerate(picture.streams):
        assert np.array_equal(picture.value[row], table.loc[table["stream"] == name, "score"])


def test_many_bins_share_a_column_by_their_largest() -> None:
    picture = heat_map(_table(num_bins=4000), num_columns=100)
    assert picture.value.shape == (5, 100)
    assert picture.value[0].max() == 20.0
    assert np.isfinite(picture.value).all()


@pytest.mark.parametrize("num_bins", [40, 400])
def test_threshold_events_and_truth_are_shown(tmp_path: Path, num_bins: int) -> None:
    events = pd.DataFrame({"start_s": [5.0], "end_s": [5.5]})
    truth = [Anomaly("stuck", "sensor", 4.5, 6.0, root_cause=("channel 3",))]
    figure = draw_scores(_table(num_bins=num_bins), tmp_path / "s.png", threshold=6.0, events=events, truth=truth)
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "threshold 6" in words
    assert "1 event" in words
    assert any("stuck (sensor): channel 3" in text for text in words)
    heat, curve = figure.axes[1], figure.axes[2]
    assert heat.get_yticklabels()[0].get_text() == "channel 3"
    legend = curve.get_legend()
    assert legend is not None
    assert "channel 3" in [text.get_text() for text in legend.get_texts()]
    assert (tmp_path / "s.png").stat().st_size > 1000


def test_the_time_axis_speaks_the_unit_of_its_span() -> None:
    for bin_s, unit in ((0.5, "time (s)"), (60.0, "time (min)"), (3600.0, "time (h)")):
        figure = draw_scores(_table(bin_s=bin_s))
        assert unit in [axes.get_xlabel() for axes in figure.axes]


def test_streams_left_out_are_counted() -> None:
    figure = draw_scores(_table(), max_streams=2)
    assert any("2 of 5 streams shown" in text.get_text() for text in figure.texts)


@pytest.mark.parametrize("threshold", [None, 1.0])
def test_one_value_for_all_and_no_value_at_all_are_drawn(threshold: float | None) -> None:
    draw_scores(_table().assign(score=1.0), threshold=threshold).canvas.draw()
    draw_scores(_table().assign(score=np.nan), threshold=threshold).canvas.draw()
    figure = draw_scores(_table()[:0], threshold=threshold)
    assert "no scores" in [text.get_text() for axes in figure.axes for text in axes.texts]


def test_huge_scores_get_a_logarithmic_axis() -> None:
    table = _table()
    table.loc[410 % len(table), "score"] = 1e6
    assert "log" in [axes.get_yscale() for axes in draw_scores(table, threshold=5.0).axes]


def test_tables_that_lack_columns_are_named() -> None:
    with pytest.raises(DataError, match="lacks columns score"):
        draw_scores(_table().drop(columns="score"))
    with pytest.raises(DataError, match="events"):
        draw_scores(_table(), events=pd.DataFrame({"start": [1]}))
