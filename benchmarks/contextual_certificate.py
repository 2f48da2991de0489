"""The certificate of the contextual benchmark: no single modality gives an anomaly away, and something does."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from contextual_scenes import Normal
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.scenes import Scene
from sensorgraph.simulate import rotate_ranks

NUM_FOLDS = 5
NUM_BINS = 8
CHANCE = (0.45, 0.55)


@dataclass(frozen=True)
class Task:
    """Scenes of which half have one modality swapped: features and latents of what is there, label [S], fold [S]."""

    features: dict[str, np.ndarray]
    latent: dict[str, np.ndarray]
    label: np.ndarray
    fold: np.ndarray


def features_of(scenes: Sequence[Scene]) -> dict[str, np.ndarray]:
    """Mean and spread over bins of every stream's summary, modality by modality."""
    schema = GraphSchema.fit(scenes, duration_s=scenes[0].duration_s, num_bins=NUM_BINS, picture_size=(8, 8))
    statistics = ValueStatistics.fit(scenes)
    rows: dict[str, list[np.ndarray]] = {}
    for scene in scenes:
        graph = build_graph(scene, schema, statistics)
        for modality in {stream.modality for stream in scene.streams}:
            store = graph[modality]
            summary = np.where(store.observed.numpy(), store.summary.numpy(), np.nan)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # a feature that is never observed
                both = np.concatenate([np.nanmean(summary, 1), np.nanstd(summary, 1)], axis=1)
            order = np.argsort(graph.stream_id[modality])
            rows.setdefault(modality, []).append(np.nan_to_num(both[order]).ravel())
    return {modality: np.stack(found) for modality, found in sorted(rows.items())}


def swapped(made: Normal, features: dict[str, np.ndarray], modality: str, seed: int) -> Task:
    """Half of the scenes of each fold, and of each recording, with one modality rotated among them."""
    rng = np.random.default_rng([seed, 7])
    names, row = np.unique(made.recording, return_inverse=True)
    fold = (rng.permutation(len(names)) % NUM_FOLDS)[row]
    # Recordings differ as wholes; a label that went by recording would let chance speak for few of them.
    order = rng.permutation(len(row))
    order = order[np.lexsort((row[order], fold[order]))]
    label = np.zeros(len(row), np.int64)
    label[order] = np.arange(len(row)) % 2
    donor = np.arange(len(row))
    for number in range(NUM_FOLDS):
        rows = np.flatnonzero((fold == number) & (label == 1))
        donor[rows] = rows[rotate_ranks(made.level[modality][rows], rng).donor]
    told = {name: x[donor] if name == modality else x for name, x in features.items()}
    latent = {name: x[donor] if name == modality else x for name, x in made.latent.items()}
    return Task(told, latent, label, fold)


def probe(task: Task, modalities: Sequence[str], kind: str) -> np.ndarray:
    """Out-of-fold probability that a scene was tampered with, told from some modalities by a supervised classifier."""
    x = np.concatenate([task.features[modality] for modality in modalities], axis=1)
    out = np.zeros(len(x))
    for number in range(NUM_FOLDS):
        train, test = task.fold != number, task.fold == number
        if kind == "trees":
            model = HistGradientBoostingClassifier(max_iter=80, random_state=0)
        else:
            network = MLPClassifier((32,), alpha=1e-2, max_iter=60, random_state=0)
            model = make_pipeline(StandardScaler(), network)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # there is nothing to converge to
            model.fit(x[train], task.label[train])
        out[test] = model.predict_proba(x[test])[:, 1]
    return out


def consistency(task: Task, modality: str) -> tuple[np.ndarray, float]:
    """Out-of-fold surprise about a modality, told from the others by trees that saw normal scenes alone; and R2."""
    others = np.concatenate([x for name, x in task.features.items() if name != modality], axis=1)
    own = StandardScaler().fit_transform(task.features[modality])
    # What is of no use to anybody (a constant, noise) must not drown the rest: the ten strongest directions.
    own = own @ np.linalg.svd(own, full_matrices=False)[2][:10].T
    surprise, told = np.zeros(len(own)), np.zeros_like(own)
    for number in range(NUM_FOLDS):
        train, test = (task.fold != number) & (task.label == 0), task.fold == number
        model = ExtraTreesRegressor(60, min_samples_leaf=2, max_features=0.5, random_state=0)
        model.fit(others[train], own[train])
        told[test] = model.predict(others[test])
    normal = task.label == 0
    size = np.maximum(((own - told)[normal] ** 2).mean(0), 1e-9)
    surprise = ((own - told) ** 2 / size).mean(1)
    return surprise, float(r2_score(own[normal], told[normal], multioutput="variance_weighted"))


def certify(name: str, made: Normal, modalities: Sequence[str], seed: int, pairs: bool) -> bool:
    """Prints one certificate per swapped modality; whether all hold."""
    features = features_of(made.scenes)
    return all([_certify(name, swapped(made, features, modality, seed), modality, pairs) for modality in modalities])


def _certify(name: str, task: Task, modality: str, pairs: bool) -> bool:
    positives = int(task.label.sum())
    se = np.sqrt((1 / positives + 1 / (len(task.label) - positives)) / 12)
    print(f"\n{name} (simulated): {modality} swapped in {positives} of {len(task.label)} scenes; se {se:.3f}")
    holds = True
    opinions = []
    for one in task.features:
        for kind in ("trees", "network"):
            found = probe(task, [one], kind)
            opinions += [found] if kind == "trees" else []
            holds &= _row(f"{one} alone, {kind}", roc_auc_score(task.label, found))
    holds &= _row("late fusion: mean of probabilities", roc_auc_score(task.label, np.mean(opinions, axis=0)))
    if pairs:
        for one in task.features:
            others = [other for other in task.features if other > one]
            for other in others:
                found = probe(task, [one, other], "trees")
                holds &= _row(f"{one} and {other}, trees", roc_auc_score(task.label, found))
    surprise, r2 = consistency(task, modality)
    print(f"  {'consistency, normal scenes alone':<38} {roc_auc_score(task.label, surprise):>6.3f}")
    if task.latent:
        wrong = (task.latent["sensor"] + task.latent["audio"] - task.latent["image"]) % 1
        found = roc_auc_score(task.label, np.minimum(wrong, 1 - wrong))
        print(f"  {'the relation itself':<38} {found:>6.3f}")
    print(f"  {'R2 of the modality from the others':<38} {r2:>6.3f}")
    return holds


def _row(name: str, auroc: float) -> bool:
    holds = CHANCE[0] <= auroc <= CHANCE[1]
    print(f"  {name:<38} {auroc:>6.3f}{'' if holds else '  NOT AT CHANCE'}")
    return holds
