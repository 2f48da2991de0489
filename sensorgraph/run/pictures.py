"""Pictures of a finished run: its adjacency, its scores, one scene, one reconstruction; also for TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import pandas as pd
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from matplotlib.figure import Figure
from torch_geometric.data import Dataset, HeteroData
from torch_geometric.loader import DataLoader

from sensorgraph.graph.summary import feature_names
from sensorgraph.models.hiding import stream_rounds
from sensorgraph.run.results import TYPES, Structure
from sensorgraph.run.run_folder import FinishedRun
from sensorgraph.run.sources import Piece
from sensorgraph.scenes import Recording
from sensorgraph.scoring import Threshold
from sensorgraph.scoring.scorer import Scores
from sensorgraph.training.stages import TENSORBOARD
from sensorgraph.viz import (
    adjacency_graph,
    alarms_of,
    draw_adjacency,
    draw_reconstruction,
    draw_scene,
    draw_scores,
    write_graphml,
)

PICTURES = "pictures"


def draw_run(
    finished: FinishedRun,
    structure: Structure,
    scores: Scores,
    threshold: Threshold,
    pieces: Sequence[Piece],
    anomalies: pd.DataFrame,
    dataset: Dataset,
) -> None:
    """Everything a user wants to look at first, into ``pictures/`` and TensorBoard.

    The scene that is drawn is the one with the highest score of a recording with an anomaly, if there is one.
    """
    folder = finished.folder / PICTURES
    folder.mkdir(exist_ok=True)
    faulty = scores.machine["recording"].isin(anomalies["recording"])
    rows = scores.machine[faulty] if faulty.any() else scores.machine
    worst = rows.iloc[int(rows["score"].to_numpy().argmax())]
    graph = scene_adjacency(scores.streams, structure, str(worst["scene"]))
    write_graphml(graph, folder / "adjacency.graphml")
    figures = {"adjacency": draw_adjacency(graph, folder / "adjacency.png", title=f"links in {worst['scene']}")}
    recording = scores.streams[scores.streams["recording"] == worst["recording"]]
    piece = next(piece for piece in pieces if piece.recording_id == worst["recording"])
    whole = piece.open()
    figures["scores"] = draw_scores(
        recording,
        folder / "scores.png",
        threshold=threshold.value,
        truth=whole.labels.anomalies,
        title=f"scores of {worst['recording']}",
    )
    figures["scene"] = draw_scored_scene(finished, scores, threshold, whole, worst, folder / "scene.png")
    figures["reconstruction"] = draw_reconstruction(
        reconstruction_table(finished, dataset, str(worst["scene"])),
        folder / "reconstruction.png",
        title=f"each stream told by the others, {worst['scene']}",
    )
    logger = TensorBoardLogger(str(finished.folder), name=TENSORBOARD, version="pictures")
    for name, figure in figures.items():
        logger.experiment.add_figure(name, figure)
    logger.finalize("success")


def scene_adjacency(streams: pd.DataFrame, structure: Structure, scene: str) -> nx.DiGraph:
    """Learned links and found pairs of one scene.

    Args:
        streams: `Scores.streams`, which names all streams of a scene.
        structure: what the network read.
        scene: of both.
    """
    links = structure.links[structure.links["scene"] == scene]
    weights = links.groupby(["sender", "receiver"])["weight"].sum().reset_index()
    weights = weights.rename(columns={"sender": "from", "receiver": "to"})
    pairs = structure.pairs[structure.pairs["scene"] == scene]
    # Scores name every stream of the recording; those without a score or a link here are absent from the scene.
    own = streams[streams["scene"] == scene]
    here = {*own.loc[own["score"].notna(), "stream"], *weights["from"], *weights["to"]}
    own = own[own["stream"].isin(here)].drop_duplicates("stream")
    channels = structure.channels[structure.channels["scene"] == scene]
    most_likely = channels[list(TYPES)].to_numpy().argmax(1)
    type_of = {str(name): TYPES[number] for name, number in zip(channels["stream"], most_likely, strict=True)}
    table = pd.DataFrame(
        {
            "id": own["stream"].to_numpy(),
            "modality": own["modality"].to_numpy(),
            "type": [type_of.get(str(name)) for name in own["stream"]],
        }
    )
    return adjacency_graph(weights, table, list(zip(pairs["msb"], pairs["lsb"], strict=True)))


def draw_scored_scene(
    finished: FinishedRun,
    scores: Scores,
    threshold: Threshold,
    recording: Recording,
    row: pd.Series,
    path: Path,
) -> Figure:
    """The scene of a row of scores, with scores, threshold and alarms on its own clock."""
    start_s = float(scores.machine.loc[scores.machine["scene"] == row["scene"], "start_s"].min())
    end_s = start_s + finished.run.graph.duration_s
    scene = recording.cut(start_s, end_s, str(row["scene"]))
    own = scores.streams[
        (scores.streams["recording"] == row["recording"])
        & (scores.streams["start_s"] >= start_s - 1e-6)
        & (scores.streams["end_s"] <= end_s + 1e-6)
    ]
    own = own.assign(start_s=own["start_s"] - start_s, end_s=own["end_s"] - start_s)
    return draw_scene(
        scene,
        path,
        scores=own,
        threshold=threshold.value,
        alarms=alarms_of(own, threshold.value),
        truth=scene.labels.anomalies,
    )


def reconstruction_table(finished: FinishedRun, dataset: Dataset, scene: str) -> pd.DataFrame:
    """Truth, expectation and sigma of one summary feature of every known stream of a scene, with its name.

    Of a stream's features, the one that moves or is off most, measured in what the network is unsure of: a feature that
    is always the same is told well and shows nothing.
    """
    number = dataset.scene_ids.index(scene)
    model, schema = finished.model, finished.fitted.schema
    edges, names = schema.clock.edges_s(), feature_names(schema.text)
    rows = []
    with torch.no_grad():
        graph = next(iter(DataLoader(dataset[number : number + 1], batch_size=1)))
        encodings = model.encode(graph)
        for look in stream_rounds(graph):
            found = model.reconstruct(model.fuse(graph, encodings, look.hidden))
            for modality, part in found.items():
                store = graph[modality]
                for row in (look.judged[modality].any(1) & (store.channel > 0)).nonzero().flatten().tolist():
                    feature = most_telling(store.summary[row], store.observed[row], part.log_variance[row])
                    rows.append(
                        pd.DataFrame(
                            {
                                "stream": dataset_ids(graph, modality)[row],
                                "feature": names[modality][feature],
                                "start_s": edges[:-1],
                                "end_s": edges[1:],
                                "target": torch.where(
                                    store.observed[row, :, feature], store.summary[row, :, feature], torch.nan
                                ).numpy(),
                                "mean": part.mean[row, :, feature].numpy(),
                                "sigma": torch.exp(0.5 * part.log_variance[row, :, feature]).numpy(),
                            }
                        )
                    )
    return pd.concat(rows, ignore_index=True)


def most_telling(truth: torch.Tensor, observed: torch.Tensor, log_variance: torch.Tensor) -> int:
    """The feature whose normalised truth is largest beside the network's own uncertainty (mean over observed bins).

    Shapes: truth, observed (bool) and log_variance [L, F].

    Example:
        >>> truth = torch.tensor([[0.0, 2.0], [0.0, -1.0]])
        >>> most_telling(truth, torch.ones(2, 2, dtype=torch.bool), torch.tensor([[-9.0, -2.0], [-9.0, -2.0]]))
        1
    """
    size = ((truth**2 * torch.exp(-log_variance)) * observed).sum(0) / observed.sum(0).clamp(min=1)
    return int(size.masked_fill(~observed.any(0), -1.0).argmax())


def dataset_ids(graph: HeteroData, modality: str) -> list[str]:
    """Stream ids of a batch of one scene."""
    ids = graph.stream_id
    return ids[0][modality] if isinstance(ids, list) else ids[modality][0]
