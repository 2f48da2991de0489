"""Fourth and fifth stage of a run: calibrate, then judge honestly, with controls, tables and pictures."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from torch_geometric.data import Dataset, HeteroData

from sensorgraph.errors import DataError
from sensorgraph.evaluation.alarm_rate import alarm_rate
from sensorgraph.evaluation.run_table import RunTable
from sensorgraph.graph.dataset import GraphList
from sensorgraph.graph.schema import MEDIA
from sensorgraph.graph.transforms import DropModality
from sensorgraph.run.board import log_tables
from sensorgraph.run.calibrate import Calibrated, calibrate, threshold_for
from sensorgraph.run.detection import (
    MIN_SCENE_OVERLAP_S,
    blame_figures,
    control_input,
    control_machine_scores,
    scene_figures,
    series_figures,
    threshold_figures,
)
from sensorgraph.run.pictures import draw_run
from sensorgraph.run.progress import progress_bar
from sensorgraph.run.results import Structure, write_scores, write_structure
from sensorgraph.run.run_folder import FinishedRun
from sensorgraph.run.sources import Piece
from sensorgraph.run.structure import structure_figures
from sensorgraph.run.truth import anomaly_table, of_split, scene_categories
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.scoring.scorer import Scores
from sensorgraph.training.encoded import encode_all
from sensorgraph.training.predict import Predictions, predict, scenes_at_once

OURS = "scene GNN"
_RATES_PER_DAY = (100.0, 300.0, 1000.0)


def assess(
    finished: FinishedRun, datasets: Mapping[str, Dataset], pieces: Sequence[Piece], simulated: bool
) -> dict[str, RunTable]:
    """Calibrate, score the test split, print the tables and write everything into the run's folder.

    Recordings without labels are scored and drawn, and count as normal; tables that need truth are left out.

    Raises:
        DataError: nothing is left to calibrate or to test on.
    """
    for split in ("calibration", "test"):
        if split not in datasets or not len(datasets[split]):
            raise DataError(f"data: no scene can be used for the {split} split; give it a share, or more recordings")
    settings, bin_s = finished.run.scoring, finished.bin_s
    own = settings.scope == "recording"
    splits = ("train", "calibration", "test") if own else ("calibration", "test")
    encoded = {split: _encode(finished, datasets[split], split) for split in splits}
    found = {split: _predict(finished, data, split) for split, data in encoded.items()}
    # A recording's own normal rows are few: there, those that training saw count as well.
    normal = pd.concat([found[split].residuals for split in splits[:-1]], ignore_index=True)
    calibrated = calibrate(normal, bin_s, settings, finished.run.model.causal)
    calibrated.save(finished.folder)
    scores = calibrated.scorer.score(found["test"].residuals)
    structure = Structure.of(found["test"])
    write_scores(finished.folder, scores, calibrated.alarms(scores))
    write_structure(finished.folder, structure)
    anomalies = anomaly_table(of_split(pieces, "test"))

    tables = {"detection": _detection(finished, datasets, scores, anomalies, calibrated, simulated)}
    tables["alarms"] = _alarms(finished, normal, calibrated, scores, anomalies, simulated)
    if (found["test"].channels["true_type"] >= 0).any():
        tables["structure"] = _structure(found["test"], anomalies, of_split(pieces, "test"), simulated)
    if anomalies["root_cause"].map(len).any():
        tables["blame"] = RunTable("Who is to blame: is the first that is named the right one?")
        tables["blame"].add(OURS, blame_figures(scores.streams, anomalies), is_simulated=simulated)
    has_system = (anomalies["category"] == "system").any() and anomalies["category"].nunique() > 1
    if _media(encoded["test"], list(finished.model.encoders)) and has_system:
        tables["missing"] = _missing(finished, encoded["test"], calibrated, anomalies, scores, simulated)
    _publish(finished.folder, tables)
    draw_run(finished, structure, scores, calibrated.threshold, of_split(pieces, "test"), anomalies, datasets["test"])
    return tables


def _track(description: str, total: int, items: Iterable[Any]) -> Iterator[Any]:
    with progress_bar() as bar:
        yield from bar.track(items, total=total, description=description)


def _encode(finished: FinishedRun, dataset: Dataset, split: str) -> GraphList:
    return encode_all(finished.model, dataset, partial(_track, f"encoding {split}", len(dataset)))


def _predict(finished: FinishedRun, dataset: Dataset, split: str) -> Predictions:
    batch_size = scenes_at_once(dataset)
    num_batches = -(-len(dataset) // batch_size)
    return predict(finished.model, dataset, batch_size, partial(_track, f"scoring {split}", num_batches))


def _media(encoded: GraphList, looked_at: Container[str]) -> list[str]:
    """Modalities beside sensors that the scenes hold and the network looks at."""
    return [m for m in MEDIA if m in looked_at and any(graph[m].num_nodes for graph in encoded.graphs)]


def _detection(
    finished: FinishedRun,
    datasets: Mapping[str, Dataset],
    scores: Scores,
    anomalies: pd.DataFrame,
    calibrated: Calibrated,
    simulated: bool,
) -> RunTable:
    schema = finished.fitted.schema
    # Controls are fitted on the rows that the scorer knows to be normal.
    learned_from = ("train", "calibration") if finished.run.scoring.scope == "recording" else ("train",)
    looked_at = list(finished.model.encoders)
    train = control_input(chain.from_iterable(datasets[split] for split in learned_from), schema, looked_at)
    test = control_input(datasets["test"], schema, looked_at)
    first = {str(recording): _first_channel(test, rows) for recording, rows in test.bins.groupby("recording")}
    # A long gap has no score, and its bins are no rows of the recording.
    scored = scores.machine.dropna(subset=["score"])
    rows = {OURS: scored}
    controls = control_machine_scores(train, test, scored, finished.run.graph.scope == "recording", finished.run.seed)
    several = anomalies["category"].nunique() > 1
    table = RunTable(
        "Finding what is wrong (per recording: VUS-PR and others; per scene: AUROC against normal scenes)"
        if several
        else "Finding what is wrong (mean over recordings)"
    )
    for name, machine in {**rows, **controls}.items():
        figures = series_figures(machine, anomalies, first)
        if several:
            figures |= scene_figures(machine, anomalies)
        table.add(name, figures, is_control=name != OURS, is_simulated=simulated)
    return table


def _first_channel(control: Any, rows: pd.DataFrame) -> np.ndarray:
    """The first column of a recording that is observed throughout and moves, for the window of VUS."""
    values = control.values[rows.index.to_numpy()]
    whole = np.isfinite(values).all(0) & (np.nan_to_num(values).std(0) > 0)
    return values[:, int(whole.argmax())] if whole.any() else np.nan_to_num(values[:, 0])


def _alarms(
    finished: FinishedRun,
    calibration: pd.DataFrame,
    calibrated: Calibrated,
    scores: Scores,
    anomalies: pd.DataFrame,
    simulated: bool,
) -> RunTable:
    settings, bin_s = finished.run.scoring, finished.bin_s
    threshold = calibrated.threshold
    table = RunTable(f"Alarms at a stated false-alarm rate ({threshold.kind} threshold)")
    scored = scores.machine.dropna(subset=["score"])
    at = {"asked per day": settings.false_alarms_per_day, "threshold": threshold.value}
    table.add(OURS, {**at, **threshold_figures(scored, anomalies, threshold.value)}, is_simulated=simulated)
    normal = scores.machine[~scores.machine["recording"].isin(anomalies["recording"])]
    if normal.empty:
        return table
    known = calibrated.scorer.score(calibration).machine
    streams = scores.streams[scores.streams["recording"].isin(normal["recording"])]
    for per_day in sorted({*_RATES_PER_DAY, settings.false_alarms_per_day}):
        fitted = threshold_for(known, per_day, bin_s, settings)
        judged = Calibrated(calibrated.scorer, fitted)
        seen = alarm_rate(len(judged.alarms(Scores(streams, normal))), len(normal) * bin_s, per_day)
        table.add(
            f"fresh normal, {per_day:g} a day",
            {
                "asked per day": per_day,
                "threshold": fitted.value,
                "hours": len(normal) * bin_s / 3600,
                "seen per day": seen.per_day,
                "seen/asked": seen.ratio,
                "95 % low": seen.per_day_low / per_day,
                "95 % high": seen.per_day_high / per_day,
            },
            is_simulated=simulated,
        )
    return table


def _structure(found: Predictions, anomalies: pd.DataFrame, pieces: Sequence[Piece], simulated: bool) -> RunTable:
    """Judged on recordings without anomalies: a broken word is not what its label says."""
    normal = {piece.recording_id for piece in pieces} - set(anomalies["recording"])
    scenes = set(found.residuals.loc[found.residuals["recording"].isin(normal), "scene"])
    kept = Predictions(
        **{
            name: getattr(found, name)[getattr(found, name)["scene"].isin(scenes)]
            for name in Predictions.__dataclass_fields__
        }
    )
    true_pairs = [
        {"scene": scene, "msb": pair.msb, "lsb": pair.lsb}
        for piece in pieces
        if piece.recording_id in normal
        for pair in piece.open().labels.pairs
        for scene in scenes
        if scene.startswith(f"{piece.recording_id}@")
    ]
    table = RunTable("What the channels are (words of held-out normal recordings)")
    figures = structure_figures(kept, pd.DataFrame(true_pairs, columns=["scene", "msb", "lsb"]))
    table.add(OURS, figures, is_simulated=simulated)
    return table


def _missing(
    finished: FinishedRun,
    encoded: GraphList,
    calibrated: Calibrated,
    anomalies: pd.DataFrame,
    scores: Scores,
    simulated: bool,
) -> RunTable:
    """System faults with a whole modality missing at test time; nothing is calibrated anew."""
    table = RunTable("A modality missing at test time (scene AUROC)")
    category = scene_categories(scores.machine, anomalies, MIN_SCENE_OVERLAP_S)
    recordings = set(anomalies.loc[anomalies["category"] == "system", "recording"])
    kept = [graph for graph in encoded.graphs if _matters(graph, category, recordings)]
    system = anomalies[anomalies["category"] == "system"]
    machine = scores.machine[scores.machine["scene"].isin([graph.scene_id for graph in kept])]
    table.add("all modalities", scene_figures(machine, system), is_simulated=simulated)
    for modality in _media(encoded, list(finished.model.encoders)):
        reduced = GraphList(kept, DropModality([modality]))
        residuals = _predict(finished, reduced, f"without {modality}").residuals
        without = calibrated.scorer.score(residuals).machine
        table.add(f"without {modality}", scene_figures(without, system), is_simulated=simulated)
    return table


def _matters(graph: HeteroData, category: Mapping[str, str], recordings: set[str]) -> bool:
    """Scenes of recordings with a system fault, and normal ones to compare with."""
    return graph.recording_id in recordings or category[graph.scene_id] == "normal"


def _publish(folder: Path, tables: Mapping[str, RunTable]) -> None:
    """Print the tables, and keep them as Markdown, CSV, JSON and TensorBoard scalars."""
    console = Console(width=None if Console().is_terminal else 200)
    for name, table in tables.items():
        table.print(console)
        table.to_csv(folder / f"table_{name}.csv")
    text = "\n\n".join(table.to_markdown() for table in tables.values())
    write_atomically(folder / "tables.md", (text + "\n").encode())
    log_tables(folder, tables)
    plain = {name: table.to_frame().to_dict("records") for name, table in tables.items()}
    write_atomically(folder / "metrics.json", json.dumps(plain, indent=1).encode())
