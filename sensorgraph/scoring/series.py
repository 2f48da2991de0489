"""Residual tables as one matrix per recording: bins in the order of time by streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

EVIDENCE: tuple[str, ...] = ("against_others", "against_past", "deviation")
"""Columns of the residual table: unexpected given the other streams, given the stream's own past, given training."""

CONTEXT = "out_of_context"
"""Column that says how much the rest of a scene speaks against a stream's whole modality; tables may lack it."""

MEMORY = "against_memory"
"""Column that says the same by what is remembered of normal scenes, whatever the shape of the relation."""

FAMILIAR = "familiar"
"""Column of the log density of where a stream's whole modality is among where it was in training (nats)."""


@dataclass(frozen=True)
class RecordingSeries:
    """Residuals of one recording.

    Attributes:
        recording: its id.
        start_s: [T] start of each bin on the recording's clock (s), rising.
        scene, bin: [T] the scene and bin that each row came from (the later one where scenes overlap).
        streams, modalities, kinds: [C] ids and modalities of the columns; the kind of raw words is ``word``, that of
            all others their modality.
        values: evidence (and `CONTEXT`, `MEMORY`, `FAMILIAR`) to [T, C] float64, NaN where nothing was observed or
            the table does not say.
    """

    recording: str
    start_s: np.ndarray
    scene: np.ndarray
    bin: np.ndarray
    streams: np.ndarray
    modalities: np.ndarray
    kinds: np.ndarray
    values: dict[str, np.ndarray]

    def of_modalities(self, name: str) -> dict[str, np.ndarray]:
        """What all streams of a modality are told alike, once: modality to [T], for those of which anything is."""
        out = {}
        for modality in np.unique(self.modalities):
            told = self.values[name][:, self.modalities == modality]
            value = np.where(np.isnan(told), -np.inf, told).max(1)
            if np.isfinite(value).any():
                out[str(modality)] = np.where(np.isfinite(value), value, np.nan)
        return out


def series_of(residuals: pd.DataFrame, bin_s: float) -> Iterator[RecordingSeries]:
    """One matrix per recording, in order of first appearance.

    Bins of overlapping scenes that stand for the same time are averaged.
    """
    for recording, rows in residuals.groupby("recording", sort=False):
        number = np.rint((rows["scene_start_s"].to_numpy() + rows["bin"].to_numpy() * bin_s) / bin_s).astype(np.int64)
        times, time_row = np.unique(number, return_inverse=True)
        streams, column, first = _numbered(rows["stream"].to_numpy())
        scene = np.empty(len(times), object)
        scene[time_row] = rows["scene"].to_numpy()
        bins = np.empty(len(times), np.int64)
        bins[time_row] = rows["bin"].to_numpy()
        place = time_row * len(streams) + column
        values = {}
        for name in (*EVIDENCE, CONTEXT, MEMORY, FAMILIAR):
            given = rows[name].to_numpy(np.float64) if name in rows else np.full(len(rows), np.nan)
            known = np.isfinite(given)
            size = len(times) * len(streams)
            total = np.bincount(place[known], weights=given[known], minlength=size)
            count = np.bincount(place[known], minlength=size)
            mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
            values[name] = mean.reshape(len(times), len(streams))
        modalities = rows["modality"].to_numpy()[first]
        kinds = np.where(rows["is_word"].to_numpy()[first], "word", modalities)
        yield RecordingSeries(str(recording), times * bin_s, scene, bins, streams, modalities, kinds, values)


def _numbered(names: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct names in order of first appearance, the number of each entry, and where each first stood."""
    codes, unique = pd.factorize(names)
    first = np.full(len(unique), len(names))
    np.minimum.at(first, codes, np.arange(len(names)))
    return np.asarray(unique, object), codes, first
