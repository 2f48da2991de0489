from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import DataError
from sensorgraph.viz import draw_reconstruction


def _table(num_streams: int = 4) -> pd.DataFrame:
    rows = [
        {
            "stream": f"channel {stream}",
            "start_s": 0.5 * number,
            "end_s": 0.5 * number + 0.5,
            "target": float(number) + (5.0 if (stream, number) == (2, 6) else 0.0),
            "mean": float(number),
            "sigma": 0.5,
            "hidden": number > 5,
        }
        for stream in range(num_streams)
        for number in range(10)
    ]
    return pd.DataFrame(rows)


def _titles(figure: object) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes]  # type: ignore[attr-defined]


def test_one_panel_per_stream_with_its_largest_deviation(tmp_path: Path) -> None:
    figure = draw_reconstruction(_table(), tmp_path / "r.png")
    assert _titles(figure) == [f"channel {number}" for number in range(4)]
    assert figure.axes[2].get_title(loc="right") == "largest 10.0 sigma"
    assert figure.axes[1].get_title(loc="right") == "largest 0.0 sigma"
    odd = [line for line in figure.axes[2].lines if line.get_marker() == "o"]
    assert np.asarray(odd[0].get_xydata()).tolist() == [[3.25, 11.0]]
    assert (tmp_path / "r.png").stat().st_size > 1000


def test_features_get_panels_of_their_own() -> None:
    table = pd.concat([_table(1).assign(feature=name) for name in ("level", "spread")])
    assert _titles(draw_reconstruction(table)) == ["channel 0 level", "channel 0 spread"]


def test_the_largest_deviations_are_kept_and_the_rest_counted() -> None:
    figure = draw_reconstruction(_table(), max_panels=1)
    assert _titles(figure) == ["channel 2"]
    assert any("1 of 4 series shown" in text.get_text() for text in figure.texts)


def test_unknown_truth_is_said() -> None:
    figure = draw_reconstruction(_table(1).assign(target=np.nan))
    figure.canvas.draw()
    assert figure.axes[0].get_title(loc="right") == "truth unknown"


def test_nothing_reconstructed_is_said() -> None:
    figure = draw_reconstruction(_table()[:0])
    assert "nothing was reconstructed" in [text.get_text() for text in figure.axes[0].texts]


def test_a_table_that_lacks_columns_is_named() -> None:
    with pytest.raises(DataError, match="lacks columns sigma"):
        draw_reconstruction(_table().drop(columns="sigma"))
