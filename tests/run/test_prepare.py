"""Scenes are prepared once: what was made of the same pieces is taken as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.run.prepare import prepare_pieces
from sensorgraph.run.run_file import GraphSettings
from sensorgraph.run.sources import Piece
from sensorgraph.scenes import Recording, Sensor
from sensorgraph.scenes.store import write_recording


def test_the_same_recording_by_another_path_is_not_prepared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flow = Sensor("flow", rate_hz=10.0, values=np.arange(40, dtype=np.float32))
    write_recording("pump.zarr", Recording("pump", duration_s=4.0, streams=(flow,)))
    settings = GraphSettings(duration_s=2.0, num_bins=4)
    relative, absolute = (
        prepare_pieces([Piece("train", path, "pump")], settings, Path("cache"), num_workers=1).folder
        for path in (Path("pump.zarr"), tmp_path / "pump.zarr")
    )
    other = prepare_pieces([Piece("train", Path("pump.zarr"), "pump")], GraphSettings(2.0, 5), Path("cache"), 1).folder
    assert relative == absolute != other
