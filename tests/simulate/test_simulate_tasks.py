"""Tasks of the ready applications: reproducible, sound, and closed to whoever lacks a modality."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from sensorgraph.scenes import Example
from sensorgraph.scenes.check import problems_of
from sensorgraph.simulate.tasks import TASKS, Task


def shown(task: Task, example: Example) -> dict[str, object]:
    """What each modality says that the class depends on, read back from what was drawn."""
    stream = {one.id: one for one in example.scene.streams}
    if task.name == "vision_language":
        frame = stream["camera"].frames[0].astype(float)  # type: ignore[union-attr]
        place = np.unravel_index(np.ptp(frame, axis=-1).argmax(), frame.shape[:2])
        line = stream["sentence"].lines[0]  # type: ignore[union-attr]
        return {"image": bool(frame[place][0] > frame[place][2]), "text": "red" in line}
    if task.name == "audio_video":
        frames = stream["camera"].frames.astype(float)  # type: ignore[union-attr]
        wave = np.abs(stream["microphone"].values)  # type: ignore[union-attr]
        half = len(wave) // 2
        return {
            "video": bool(frames[-1].mean() > frames[0].mean()),
            "audio": bool(wave[half:].mean() > wave[:half].mean()),
        }
    if task.name == "robot":
        column = stream["camera"].frames[0, ..., 0].max(0).argmax()  # type: ignore[union-attr]
        return {"image": bool(column < 8), "sensor": bool(stream["accel_front"].values.mean() > 0)}  # type: ignore[union-attr]
    frame = stream["camera"].frames[0].astype(float)  # type: ignore[union-attr]
    sounds = float(np.std(stream["microphone"].values)) > 0.09  # type: ignore[union-attr]
    return {"image": bool(frame.max() > 180), "audio": sounds, "text": "same" in stream["log"].lines[0]}  # type: ignore[union-attr]


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_all_modalities_tell_the_class_and_no_part_of_them_does(task: Task) -> None:
    examples = task.examples(400, seed=3)
    found = [shown(task, example) for example in examples]
    whole = Counter((tuple(said.values()), example.label) for said, example in zip(found, examples, strict=True))
    assert len({said for said, _ in whole}) == len(whole), "what all say together leaves one class"
    for size in range(1, len(found[0])):
        for part in itertools.combinations(found[0], size):
            count = Counter(
                (tuple(said[m] for m in part), example.label) for said, example in zip(found, examples, strict=True)
            )
            best: Counter[tuple[object, ...]] = Counter()
            for (said_part, _), number in count.items():
                best[said_part] = max(best[said_part], number)
            assert sum(best.values()) / len(examples) < 0.6, f"{part} alone must not tell the class"


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_scenes_can_be_used_and_drawn_again(task: Task) -> None:
    first, again = task.examples(4, seed=0), task.examples(4, seed=0)
    assert [example.label for example in first] == [task.classes[k % len(task.classes)] for k in range(4)]
    for one, other in zip(first, again, strict=True):
        assert problems_of(one.scene) == []
        for a, b in zip(one.scene.streams, other.scene.streams, strict=True):
            assert np.array_equal(a.times(), b.times())
            assert a.id == b.id
    other_split = task.examples(4, seed=0, split="test")
    assert {example.scene.id for example in first}.isdisjoint(example.scene.id for example in other_split)
