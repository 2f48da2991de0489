"""Candidate pairs of words, with the classical evidence as link features."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sensorgraph.graph.truth import pair_truth
from sensorgraph.scenes import Clock, Scene, Sensor
from sensorgraph.words import WordTable, find_candidates, overflow_bins


def candidate_links(scene: Scene, sensors: list[Sensor], clock: Clock) -> dict[str, Tensor]:
    """Sparse candidate pairs among the words of a scene.

    Shapes: ``edge_index`` [2, E] int64 (first row: supposed MSB), ``edge_attr`` [E, K] float32, ``lag`` [E] int64,
    ``bin_evidence`` [E, L, k] float32, and the truth of `pair_truth`.
    """
    rows = np.array([row for row, sensor in enumerate(sensors) if sensor.is_word], np.int64)
    table = WordTable.of([sensors[row] for row in rows])
    found = find_candidates(table)
    link = rows[found.link] if len(found.link) else np.zeros((0, 2), np.int64)
    return {
        "edge_index": torch.from_numpy(np.ascontiguousarray(link.T)),
        "edge_attr": torch.from_numpy(found.evidence),
        "lag": torch.from_numpy(found.lag),
        "bin_evidence": torch.from_numpy(overflow_bins(table, found.link, clock, found.lag)),
        **pair_truth(scene, sensors, link, clock),
    }
