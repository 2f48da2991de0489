"""A planned data set: each recording stands alone, and contextual ones come from normal test recordings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sensorgraph.errors import ConfigError
from sensorgraph.scenes import Recording
from sensorgraph.simulate import DatasetSize, FaultConfig, SimulatorConfig, plan_dataset

Changed = Callable[[Recording, Recording], set[str]]

TINY = SimulatorConfig(
    recording_s=4.0,
    scene_s=2.0,
    modalities=("sensor", "text", "image"),
    status_every_s=0.5,
    faults=FaultConfig(kinds=("leak", "drift", "bit_stuck")),
)
SIZE = DatasetSize(num_train=2, num_validation=1, num_calibration=1, num_test=2, num_faulty=4, contextual=("text",))


def test_a_plan_is_complete_and_reproducible() -> None:
    plan = plan_dataset(TINY, 5, SIZE)
    assert plan == plan_dataset(TINY, 5, SIZE)
    assert plan != plan_dataset(TINY, 6, SIZE)
    made = list(plan.make())
    assert len(made) == plan.num_recordings == 10 + 4
    assert len({one.recording.id for one in made}) == len(made)
    assert [one.role for one in made].count("test") == 2 + 4 + 4
    kinds = [anomaly.kind for one in made for anomaly in one.recording.labels.anomalies]
    assert kinds == ["leak", "drift", "bit_stuck", "leak", *["swapped_text"] * 4]


def test_order_and_size_of_the_set_do_not_matter(changed_streams: Changed) -> None:
    small, large = plan_dataset(TINY, 5, SIZE), plan_dataset(TINY, 5, replace(SIZE, num_train=9, num_faulty=7))
    by_id = {one.id: one for one in large.recordings}
    for planned in reversed(small.recordings):
        assert by_id[planned.id] == planned
    last = small.recordings[-1]
    assert changed_streams(last.make(TINY), by_id[last.id].make(TINY)) == set()


def test_contextual_recordings_are_made_of_the_normal_test_recordings(changed_streams: Changed) -> None:
    plan = plan_dataset(TINY, 5, SIZE)
    (group,) = plan.contextual
    assert [source.id for source in group.sources] == ["test-000", "test-001"]
    scenes = [scene for source in group.sources for scene in source.make(TINY).scenes(TINY.scene_s)]
    for scene, recording in zip(scenes, group.make(TINY), strict=True):
        assert recording.duration_s == TINY.scene_s
        here = {stream.id: stream for stream in recording.streams}
        assert all((here[stream.id].times() == stream.times()).all() for stream in scene.of_modality("image"))


def test_impossible_sets_are_refused() -> None:
    with pytest.raises(ConfigError, match="num_train"):
        DatasetSize(num_train=-1)
    with pytest.raises(ConfigError, match="leave out audio"):
        plan_dataset(TINY, 0, replace(SIZE, contextual=("audio",)))
    with pytest.raises(ConfigError, match="no kind of fault fits"):
        plan_dataset(
            replace(TINY, modalities=("text",), faults=FaultConfig(kinds=("bit_stuck",))),
            0,
            replace(SIZE, contextual=("text",)),
        )
