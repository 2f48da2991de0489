"""The prepared scenes as a supervised task: swapped, normalised by the training split, split by recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sensorgraph.simulate import rotate_ranks
from sensorgraph.study.damage import NOISE_LEVELS, WEAK_LEVEL
from sensorgraph.study.inputs import Inputs
from sensorgraph.study.prepare import Arrays, joined
from sensorgraph.study.task import CLASSES, NORMAL, SWAPPED, Split, StudyTask, planned

_LEAST_SHARE = 0.001
_LARGEST = 8.0


@dataclass(frozen=True)
class Part:
    """The scenes of one split.

    Attributes:
        inputs: as they are.
        noisy: level to the same scenes with every modality damaged; in training only the level of weak modalities.
        label: [S] int64, place in `CLASSES`.
        recording: [S] int64.
    """

    inputs: Inputs
    noisy: Mapping[int, Inputs]
    label: Tensor
    recording: np.ndarray


@dataclass(frozen=True)
class StudyScenes:
    """The task with everything that cells are made of."""

    modalities: tuple[str, ...]
    train: Part
    validation: Part
    test: Part

    def widths(self) -> dict[str, int]:
        """Modality to the number of features ``F``."""
        return {modality: self.train.inputs.value[modality].shape[-1] for modality in self.modalities}


def study_scenes(task: StudyTask, shards: Sequence[Arrays]) -> StudyScenes:
    """Scenes of all shards of a task, as `sensorgraph.study.read_shards` gives them, ready to learn from."""
    arrays = joined(shards)
    split_of = np.array([one.split for one in planned(task)])
    split = split_of[arrays["recording"]]
    label, donor = _swapped(task, arrays, split)
    scales = {
        m: _Scale.fit(arrays[f"x/{m}"][split == "train"], arrays[f"o/{m}"][split == "train"]) for m in task.modalities
    }
    # Only some splits have a level of noise, in the order of the scenes: where in its arrays a scene stands.
    is_test = split == "test"
    place = {level: np.cumsum(np.ones_like(is_test) if level == WEAK_LEVEL else is_test) - 1 for level in NOISE_LEVELS}

    def part(name: Split) -> Part:
        rows = np.flatnonzero(split == name)

        def look(prefix: str, where: np.ndarray) -> Inputs:
            seen = {}
            for m in task.modalities:
                source = where[donor[m][rows]]
                seen[m] = scales[m].apply(arrays[f"{prefix}x/{m}"][source], arrays[f"{prefix}o/{m}"][source])
            return Inputs.of({m: pair[0] for m, pair in seen.items()}, {m: pair[1] for m, pair in seen.items()})

        levels = NOISE_LEVELS if name == "test" else (WEAK_LEVEL,)
        return Part(
            look("", np.arange(len(split))),
            {level: look(f"noise{level}/", place[level]) for level in levels},
            torch.from_numpy(label[rows]),
            arrays["recording"][rows],
        )

    return StudyScenes(tuple(task.modalities), part("train"), part("validation"), part("test"))


def _swapped(task: StudyTask, arrays: Arrays, split: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Labels [S], and for each modality the scene [S] that its streams are taken from.

    Within a split, a share of the normal scenes is dealt out to the modalities, and each modality changes places among
    its own by rank rotation: every donor gives once, so that a modality's streams, all together, stay what they were.
    """
    label = arrays["label"].copy()
    rng = np.random.default_rng([task.seed, 3])
    donor: dict[str, np.ndarray] = {modality: np.arange(len(label)) for modality in task.modalities}
    for name in ("train", "validation", "test"):
        normal = rng.permutation(np.flatnonzero((split == name) & (label == CLASSES.index(NORMAL))))
        chosen = normal[: round(task.swapped_share * len(normal))]
        label[chosen] = CLASSES.index(SWAPPED)
        for number, modality in enumerate(task.modalities):
            rows = chosen[number :: len(task.modalities)]
            if len(rows) > 1:
                donor[modality][rows] = rows[rotate_ranks(arrays[f"level/{modality}"][rows], rng).donor]
    return label, donor


@dataclass(frozen=True)
class _Scale:
    """Which features are ever observed, which of them not always, and the usual centre and spread of each."""

    kept: np.ndarray
    flagged: np.ndarray
    centre: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(cls, value: np.ndarray, observed: np.ndarray) -> _Scale:
        share = observed.mean((0, 1))
        kept = np.flatnonzero(share >= _LEAST_SHARE)
        seen = np.where(observed[..., kept], value[..., kept], np.nan).reshape(-1, len(kept))
        spread = np.nanstd(seen, axis=0)
        moving = spread > 1e-9
        kept, seen, spread = kept[moving], seen[:, moving], spread[moving]
        flagged = np.flatnonzero((share >= _LEAST_SHARE) & (share <= 1 - _LEAST_SHARE))
        # Features of a stream come and go together; one flag tells what several would.
        first = np.zeros(0, np.int64)
        if len(flagged):
            first = np.unique(observed[..., flagged].reshape(-1, len(flagged)), axis=1, return_index=True)[1]
        return cls(kept, flagged[np.sort(first)], np.nanmean(seen, axis=0), spread)

    def apply(self, value: np.ndarray, observed: np.ndarray) -> tuple[Tensor, Tensor]:
        """Inputs [S, L, F] and present [S, L]."""
        there = observed[..., self.kept]
        normal = np.clip((value[..., self.kept] - self.centre) / self.spread, -_LARGEST, _LARGEST) * there
        both = np.concatenate([normal, observed[..., self.flagged]], axis=-1).astype(np.float32)
        return torch.from_numpy(both), torch.from_numpy(there.any(-1))
