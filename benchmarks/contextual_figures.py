"""Figures of a network on the contextual benchmark: told apart, named, told by the others, subsets, and novelty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from contextual_network import Network
from torch_geometric.loader import DataLoader

from sensorgraph.evaluation.alarm_rate import alarm_rate
from sensorgraph.evaluation.metrics import auroc
from sensorgraph.graph.dataset import GraphList
from sensorgraph.graph.transforms import DropModality
from sensorgraph.models.hiding import nothing
from sensorgraph.scenes import Scene
from sensorgraph.scoring.blame import blame_modality
from sensorgraph.scoring.scorer import Scores
from sensorgraph.training.predict import predict


@dataclass(frozen=True)
class Judged:
    """What a network makes of swapped scenes beside normal ones.

    Attributes:
        auroc: swapped modality to the AUROC of the largest score within a scene; ``all`` takes all of them together.
        named_first: swapped modality to the share of scenes in which that one is named first.
    """

    auroc: dict[str, float]
    named_first: dict[str, float]


def judge(network: Network, normal: GraphList, swapped: Mapping[str, GraphList]) -> Judged:
    """Tell swapped scenes from normal ones, and name the modality that was swapped."""
    usual = _largest(network.scores(normal))
    found = {modality: network.scores(graphs) for modality, graphs in swapped.items()}
    largest = {modality: _largest(scores) for modality, scores in found.items()}
    figures = {"all": _auroc(usual, np.concatenate(list(largest.values())))}
    figures |= {modality: _auroc(usual, scores) for modality, scores in largest.items()}
    return Judged(figures, {modality: _named(scores, modality) for modality, scores in found.items()})


def told_by_others(network: Network, normal: GraphList, modalities: Sequence[str]) -> dict[str, float]:
    """R2 of what the network expects of a modality that is hidden as a whole, in normal scenes.

    Expected and true summaries are averaged over the bins of a scene; features weigh by their variance.
    """
    out = {}
    for modality in modalities:
        expected, true = [], []
        for graph in DataLoader(normal, batch_size=8):
            hidden = nothing(graph)
            hidden[modality] = torch.ones_like(hidden[modality])
            with torch.no_grad():
                state = network.model.fuse(graph, network.model.encode(graph), hidden)
                told = network.model.reconstruct(state)[modality].mean
            seen = graph[modality].observed
            count = seen.sum(1).clamp(min=1)
            expected.append(((told * seen).sum(1) / count).unflatten(0, (graph.num_graphs, -1)))
            true.append(((graph[modality].summary * seen).sum(1) / count).unflatten(0, (graph.num_graphs, -1)))
        wrong, truth = torch.cat(true) - torch.cat(expected), torch.cat(true)
        out[modality] = 1 - float(wrong.square().sum() / (truth - truth.mean(0)).square().sum())
    return out


def subsets(
    network: Network, normal: GraphList, swapped: Mapping[str, GraphList]
) -> dict[tuple[str, ...], dict[str, float]]:
    """AUROC by swapped modality with every subset of modalities there at test time; nothing is calibrated anew."""
    out = {}
    for size in range(len(swapped), 0, -1):
        for kept in combinations(swapped, size):
            gone = DropModality([modality for modality in swapped if modality not in kept])
            there = {modality: GraphList(swapped[modality].graphs, gone) for modality in kept}
            out[kept] = judge(network, GraphList(normal.graphs, gone), there).auroc
    return out


def alarms_per_asked(network: Network, scenes: Sequence[Scene]) -> dict[str, float]:
    """Alarms on normal recordings, beside the rate that was asked for."""
    scores = network.calibrated.scorer.score(predict(network.model, network.graphs(scenes)).residuals)
    asked = network.run.scoring.false_alarms_per_day
    seen_s = len(scores.machine) * network.calibrated.scorer.bin_s
    rate = alarm_rate(len(network.calibrated.alarms(scores)), seen_s, asked)
    return {
        "hours": seen_s / 3600,
        "asked per day": asked,
        "seen per day": rate.per_day,
        "seen/asked": rate.ratio,
        "95 % low": rate.per_day_low / asked,
        "95 % high": rate.per_day_high / asked,
    }


def _largest(scores: Scores) -> np.ndarray:
    return scores.machine.groupby("scene", sort=False)["score"].max().to_numpy()


def _named(scores: Scores, modality: str) -> float:
    """Share of scenes in which a modality is blamed first."""
    rows = scores.streams.groupby("recording", sort=False)
    return float(np.mean([blame_modality(part, str(name), 0.0, np.inf) == modality for name, part in rows]))


def _auroc(normal: np.ndarray, swapped: np.ndarray) -> float:
    label = np.repeat([False, True], [len(normal), len(swapped)])
    return auroc(label, np.concatenate([normal, swapped]))
