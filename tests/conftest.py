"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sensorgraph.testing.tiny_run import TinyRun, tiny_run


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings; tests that need it skip where it is not."""
    place = Path(os.environ.get("SENSORGRAPH_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not place.is_dir():
        pytest.skip(f"real recordings not found at {place}; set SENSORGRAPH_DATA")
    return place


@pytest.fixture(scope="session")
def tiny() -> TinyRun:
    """Six small simulated scenes of three recordings, and what was fitted to them."""
    return tiny_run()
