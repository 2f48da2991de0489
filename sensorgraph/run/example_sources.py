"""Where scenes with classes come from: the kinds of the slot ``examples``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated

from pydantic import Field

from sensorgraph.errors import ConfigError
from sensorgraph.io.examples import read_examples
from sensorgraph.run.example_split import EXAMPLE_SPLITS, split_examples
from sensorgraph.scenes import Example
from sensorgraph.simulate.tasks import TASKS


class ExampleSource(ABC):
    """Scenes with classes, divided into ``train``, ``validation`` and ``test``."""

    simulated: bool = False
    """Whether results on it must be labelled so."""

    @abstractmethod
    def examples(self, seed: int) -> dict[str, list[Example]]:
        """Everything there is, by split."""


class SimulatedTask(ExampleSource):
    """A task of `sensorgraph.simulate.tasks`, made anew from the seed.

    Args:
        task: its name.
        num_train: scenes to learn from.
        num_validation: scenes to stop by.
        num_test: scenes to judge by.

    Raises:
        ConfigError: there is no such task.
    """

    simulated = True

    def __init__(
        self,
        task: str,
        num_train: Annotated[int, Field(ge=2)] = 600,
        num_validation: Annotated[int, Field(ge=2)] = 150,
        num_test: Annotated[int, Field(ge=2)] = 300,
    ) -> None:
        if task not in TASKS:
            raise ConfigError(f"task: no such task; known are {', '.join(TASKS)} (got '{task}')")
        self.task = TASKS[task]
        self.sizes = {"train": num_train, "validation": num_validation, "test": num_test}

    def examples(self, seed: int) -> dict[str, list[Example]]:
        """Draw them."""
        return {split: self.task.examples(num, seed, split) for split, num in self.sizes.items()}


class Folder(ExampleSource):
    """Files of your own, see `sensorgraph.io.examples`.

    A ``labels.csv`` with a column ``split`` says where each example goes; otherwise each class is divided at random,
    and examples of one ``group`` stay together.

    Args:
        folder: that holds the files.
        duration_s: length of a scene (s); set by the program from ``graph.duration_s``.
        shares: of the splits.

    Raises:
        ConfigError: shares that are not of ``train``, ``validation`` and ``test``, or do not add up to 1.
    """

    def __init__(self, folder: str, duration_s: float = 1.0, shares: dict[str, float] | None = None) -> None:
        self.folder = folder
        self.duration_s = duration_s
        self.shares = shares or {"train": 0.7, "validation": 0.1, "test": 0.2}
        if set(self.shares) != set(EXAMPLE_SPLITS) or abs(sum(self.shares.values()) - 1) > 1e-6:
            raise ConfigError(f"shares: must be of {', '.join(EXAMPLE_SPLITS)} and add up to 1 (got {self.shares})")

    def examples(self, seed: int) -> dict[str, list[Example]]:
        """Read and divide them."""
        return split_examples(read_examples(self.folder, self.duration_s), self.shares, seed, self.folder)

    def all(self) -> list[Example]:
        """All examples, undivided."""
        return [found.example for found in read_examples(self.folder, self.duration_s)]


KINDS: dict[str, type[ExampleSource]] = {"simulated": SimulatedTask, "folder": Folder}
