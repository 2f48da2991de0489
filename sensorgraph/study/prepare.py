"""Scenes are made once: simulated, cut, summarised per stream and bin, and kept in shards of some recordings each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from sensorgraph.errors import FileFormatError
from sensorgraph.graph import GraphSchema, ValueStatistics
from sensorgraph.graph.nodes import rows_of
from sensorgraph.scenes import Scene
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.simulate import LEVEL_OF, simulate
from sensorgraph.study.damage import NOISE_LEVELS, WEAK_LEVEL, damaged
from sensorgraph.study.task import NUM_BINS, SCENE_S, PlannedRecording, StudyTask, planned

_RECORDINGS_PER_SHARD = 40
_RECORDINGS_TO_FIT = 60
_PICTURE_PX = 12

Arrays = dict[str, np.ndarray]
"""``x/MODALITY`` [S, L, F] and ``o/MODALITY`` (what is observed of it); the same after ``noiseLEVEL/``; ``label`` [S];
``recording`` [S]; ``level/MODALITY`` [S], by which scenes swap that modality."""


@dataclass(frozen=True)
class Fitted:
    """What is fitted on training recordings before any scene is summarised."""

    schema: GraphSchema
    statistics: ValueStatistics


def num_shards(task: StudyTask) -> int:
    """Files that `prepared` writes."""
    return -(-task.num_recordings // _RECORDINGS_PER_SHARD)


def prepared(folder: Path, task: StudyTask) -> Iterator[Path]:
    """Write the shards that are not there yet; each is a file that is there whole or not at all.

    Args:
        folder: of this task alone.
        task: what to simulate.

    Yields:
        The path of each shard, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = planned(task)
    fitted: Fitted | None = None
    for number in range(num_shards(task)):
        path = folder / f"{number:04d}.safetensors"
        if not path.is_file():
            fitted = fitted or fit(task, plan)
            part = plan[number * _RECORDINGS_PER_SHARD : (number + 1) * _RECORDINGS_PER_SHARD]
            write_atomically(path, save_arrays(joined([recording_arrays(one, task, fitted) for one in part])))
        yield path


def read_shards(paths: Sequence[Path]) -> list[Arrays]:
    """The shards, in order.

    Raises:
        FileFormatError: one of them is damaged.
    """
    out = []
    for path in paths:
        try:
            out.append(load_arrays(path.read_bytes()))
        except Exception as error:  # safetensors has exceptions of its own, made in Rust
            raise FileFormatError(f"{path}: is damaged; delete it to make it anew (got {error})") from error
    return out


def fit(task: StudyTask, plan: Sequence[PlannedRecording]) -> Fitted:
    """Schema and statistics of the first training recordings."""
    chosen = [one for one in plan if one.split == "train"][:_RECORDINGS_TO_FIT]
    scenes = [scene for one in chosen for scene in _scenes(one, task)]
    schema = GraphSchema.fit(scenes, duration_s=SCENE_S, num_bins=NUM_BINS, picture_size=(_PICTURE_PX, _PICTURE_PX))
    return Fitted(schema, ValueStatistics.fit(scenes))


def recording_arrays(one: PlannedRecording, task: StudyTask, fitted: Fitted) -> Arrays:
    """All scenes of one recording; damaged too, where somebody will look at that."""
    made = simulate(task.simulator, one.seed, faults=one.faults)
    scenes = list(made.recording.scenes(SCENE_S))
    levels = NOISE_LEVELS if one.split == "test" else (WEAK_LEVEL,)
    out: Arrays = {"label": one.labels, "recording": np.full(len(scenes), one.number)}
    rows: dict[str, list[np.ndarray]] = {}
    for modality in task.modalities:
        name = LEVEL_OF[modality]
        out[f"level/{modality}"] = np.array(
            [made.latents.level(name, scene.start_s, scene.start_s + SCENE_S) for scene in scenes]
        )
        for scene in scenes:
            order = np.argsort([stream.id for stream in scene.of_modality(modality)])
            tensors = rows_of(scene, modality, fitted.schema, fitted.statistics).tensors()
            seen = {"": (tensors["summary"], tensors["observed"])}
            seen |= {f"noise{level}/": damaged(tensors, modality, level, scene.id) for level in levels}
            for prefix, (summary, observed) in seen.items():
                rows.setdefault(f"{prefix}x/{modality}", []).append(_flat(summary.numpy()[order]))
                rows.setdefault(f"{prefix}o/{modality}", []).append(_flat(observed.numpy()[order]))
    return out | {key: np.stack(parts) for key, parts in rows.items()}


def joined(parts: Sequence[Arrays]) -> Arrays:
    """Arrays of several recordings, or shards, as one; a level of noise holds only the scenes that have it, in order.

    Example:
        >>> joined([{"label": np.array([0])}, {"label": np.array([1]), "noise1/x/text": np.zeros((1, 2))}])["label"]
        array([0, 1])
    """
    keys = sorted({key for part in parts for key in part})
    return {key: np.concatenate([part[key] for part in parts if key in part]) for key in keys}


def _scenes(one: PlannedRecording, task: StudyTask) -> list[Scene]:
    return list(simulate(task.simulator, one.seed, faults=one.faults).recording.scenes(SCENE_S))


def _flat(streams: np.ndarray) -> np.ndarray:
    """Streams side by side: [N, L, F] to [L, N F]."""
    return np.ascontiguousarray(streams.swapaxes(0, 1).reshape(streams.shape[1], -1))
