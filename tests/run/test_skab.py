"""The run file for real recordings fits them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sensorgraph.config import load
from sensorgraph.run.run_file import RunFile
from sensorgraph.run.truth import anomaly_table, of_split

CONFIG = Path(__file__).parents[2] / "configs" / "skab.yaml"


def test_learned_from_are_the_first_400_rows_and_the_anomaly_free_file(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "anomaly" / "skab"
    overrides = [
        f"data.paths=['{folder}/valve2/*.csv', '{folder}/other/1.csv']",
        f"data.normal=['{folder}/anomaly-free/*.csv']",
    ]
    pieces = load(CONFIG, RunFile, overrides).data.build().pieces(0, tmp_path, print)
    tested = of_split(pieces, "test")
    assert len(tested) == 5
    for piece in tested:
        stamps = piece.open().streams[0].times()
        assert np.sum(stamps < piece.start_s) == 400
        assert all(
            other.end_s <= piece.start_s for other in pieces if other.split != "test" and other.path == piece.path
        )
    anomalies = anomaly_table(tested)
    assert set(anomalies["kind"]) == {"anomaly"}
    assert set(anomalies["recording"]) == {piece.recording_id for piece in tested}
