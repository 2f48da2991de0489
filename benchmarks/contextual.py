"""Is the contextual benchmark what it claims to be? Its certificate (simulated).

    python benchmarks/contextual.py            # 3000 scenes of each variant, some minutes on one core
    python benchmarks/contextual.py --quick    # the same scenes, one swapped modality of the machine

Half of the scenes of each recording stay as they are. In the other half one modality is swapped by rank rotation, so
that every stream is one that a normal scene has; in the variant of order three (`sensorgraph.simulate.three_way`) even
every pair of modalities is as in a normal scene. Whoever looks at a single modality, supervised, must stay at chance,
AUROC .45 to .55, and so must the mean of all such opinions; if not, the benchmark is wrong, and this ends with an
error. Beside it stands what there is to find: how well the modality is told by the others (R2 of what is left out, in
normal scenes), a consistency check that was trained on normal scenes alone, and for order three the relation itself.

All figures are out of fold: recordings are parted into five folds, and streams are swapped within a fold only, so that
no stream is seen twice. ``se`` is the standard error of an AUROC at chance.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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
from sensorgraph.simulate import LEVEL_OF, SimulatorConfig, rotate_ranks, simulate, three_way
from sensorgraph.typing import Modality

NUM_SCENES = 3000
NUM_FOLDS = 5
NUM_BINS = 8
SCENE_S = 4.0
CHANCE = (0.45, 0.55)
PLANT = SimulatorConfig(
    recording_s=40.0,
    scene_s=SCENE_S,
    fast_rate_hz=1000.0,
    audio_rate_hz=4000.0,
    image_size_px=16,
    num_physical=6,
    num_single_words=0,
    num_pairs=0,
    num_packed_words=0,
    modalities=("sensor", "image", "audio", "text"),
)


@dataclass(frozen=True)
class Made:
    """Normal scenes as features.

    Attributes:
        features: modality to [S, F], means and spreads over bins of the summaries that networks see, too.
        level: modality to [S], by which its streams change places.
        recording: [S] int, number of the recording.
        latent: modality to [S], what its streams were made from, where that is one number.
    """

    features: dict[str, np.ndarray]
    level: dict[str, np.ndarray]
    recording: np.ndarray
    latent: dict[str, np.ndarray]


@dataclass(frozen=True)
class Task:
    """Scenes of which half have one modality swapped: features and latents of what is there, label [S], fold [S]."""

    features: dict[str, np.ndarray]
    latent: dict[str, np.ndarray]
    label: np.ndarray
    fold: np.ndarray


def features_of(scenes: Sequence[Scene], duration_s: float) -> dict[str, np.ndarray]:
    """Mean and spread over bins of every stream's summary, modality by modality."""
    schema = GraphSchema.fit(scenes, duration_s=duration_s, num_bins=NUM_BINS, picture_size=(8, 8))
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


def plant(num_scenes: int, seed: int) -> Made:
    """Scenes of the simulated machine."""
    scenes: list[Scene] = []
    levels: dict[Modality, list[float]] = {modality: [] for modality in PLANT.modalities}
    recording: list[int] = []
    for number in range(-(-num_scenes // round(PLANT.recording_s / SCENE_S))):
        made = simulate(PLANT, seed * 100_000 + number)
        for scene in made.recording.scenes(SCENE_S):
            scenes.append(scene)
            recording.append(number)
            for modality, level in levels.items():
                name = LEVEL_OF[modality]
                level.append(made.latents.level(name, scene.start_s, scene.start_s + SCENE_S))
    return Made(features_of(scenes, SCENE_S), {m: np.array(v) for m, v in levels.items()}, np.array(recording), {})


def circle(num_scenes: int, seed: int) -> Made:
    """Scenes of the variant of order three."""
    made = three_way(num_scenes, seed)
    latent = dict(zip(("sensor", "audio", "image"), made.place.T, strict=True))
    return Made(features_of(made.scenes, 2.0), {"image": made.place[:, 2]}, np.arange(num_scenes), latent)


def swapped(made: Made, modality: str, seed: int) -> Task:
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
    features = {name: x[donor] if name == modality else x for name, x in made.features.items()}
    latent = {name: x[donor] if name == modality else x for name, x in made.latent.items()}
    return Task(features, latent, label, fold)


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


def certify(name: str, made: Made, modality: str, seed: int, pairs: bool) -> bool:
    """Prints one certificate; whether it holds."""
    task = swapped(made, modality, seed)
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


def main() -> int:
    """Prints all certificates; 1 if one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one swapped modality of the machine")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    machine, order_three = plant(NUM_SCENES, args.seed), circle(NUM_SCENES, args.seed)
    modalities = ("audio",) if args.quick else PLANT.modalities
    held = [certify("contextual", machine, modality, args.seed, pairs=False) for modality in modalities]
    held.append(certify("order three", order_three, "image", args.seed, pairs=True))
    print("\nthe certificate holds" if all(held) else "\nthe certificate DOES NOT HOLD: mend the benchmark")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
