"""Controls look at what the network looks at, and at nothing else."""

from __future__ import annotations

import numpy as np

from sensorgraph.run.detection import control_input
from sensorgraph.testing.tiny_run import tiny_run


def test_controls_see_only_the_modalities_that_they_may() -> None:
    run = tiny_run(seeds=[0])
    graphs = run.graphs()
    everything, sensors = control_input(graphs, run.schema), control_input(graphs, run.schema, ["sensor"])
    seen_by_all, seen = (np.isfinite(found.values).any(0) for found in (everything, sensors))
    of_sensors = np.concatenate(
        [
            np.full(run.schema.num_features(name.split(":")[0]), name.startswith("sensor:"))
            for name in run.schema.channels
        ]
    )
    assert seen.any()
    np.testing.assert_array_equal(seen, seen_by_all & of_sensors)
    assert (seen_by_all & ~of_sensors).any()
