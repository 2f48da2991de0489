"""Scenes and a network that are small enough to be trained in a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch_geometric.data import HeteroData

from sensorgraph.graph import GraphList
from sensorgraph.testing.tiny_run import TINY, TinyRun, tiny_run
from sensorgraph.training import Splits


@pytest.fixture(scope="session")
def little() -> TinyRun:
    """Sensors and a log only: what training does with stages does not depend on the number of modalities."""
    return tiny_run(replace(TINY, modalities=("sensor", "text"), num_physical=4, fast_rate_hz=200.0))


@pytest.fixture(scope="session")
def little_graphs(little: TinyRun) -> list[HeteroData]:
    return little.graphs()


@pytest.fixture
def splits(little_graphs: list[HeteroData]) -> Splits:
    return Splits(GraphList(little_graphs[:4]), GraphList(little_graphs[4:]))


@pytest.fixture(autouse=True)
def same_luck() -> Iterator[None]:
    """Training draws from torch's global generator; no test leaves it as another test would not expect it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield
