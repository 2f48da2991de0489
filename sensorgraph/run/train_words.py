"""Trains the word reader: from a run file to one file of weights."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from sensorgraph.config import load, to_yaml
from sensorgraph.errors import FileFormatError
from sensorgraph.io.labelled_words import read_labelled_words
from sensorgraph.models.word_judge import SHIPPED, WordJudge
from sensorgraph.run.run_folder import RUN_FILE, new_folder
from sensorgraph.run.words_file import WordsData, WordsFile
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.simulate.word_recordings import random_recording
from sensorgraph.simulate.word_variations import fields_of, varied
from sensorgraph.training.word_examples import WordExample
from sensorgraph.training.word_training import train_words
from sensorgraph.words.labelled import LabelledWords


def run_words(args: argparse.Namespace, overrides: list[str]) -> int:
    """The verb ``train`` for a run file of the word reader."""
    settings = load(args.config, WordsFile, overrides)
    folder = new_folder(args.config, args.out, resume=False)
    recordings = labelled_recordings(settings.words)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / RUN_FILE, to_yaml(settings).encode())
    print(f"{settings.words.num_simulated} simulated recordings, {len(recordings)} real ones")
    judge = trained_judge(settings, simulated_examples(settings), recordings, print)
    judge.save(folder / SHIPPED)
    print(f"the weights lie in {folder / SHIPPED}")
    return 0


def labelled_recordings(data: WordsData) -> list[LabelledWords]:
    """The real recordings of a run file, without those of the sources that are left out.

    Raises:
        FileFormatError: the folder holds none, or a source to leave out is not there.
    """
    if data.recordings is None:
        return []
    found = [read_labelled_words(path) for path in sorted(Path(data.recordings).glob("*.npz"))]
    if not found:
        raise FileFormatError(
            f"words.recordings: {data.recordings} holds no .npz of labelled words; name the folder, or null"
        )
    sources = sorted({recording.source for recording in found})
    unknown = [name for name in data.leave_out if name not in sources]
    if unknown:
        raise FileFormatError(
            f"words.leave_out: no recording is from {', '.join(unknown)}; known are {', '.join(sources)}"
        )
    return [recording for recording in found if recording.source not in data.leave_out]


def simulated_examples(settings: WordsFile) -> list[WordExample]:
    """Made recordings: those to learn from, then those that are held back."""
    num, first = settings.words.num_simulated + settings.words.num_held_back, 100_000 * settings.seed
    return _examples(random_recording(first + number) for number in range(num))


def trained_judge(
    settings: WordsFile, made: list[WordExample], recordings: list[LabelledWords], say: Callable[[str], None]
) -> WordJudge:
    """A judge that has learned from `simulated_examples` and from real recordings."""
    data = settings.words
    fields = fields_of(recordings)
    rng = np.random.default_rng(settings.seed)
    real: dict[str, list[WordExample]] = {}
    for recording in recordings:
        again = (varied(recording, fields, rng) for _ in range(data.num_varied))
        real.setdefault(recording.source, []).extend(_examples([recording, *again]))
    return train_words(
        made[: -data.num_held_back],
        real,
        made[-data.num_held_back :],
        settings.network,
        settings.training,
        settings.seed,
        say,
    )


def _examples(recordings: Iterable[LabelledWords]) -> list[WordExample]:
    return [WordExample.of(recording) for recording in recordings if recording.channels]
