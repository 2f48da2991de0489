"""What every ready application does: learn from examples, tell scenes apart, and say how well."""

from __future__ import annotations

import tempfile
from abc import ABC
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

import pandas as pd

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.evaluation import RunTable
from sensorgraph.run.class_file import ClassFile, load_class_file, source_of
from sensorgraph.run.classifier import Classifier, Learned
from sensorgraph.run.example_sources import ExampleSource, Folder
from sensorgraph.run.run_folder import claim
from sensorgraph.run.train_classes import judged, predictions, train_in
from sensorgraph.scenes import Example
from sensorgraph.training.stages import TrainingPlace

Examples = str | Path | Sequence[Example]


class Application(ABC):
    """The scene network with a head for classes, for one combination of modalities.

    All applications are one network; what differs is the run file. `fit` takes the examples that the run file names, or
    a folder of files (see `sensorgraph.io.examples`), or examples made in Python.

    Args:
        run_file: one that names ``examples``, such as those in ``configs/``.
        overrides: ``key.sub=value`` each, checked like the file.

    Raises:
        ConfigError: the file is wrong, or its encoders are for other modalities.

    Example:
        >>> from sensorgraph.applications import Robot
        >>> from sensorgraph.testing.application_files import tiny_file
        >>> table = Robot(tiny_file("robot")).fit().evaluate()  # or .fit("my_folder")
        >>> [row.label for row in table.rows][:2]
        ['sensor + image (concat) (simulated)', 'commonest class (simulated)']
    """

    modalities: ClassVar[tuple[str, ...]]
    """What the application looks at, all of it."""

    def __init__(self, run_file: str | Path, overrides: Sequence[str] = ()) -> None:
        self.run: ClassFile = load_class_file(run_file, overrides)
        found = self.run.encoders.modalities
        if set(found) != set(self.modalities):
            raise ConfigError(
                f"{run_file}: {type(self).__name__} looks at {' and '.join(self.modalities)}; name an encoder for each "
                f"and for no other (got {', '.join(found)})"
            )
        self.trained: Classifier | None = None
        self.source: ExampleSource | None = None

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """A trained application from the folder that `fit`, or the verb ``train``, left."""
        out = cls(Path(folder) / "run.yaml")
        out.trained = Classifier.open(folder)
        return out

    def fit(self, folder: str | Path | None = None, out: str | Path | None = None) -> Self:
        """Train.

        Args:
            folder: of your own files; None takes what the run file names.
            out: folder that is to hold the run; None keeps none.

        Raises:
            DataError, SceneError, FileFormatError: examples that cannot be used.
        """
        self.source = source_of(self.run) if folder is None else self._folder(folder)
        parts = self.source.examples(self.run.seed)
        learned = Learned.of(self.run, parts["train"])
        graphs = {split: learned.graphs(part) for split, part in parts.items()}
        with tempfile.TemporaryDirectory() as nowhere:
            place = Path(out or nowhere)
            claim(place, self.run, resume=False)
            self.trained = train_in(self.run, learned, graphs, TrainingPlace(place, progress_bar=False), _silent)
        return self

    def predict(self, examples: Examples) -> pd.DataFrame:
        """One row per scene: ``scene``, ``label`` (where it is known), ``predicted``, the probability of each class.

        Args:
            examples: a folder of files, or examples.

        Raises:
            DataError: nothing was trained yet.
        """
        trained, found = self._finished(), self._examples(examples)
        return predictions(trained, found, trained.learned.graphs(found))

    def evaluate(self, examples: Examples | None = None) -> RunTable:
        """Accuracy beside its controls (see `sensorgraph.run.train_classes.judged`).

        Args:
            examples: a folder of files, or examples; None takes the test examples of the source it was trained on.

        Raises:
            DataError: nothing was trained yet.
        """
        trained = self._finished()
        source = self.source or source_of(self.run)
        parts = source.examples(self.run.seed)
        if examples is not None:
            parts["test"] = self._examples(examples)
        graphs = {split: trained.learned.graphs(part) for split, part in parts.items()}
        is_simulated = source.simulated and examples is None
        return judged(trained, graphs, type(self).__name__, is_simulated, _silent)

    def _finished(self) -> Classifier:
        if self.trained is None:
            raise DataError(f"{type(self).__name__}: nothing was trained yet; call fit first, or open a run")
        return self.trained

    def _folder(self, folder: str | Path) -> Folder:
        return Folder(str(folder), self.run.graph.duration_s)

    def _examples(self, examples: Examples) -> list[Example]:
        return self._folder(examples).all() if isinstance(examples, str | Path) else list(examples)


def _silent(line: str) -> None:
    """Says nothing."""
