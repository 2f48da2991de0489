"""Trains a network that tells scenes apart, and shows it beside what each part of the modalities can do alone."""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from torch_geometric.data import HeteroData

from sensorgraph.evaluation import Interval, RunTable, bootstrap_mean
from sensorgraph.run.arguments import network_overrides
from sensorgraph.run.assemble import check_network
from sensorgraph.run.class_file import ClassFile, load_class_file, source_of
from sensorgraph.run.classifier import Classifier, Learned, fit_classifier, looking_at
from sensorgraph.run.coverage import check_coverage, check_modalities, check_named, unseen
from sensorgraph.run.parameters import parameter_line
from sensorgraph.run.results import write_result
from sensorgraph.run.run_folder import claim, new_folder
from sensorgraph.scenes import Example
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.training.stages import TrainingPlace

ACCURACY = "accuracy"
_LIGHTNING = "lightning.pytorch.utilities.rank_zero"


def train_classes(args: argparse.Namespace) -> int:
    """What 'train' does with such a file."""
    seed = [] if args.seed is None else [f"seed={args.seed}"]
    run = load_class_file(args.config, [*args.overrides, *network_overrides(args), *seed])
    check_named(args.modalities or (), run.encoders)
    check_network(run)
    folder = new_folder(args.config, args.out, args.resume)
    source = source_of(run)
    examples = source.examples(run.seed)
    learned = Learned.of(run, examples["train"])
    graphs = {split: learned.graphs(part) for split, part in examples.items()}
    check_modalities(graphs["train"], args.modalities or ())
    check_coverage(graphs["train"], run.encoders)
    claim(folder, run, args.resume)
    print(*unseen(graphs["train"], run.encoders), sep="", end="")
    place = TrainingPlace(folder, args.device, args.resume, not args.no_progress)
    finished = train_in(run, learned, graphs, place, print)
    table = judged(finished, graphs, folder.name, source.simulated, print)
    table.print()
    write_atomically(folder / "tables.md", table.to_markdown().encode())
    table.to_csv(folder / "tables.csv")
    write_result(folder / "predictions", predictions(finished, examples["test"], graphs["test"]))
    print(f"the run lies in {folder}")
    return 0


def train_in(
    run: ClassFile,
    learned: Learned,
    graphs: dict[str, list[HeteroData]],
    place: TrainingPlace,
    say: Callable[[str], None],
) -> Classifier:
    """Train in a folder, and leave there what `Classifier.open` reads."""
    # Once per stage Lightning recommends other products and lists devices that are not there; warnings still come.
    logging.getLogger(_LIGHTNING).setLevel(logging.WARNING)
    finished = fit_classifier(run, learned, graphs["train"], graphs["validation"], place)
    finished.save(place.folder)
    say(parameter_line(finished.model, run.fusion.kind))
    return finished


def judged(
    finished: Classifier,
    graphs: dict[str, list[HeteroData]],
    name: str,
    is_simulated: bool,
    say: Callable[[str], None],
) -> RunTable:
    """Accuracy on the test scenes, beside the controls.

    The controls are the commonest class of training, the same network with a modality hidden, and the same network
    trained anew on each part of the modalities alone: who is near chance there and right with all has fused them.
    """
    run, test = finished.run, graphs["test"]
    truth = np.array([int(graph["scene"].class_number) for graph in test])
    shown = ", ".join(finished.learned.classes)
    table = RunTable(f"{name}: {len(test)} scenes, classes {shown}")

    def figure(probability: np.ndarray) -> dict[str, float | Interval]:
        return {ACCURACY: bootstrap_mean((probability.argmax(1) == truth).astype(float))}

    modalities = run.encoders.modalities
    table.add(
        f"{' + '.join(modalities)} ({run.fusion.kind})",
        figure(finished.probabilities(test)),
        is_simulated=is_simulated,
    )
    commonest = np.bincount([int(graph["scene"].class_number) for graph in graphs["train"]]).argmax()
    table.add(
        "commonest class", {ACCURACY: float((truth == commonest).mean())}, is_control=True, is_simulated=is_simulated
    )
    for modality in modalities if len(modalities) > 1 else ():
        found = figure(finished.probabilities(test, [modality]))
        table.add(f"{modality} hidden", found, is_control=True, is_simulated=is_simulated)
    for part in parts_of(modalities) if run.classes.controls else ():
        with tempfile.TemporaryDirectory() as place:
            say(f"control: {' + '.join(part)} alone")
            alone = fit_classifier(
                looking_at(run, part),
                finished.learned,
                graphs["train"],
                graphs["validation"],
                TrainingPlace(Path(place), progress_bar=False),
            )
        found = figure(alone.probabilities(test))
        table.add(f"{' + '.join(part)} alone", found, is_control=True, is_simulated=is_simulated)
    return table


def parts_of(modalities: Sequence[str]) -> list[tuple[str, ...]]:
    """Every part that is neither nothing nor all.

    Example:
        >>> parts_of(["image", "text"])
        [('image',), ('text',)]
    """
    return [part for size in range(1, len(modalities)) for part in combinations(modalities, size)]


def predictions(finished: Classifier, examples: Sequence[Example], graphs: Sequence[HeteroData]) -> pd.DataFrame:
    """One row per scene: ``scene``, ``label`` (where it is known), ``predicted``, and the probability of each class."""
    probability, classes = finished.probabilities(graphs), finished.learned.classes
    return pd.DataFrame(
        {
            "scene": [example.scene.id for example in examples],
            "label": [example.label for example in examples],
            "predicted": [classes[number] for number in probability.argmax(1)],
            **{f"p({name})": probability[:, number] for number, name in enumerate(classes)},
        }
    )
