"""Does the sentence describe the picture?"""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Example, Image, Scene, Text
from sensorgraph.simulate.tasks.drawn import COLOURS, SHAPES, picture_of
from sensorgraph.simulate.tasks.task import Task

_SIDE_PX = 16
_SENTENCES = (
    "a {colour} {shape}",
    "there is a {colour} {shape} in the picture",
    "the {shape} is {colour}",
    "someone has drawn a {shape}, and it is {colour}",
)


def draw(rng: np.random.Generator, scene_id: str, label: str) -> Example:
    """A picture of a shape and a sentence about it, which says the right colour or another.

    Of each class, pictures show every shape in every colour equally often, and so do the sentences.

    Example:
        >>> found = draw(np.random.default_rng(0), "s", "yes")
        >>> found.label, [stream.id for stream in found.scene.streams]
        ('yes', ['camera', 'sentence'])
    """
    colours = tuple(COLOURS)
    colour, shape = int(rng.integers(len(colours))), SHAPES[int(rng.integers(len(SHAPES)))]
    told = colour if label == "yes" else 1 - colour
    radius = rng.uniform(4.5, 6.5)
    centre = tuple(rng.uniform(radius, _SIDE_PX - radius, 2))
    frame = picture_of(rng, shape, colours[colour], _SIDE_PX, centre, radius)
    line = _SENTENCES[int(rng.integers(len(_SENTENCES)))].format(colour=colours[told], shape=shape)
    streams = (Image("camera", frame[None], np.zeros(1)), Text("sentence", (line,), np.zeros(1)))
    return Example(Scene(scene_id, scene_id, 0.0, VISION_LANGUAGE.duration_s, streams), label)


VISION_LANGUAGE = Task("vision_language", 1.0, ("no", "yes"), draw)
