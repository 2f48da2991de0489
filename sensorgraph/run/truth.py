"""What is known to have gone wrong in the recordings of a split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sensorgraph.run.sources import Piece

COLUMNS = ["recording", "kind", "category", "start_s", "end_s", "severity", "root_cause", "affected"]


def anomaly_table(pieces: Iterable[Piece]) -> pd.DataFrame:
    """One row per labelled anomaly, on the clock of its recording.

    Returns:
        Columns as in `COLUMNS`; ``root_cause`` and ``affected`` are tuples of stream ids.
    """
    rows = []
    for piece in pieces:
        for anomaly in piece.open().labels.anomalies:
            rows.append(
                {
                    "recording": piece.recording_id,
                    "kind": anomaly.kind,
                    "category": anomaly.category,
                    "start_s": anomaly.start_s,
                    "end_s": anomaly.end_s,
                    "severity": anomaly.severity,
                    "root_cause": anomaly.root_cause,
                    "affected": anomaly.affected,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def bin_labels(bins: pd.DataFrame, anomalies: pd.DataFrame) -> np.ndarray:
    """Which bins overlap an anomaly of their recording.

    Args:
        bins: with ``recording, start_s, end_s``.
        anomalies: see `anomaly_table`.

    Shapes: returns [rows of ``bins``] bool.
    """
    label = np.zeros(len(bins), bool)
    recording, start_s, end_s = (bins[name].to_numpy() for name in ("recording", "start_s", "end_s"))
    row: Any
    for row in anomalies.itertuples():
        label |= (recording == row.recording) & (start_s < row.end_s - 1e-9) & (end_s > row.start_s + 1e-9)
    return label


def scene_categories(machine: pd.DataFrame, anomalies: pd.DataFrame, min_overlap_s: float) -> Mapping[str, str]:
    """What is wrong in each scene: ``normal``, a category, or ``unclear``.

    Only scenes of recordings without any anomaly count as normal; a scene of a faulty recording that the fault does not
    reach for ``min_overlap_s`` is ``unclear`` and judged neither way.
    """
    out: dict[str, str] = {}
    for (recording, scene), rows in machine.groupby(["recording", "scene"], sort=False):
        own = anomalies[anomalies["recording"] == recording]
        if own.empty:
            out[str(scene)] = "normal"
            continue
        start_s, end_s = rows["start_s"].min(), rows["end_s"].max()
        overlap = np.minimum(own["end_s"], end_s) - np.maximum(own["start_s"], start_s)
        reached = own[overlap >= min_overlap_s]
        out[str(scene)] = "unclear" if reached.empty else str(reached["category"].iloc[0])
    return out


def of_split(pieces: Sequence[Piece], split: str) -> list[Piece]:
    """The pieces of one split."""
    return [piece for piece in pieces if piece.split == split]
