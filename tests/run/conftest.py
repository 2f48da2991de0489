"""Two trained runs that all tests of the verbs share: everything there is, and a few sensors in tables."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import CalibrationWarning
from sensorgraph.run.cli import main

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "scene_gnn_tiny.yaml"

TABLES = """
seed: 1
data:
  kind: recordings
  paths: ["{folder}/*.csv"]
  split_by: time
  shares: {{train: 0.5, validation: 0.1, calibration: 0.2, test: 0.2}}
graph: {{duration_s: 4.0, num_bins: 8}}
encoders:
  sensor: [{{kind: transformer1d, max_rate_hz: 100, hidden: 8}}]
fusion: {{kind: message_passing, num_layers: 1, num_heads: 2, num_factors: 2}}
model: {{dim: 8, top_k: 2, decoder_hidden: 8}}
training:
  pretrain: {{epochs: 1}}
  fuse: {{epochs: 2}}
  finetune: {{epochs: 0}}
scoring: {{false_alarms_per_day: 2000.0, widths: [1, 4]}}
"""


@dataclass(frozen=True)
class Trained:
    """A trained run: its folder, its run file, and the cache of its scenes."""

    folder: Path
    config: Path
    cache: Path


def train(config: Path, place: Path) -> None:
    """Trains into ``place / "run"``; so little data must provoke a threshold that says how uncertain it is."""
    words = ["--out", str(place / "run"), "--cache", str(place / "cache"), "--no-progress"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        assert main(["train", str(config), *words]) == 0


@pytest.fixture(scope="session")
def make_table() -> Callable[..., Path]:
    """Writes a table of three related sensors at 20 Hz, 80 s long."""

    def make(path: Path, seed: int, duration_s: float = 80.0, **columns: np.ndarray | float) -> Path:
        rng = np.random.default_rng(seed)
        time_s = np.arange(round(duration_s * 20)) / 20
        load = np.cumsum(rng.normal(size=len(time_s))) * 0.05
        table = {
            "time": time_s,
            "flow": load + 0.05 * rng.normal(size=len(time_s)),
            "pressure": 2 * load + 0.05 * rng.normal(size=len(time_s)),
            "speed": np.sin(time_s) + 0.05 * rng.normal(size=len(time_s)),
            **columns,
        }
        pd.DataFrame(table).to_csv(path, index=False)
        return path

    return make


@pytest.fixture(scope="session")
def table_config() -> Callable[[Path], Path]:
    """Writes a small run file beside the tables of a folder."""

    def write(folder: Path) -> Path:
        config = folder / "tables.yaml"
        config.write_text(TABLES.format(folder=folder))
        return config

    return write


@pytest.fixture(scope="session")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The shipped tiny run, to be read only."""
    place = tmp_path_factory.mktemp("tiny")
    train(TINY, place)
    return Trained(place / "run", TINY, place / "cache")


@pytest.fixture(scope="session")
def table_run(
    tmp_path_factory: pytest.TempPathFactory,
    make_table: Callable[..., Path],
    table_config: Callable[[Path], Path],
) -> Trained:
    """A run on three CSV tables without any label, to be read only."""
    place = tmp_path_factory.mktemp("tables")
    for seed in range(3):
        make_table(place / f"pump{seed}.csv", seed)
    config = table_config(place)
    train(config, place)
    return Trained(place / "run", config, place / "cache")
