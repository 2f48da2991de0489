"""A trained network that tells scenes apart, with everything that was fitted before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lightning
import numpy as np
import torch
from torch_geometric.data import HeteroData
from torch_geometric.loader import DataLoader

from sensorgraph.errors import DataError, FileFormatError, SceneError
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.dataset import GraphList
from sensorgraph.graph.schema import MEDIA, SCENE, GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms import NormaliseSummary, default_views
from sensorgraph.models.hiding import nothing
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.run.assemble import build_model
from sensorgraph.run.class_file import ClassFile, load_class_file
from sensorgraph.run.coverage import check_coverage
from sensorgraph.run.prepare import Fitted
from sensorgraph.run.run_file import EncoderSettings
from sensorgraph.run.run_folder import RUN_FILE
from sensorgraph.scenes import Example
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.scenes.check import problems_of
from sensorgraph.training.checkpoint import load_checkpoint, restore_weights
from sensorgraph.training.class_objective import ClassObjective
from sensorgraph.training.stages import MODEL, Splits, TrainingPlace, train

CLASSES_FILE = "classes.json"
_BATCH = 64


@dataclass(frozen=True)
class Learned:
    """What is known of the scenes before a network is trained.

    Attributes:
        fitted: schema and statistics of the training scenes.
        classes: names of the classes, in order.
    """

    fitted: Fitted
    classes: tuple[str, ...]

    @classmethod
    def of(cls, run: ClassFile, training: Sequence[Example]) -> Learned:
        """Fit schema and statistics.

        Raises:
            SceneError: scenes that cannot be used, with every reason.
            DataError: fewer than two classes, or training scenes without a class.
        """
        _check(training)
        nameless = [example.scene.id for example in training if example.label is None]
        if nameless:
            raise DataError(f"examples: training needs a class for every scene (got none for {nameless[:3]})")
        classes = tuple(sorted({example.label for example in training if example.label is not None}))
        if len(classes) < 2:
            raise DataError(f"examples: at least two classes are needed to tell them apart (got {list(classes)})")
        scenes, graph = [example.scene for example in training], run.graph
        schema = GraphSchema.fit(
            scenes, duration_s=graph.duration_s, num_bins=graph.num_bins, picture_size=graph.picture_size
        )
        values = ValueStatistics.fit(scenes, graph.normalise, graph.scope)
        raw = (build_graph(scene, schema, values) for scene in scenes)
        return cls(Fitted(schema, values, SummaryStatistics.fit(raw, schema, graph.scope)), classes)

    def graphs(self, examples: Sequence[Example]) -> list[HeteroData]:
        """The graphs of scenes, each with its class.

        Raises:
            SceneError: scenes that cannot be used, with every reason.
            DataError: a class that training never saw.
        """
        _check(examples)
        normalise = NormaliseSummary(self.fitted.summaries)
        out = []
        for example in examples:
            if example.label is not None and example.label not in self.classes:
                raise DataError(
                    f"scene '{example.scene.id}': training had no such class; known are {', '.join(self.classes)} "
                    f"(got '{example.label}')"
                )
            graph = normalise(build_graph(example.scene, self.fitted.schema, self.fitted.values))
            number = -1 if example.label is None else self.classes.index(example.label)
            graph[SCENE].class_number = torch.tensor([number])
            out.append(graph)
        return out


@dataclass(frozen=True)
class Classifier:
    """A trained network and what belongs to it.

    Attributes:
        run: its run file.
        learned: classes, schema and statistics.
        model: the network, in evaluation mode.
    """

    run: ClassFile
    learned: Learned
    model: SceneGNN

    def probabilities(self, graphs: Sequence[HeteroData], without: Sequence[str] = ()) -> np.ndarray:
        """Probability of each class for each scene, [S, C].

        Args:
            graphs: of `Learned.graphs`.
            without: modalities that are hidden.
        """
        parts = [np.zeros((0, len(self.learned.classes)))]
        with torch.no_grad():
            for batch in DataLoader(GraphList(graphs), batch_size=_BATCH):
                hidden = {m: torch.full_like(flags, m in without) for m, flags in nothing(batch).items()}
                encodings = self.model.encode(batch)
                found = self.model.classify(batch, encodings, self.model.fuse(batch, encodings, hidden), hidden)
                parts.append(found.exp().double().numpy())
        return np.concatenate(parts)

    def save(self, folder: Path) -> None:
        """Write what training did not: statistics and class names. Weights and run file are there already."""
        self.learned.fitted.save(folder)
        write_atomically(folder / CLASSES_FILE, json.dumps(self.learned.classes).encode())

    @classmethod
    def open(cls, folder: str | Path) -> Classifier:
        """What a finished run left in its folder.

        Raises:
            FileFormatError: it holds no finished run of this kind.
        """
        folder = Path(folder)
        for name in (RUN_FILE, MODEL, CLASSES_FILE):
            if not (folder / name).is_file():
                raise FileFormatError(f"{folder}: tells no scenes apart, it lacks {name}; train first")
        run = load_class_file(folder / RUN_FILE)
        learned = Learned(Fitted.load(folder), tuple(json.loads((folder / CLASSES_FILE).read_text())))
        model = build_model(run, learned.fitted.schema, len(learned.classes))
        restore_weights(model, load_checkpoint(folder / MODEL).weights, str(folder / MODEL))
        return cls(run, learned, model.eval())


def fit_classifier(
    run: ClassFile,
    learned: Learned,
    training: Sequence[HeteroData],
    validation: Sequence[HeteroData],
    place: TrainingPlace,
) -> Classifier:
    """Train a network of the run file.

    Raises:
        ConfigError: sensors that no encoder covers.
    """
    check_coverage(training, run.encoders)
    lightning.seed_everything(run.seed, verbose=False)
    model = build_model(run, learned.fitted.schema, len(learned.classes))
    splits = Splits(GraphList(training), GraphList(validation), are_small=True)
    train(
        model,
        splits,
        run.training,
        default_views(),
        place,
        lambda: ClassObjective(model.dim, len(learned.classes), run.classes.losses),
    )
    return Classifier(run, learned, model.cpu().eval())


def looking_at(run: ClassFile, modalities: Sequence[str]) -> ClassFile:
    """The same run with the encoders of some modalities alone."""
    chosen = {m: getattr(run.encoders, m) if m in modalities else None for m in MEDIA}
    sensors = "sensor" in modalities
    encoders = EncoderSettings(
        sensor=run.encoders.sensor if sensors else (), word=run.encoders.word if sensors else None, **chosen
    )
    return replace(run, encoders=encoders)


def _check(examples: Sequence[Example]) -> None:
    problems = [problem for example in examples for problem in problems_of(example.scene)]
    if problems:
        raise SceneError(problems)
