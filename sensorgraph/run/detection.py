"""Figures of how well scores tell what is wrong from what is normal, beside their controls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from torch_geometric.data import HeteroData

from sensorgraph.evaluation.attribution import attribution_figures
from sensorgraph.evaluation.controls import control_scores
from sensorgraph.evaluation.events import event_figures
from sensorgraph.evaluation.metrics import alarm_figures, auroc, average_precision, best_f1
from sensorgraph.evaluation.vus import estimate_window, vus
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.run.truth import bin_labels, scene_categories
from sensorgraph.scoring.blame import blame_modality
from sensorgraph.typing import MODALITIES

MIN_SCENE_OVERLAP_S = 1.0
"""A scene counts as faulty when the fault holds for at least this long in it."""


@dataclass(frozen=True)
class ControlInput:
    """What controls look at: the summaries of all known channels, normalised like the network's.

    Attributes:
        bins: ``recording, scene, bin`` of each row.
        values: [T, C] float64, NaN where nothing was observed.
    """

    bins: pd.DataFrame
    values: np.ndarray


def control_input(
    dataset: Iterable[HeteroData], schema: GraphSchema, modalities: Sequence[str] = MODALITIES
) -> ControlInput:
    """One row per bin, one column per feature of a known channel that is ever observed.

    Args:
        dataset: scenes.
        schema: names the known channels.
        modalities: what may be looked at; controls see no more than the network does.
    """
    rows, bins = [], []
    width: dict[str, int] = {m: schema.num_features(m) for m in MODALITIES}
    begin, total = {}, 0
    for number, name in enumerate(schema.channels, start=1):
        begin[number] = total
        total += width[name.split(":", 1)[0]]
    for graph in dataset:
        matrix = np.full((schema.num_bins, total), np.nan)
        for modality in modalities:
            store = graph[modality]
            values = np.where(store.observed.numpy(), store.summary.numpy(), np.nan)
            for row, number in enumerate(store.channel.tolist()):
                if number:
                    matrix[:, begin[number] : begin[number] + width[modality]] = values[row]
        rows.append(matrix)
        bins.append(
            pd.DataFrame({"recording": graph.recording_id, "scene": graph.scene_id, "bin": np.arange(schema.num_bins)})
        )
    return ControlInput(pd.concat(bins, ignore_index=True), np.concatenate(rows))


def control_machine_scores(
    train: ControlInput, test: ControlInput, machine: pd.DataFrame, by_recording: bool, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Scores of every control on the bins of ``machine``, in the same form.

    Args:
        train, test: summaries.
        machine: the network's scores; its bins are scored.
        by_recording: fit each control on the training rows of the same recording, where it has some.
        seed: of the random control.
    """
    seen = np.isfinite(train.values).any(0)
    out: dict[str, list[pd.DataFrame]] = {}
    place = test.bins.assign(row=np.arange(len(test.bins)))
    for recording, rows in machine.groupby("recording", sort=False):
        index = rows.merge(place, on=["recording", "scene", "bin"], how="left")["row"].to_numpy()
        fit_rows = train.values[:, seen]
        if by_recording and (own := train.bins["recording"].to_numpy() == recording).any():
            fit_rows = fit_rows[own]
        # Each recording draws its own noise; the same noise everywhere would look like skill over scenes.
        own_seed = seed + crc32(str(recording).encode())
        for name, scores in control_scores(fit_rows, test.values[index][:, seen], own_seed).items():
            out.setdefault(name, []).append(rows.assign(score=scores))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in out.items()}


