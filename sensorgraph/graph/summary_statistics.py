"""Normalisation of the summaries, fitted on the training graphs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import Scope, robust_affine
from sensorgraph.typing import MODALITIES

_ROWS_PER_SCENE = 64
_FLOOR = 0.02
"""Least scale as a share of the typical scale of the feature over all streams: a feature that hardly moved in training
must not turn its first tremble into a thousand sigmas."""


@dataclass(frozen=True)
class SummaryStatistics:
    """Centre and scale of every summary feature, per known stream, and per kind of stream for the others.

    Attributes:
        scope: as in `ValueStatistics`.
        centre, scale: key to [F]; keys are ``"modality/number"``, with ``"recording/"`` before them in that scope, or
            ``"modality/word"`` and ``"modality/plain"`` for streams without a number.
    """

    scope: Scope = "run"
    centre: Mapping[str, np.ndarray] = field(default_factory=dict)
    scale: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def fit(cls, graphs: Iterable[HeteroData], schema: GraphSchema, scope: Scope = "run") -> SummaryStatistics:
        """Statistics of the training graphs, seen once each, before any normalisation of their summaries."""
        rows: dict[str, list[np.ndarray]] = {}
        for graph in graphs:
            for modality in MODALITIES:
                store = graph[modality]
                summary = torch.where(store.observed, store.summary, torch.nan).numpy()
                for row in range(len(summary)):
                    kept = summary[row, :: max(schema.num_bins // _ROWS_PER_SCENE, 1)]
                    for key in _keys(scope, graph.recording_id, modality, store, row):
                        rows.setdefault(key, []).append(kept)
        centre, scale = {}, {}
        for key, parts in rows.items():
            centre[key], scale[key] = _robust_columns(np.concatenate(parts))
        for key in list(centre):
            kind = f"{key.split('/')[-2]}/"
            typical = [scale[k] for k in (f"{kind}plain", f"{kind}word") if k in scale]
            if typical:
                scale[key] = np.maximum(scale[key], _FLOOR * np.max(typical, axis=0))
        return cls(scope, centre, scale)

    def affine_of(
        self, recording_id: str, modality: str, store: NodeStorage, row: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Centre and scale [F] of one row, from the most particular entry there is; (0, 1) where there is none."""
        for key in _keys(self.scope, recording_id, modality, store, row):
            if key in self.centre:
                return self.centre[key], self.scale[key]
        return np.zeros(1, np.float32), np.ones(1, np.float32)

    def to_json(self) -> str:
        """The statistics as JSON text; `from_json` gives them back."""
        entries = {key: [self.centre[key].tolist(), self.scale[key].tolist()] for key in sorted(self.centre)}
        return json.dumps({"scope": self.scope, "entries": entries})

    @classmethod
    def from_json(cls, text: str) -> SummaryStatistics:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        entries = fields["entries"]
        return cls(
            fields["scope"],
            {key: np.array(pair[0], np.float32) for key, pair in entries.items()},
            {key: np.array(pair[1], np.float32) for key, pair in entries.items()},
        )


def _keys(scope: Scope, recording_id: str, modality: str, store: NodeStorage, row: int) -> list[str]:
    """Most particular first."""
    number = int(store.channel[row])
    kind = "word" if bool(store.is_word[row]) else "plain"
    own = [f"{modality}/{number}"] if number else []
    if scope == "recording":
        own = [f"{recording_id}/{key}" for key in own] + own
    return [*own, f"{modality}/{kind}"]


def _robust_columns(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    columns = rows.reshape(-1, rows.shape[-1]).T
    affine = [robust_affine(column[np.isfinite(column)].astype(np.float64)) for column in columns]
    return (
        np.array([entry.centre for entry in affine], np.float32),
        np.array([entry.scale for entry in affine], np.float32),
    )
