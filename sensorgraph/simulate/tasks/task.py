"""What a simulated task is: scenes that are drawn one by one, each with its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sensorgraph.scenes import Example
from sensorgraph.simulate.randomness import generator


@dataclass(frozen=True)
class Task:
    """A task of telling scenes apart, and how its scenes are made.

    Attributes:
        name: of the task.
        duration_s: length of its scenes (s).
        classes: names of the classes.
        draw: from a generator, the id of a scene and the class that it is to have, to the scene. What a single modality
            shows must be drawn from the same distribution whichever the class is.

    Example:
        >>> from sensorgraph.simulate.tasks import VISION_LANGUAGE
        >>> [example.label for example in VISION_LANGUAGE.examples(4, seed=0)]
        ['no', 'yes', 'no', 'yes']
    """

    name: str
    duration_s: float
    classes: tuple[str, ...]
    draw: Callable[[np.random.Generator, str, str], Example]

    def examples(self, num: int, seed: int, split: str = "train") -> list[Example]:
        """Scenes with classes in turn; a split has scenes of its own.

        Args:
            num: how many.
            seed: of everything that is drawn.
            split: name of the split.
        """
        out = []
        for number in range(num):
            scene_id = f"{split}{number:05d}"
            rng = generator(seed, f"{self.name}/{scene_id}")
            out.append(self.draw(rng, scene_id, self.classes[number % len(self.classes)]))
        return out