def series_figures(
    machine: pd.DataFrame, anomalies: pd.DataFrame, first_channel: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """Mean over the recordings that hold both normal and anomalous bins.

    Args:
        machine: scores per bin.
        anomalies: truth.
        first_channel: recording to the series whose period sets the window of VUS.
    """
    found: list[dict[str, float]] = []
    for recording, rows in machine.groupby("recording", sort=False):
        rows = rows.sort_values("start_s")
        label, score = bin_labels(rows, anomalies), rows["score"].to_numpy()
        if label.all() or not label.any():
            continue
        window = min(estimate_window(first_channel[str(recording)]), max(len(label) // 4, 1))
        volume = vus(label, score, window)
        found.append(
            {
                "VUS-PR": volume.pr,
                "AUC-PR": average_precision(label, score),
                "AUROC": auroc(label, score),
                "best F1": best_f1(label, score).f1,
                "VUS window": float(window),
            }
        )
    return {name: float(np.mean([row[name] for row in found])) for name in found[0]} if found else {}


def scene_figures(machine: pd.DataFrame, anomalies: pd.DataFrame) -> dict[str, float]:
    """AUROC of the largest score in a scene, each category of anomaly against the normal scenes."""
    category = pd.Series(scene_categories(machine, anomalies, MIN_SCENE_OVERLAP_S))
    score = machine.groupby("scene", sort=False)["score"].max().reindex(category.index).to_numpy()
    normal = category.to_numpy() == "normal"
    out = {}
    for name in sorted(set(category) - {"normal", "unclear"}):
        chosen = normal | (category.to_numpy() == name)
        if normal.any():
            out[f"{name} AUROC"] = auroc(~normal[chosen], score[chosen])
    return out


def threshold_figures(machine: pd.DataFrame, anomalies: pd.DataFrame, value: float) -> dict[str, float]:
    """Pooled precision, recall, F1, false-alarm and missed-alarm rate per bin, and events, at a threshold."""
    machine = machine.sort_values(["recording", "start_s"], kind="stable")
    label, alarm = bin_labels(machine, anomalies), machine["score"].to_numpy() > value
    if label.all() or not label.any():
        return {}
    figures = alarm_figures(label, alarm)
    # A normal bin between two recordings keeps their events apart.
    edge = np.flatnonzero(machine["recording"].to_numpy()[1:] != machine["recording"].to_numpy()[:-1]) + 1
    events = event_figures(np.insert(label, edge, False), np.insert(alarm, edge, False))
    return {
        "F1": figures.f1,
        "precision": figures.precision,
        "recall": figures.recall,
        "false-alarm rate": figures.false_alarm_rate,
        "missed-alarm rate": figures.missed_alarm_rate,
        "event P": events.precision,
        "event R": events.recall,
        "delay (bins)": events.mean_delay_bins,
    }


def blame_figures(streams: pd.DataFrame, anomalies: pd.DataFrame) -> dict[str, float]:
    """Attribution: is the root cause named first, per kind of truth.

    Judged are anomalies with exactly one root cause (``single-stream top-1``), those of several streams
    (``system top-1 affected``: the first named is affected) and contextual ones (``contextual modality top-1``).
    """
    single, affected, modality = [], [], []
    blames, causes = [], []
    row: Any
    for row in anomalies.itertuples():
        rows = streams[
            (streams["recording"] == row.recording)
            & (streams["end_s"] > row.start_s + 1e-6)
            & (streams["start_s"] < row.end_s - 1e-6)
        ]
        if rows.empty or row.category == "missing" or not row.root_cause:
            continue
        mean = rows.groupby("stream", sort=False)["score"].mean()
        kind = rows.drop_duplicates("stream").set_index("stream")["modality"]
        first = mean.idxmax()
        if row.category == "contextual":
            named = blame_modality(rows, row.recording, row.start_s, row.end_s)
            modality.append(named == kind[row.root_cause[0]])
        elif row.category == "system":
            affected.append(first in row.affected)
        elif len(row.root_cause) == 1:
            single.append(first == row.root_cause[0])
        blames.append(mean.to_numpy())
        causes.append(mean.index.isin(row.root_cause))
    out = {}
    for name, hits in (
        ("single-stream top-1", single),
        ("system top-1 affected", affected),
        ("contextual modality top-1", modality),
    ):
        if hits:
            out[name] = float(np.mean(hits))
    per_event = [attribution_figures(b[None], c[None]) for b, c in zip(blames, causes, strict=True) if c.any()]
    if per_event:
        out["HitRate@100%"] = float(np.mean([figures.hit_rate_100 for figures in per_event]))
        out["NDCG"] = float(np.mean([figures.ndcg_100 for figures in per_event]))
    return out
