"""What the run file of the word reader holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from sensorgraph.config import read_yaml
from sensorgraph.models.word_judge import WordNetworkSettings
from sensorgraph.training.word_training import WordTrainingSettings


@dataclass(frozen=True)
class WordsData:
    """What the word reader learns from.

    Args:
        recordings: folder of real labelled words (``.npz``); null learns from simulated ones alone.
        leave_out: sources that nothing is learned from, to be judged on them.
        num_simulated: made recordings.
        num_held_back: made recordings besides, that only the temperatures are fitted to.
        num_varied: variations of each real recording.
    """

    recordings: str | None = None
    leave_out: tuple[str, ...] = ()
    num_simulated: Annotated[int, Field(ge=1)] = 640
    num_held_back: Annotated[int, Field(ge=1)] = 60
    num_varied: Annotated[int, Field(ge=0)] = 15


@dataclass(frozen=True)
class WordsFile:
    """A complete run of the word reader.

    Args:
        seed: of everything that is drawn.
        words: what is learned from.
        network: sizes.
        training: steps and losses.
    """

    words: WordsData
    seed: Annotated[int, Field(ge=0)] = 0
    network: WordNetworkSettings = field(default_factory=WordNetworkSettings)
    training: WordTrainingSettings = field(default_factory=WordTrainingSettings)


def is_words(path: str) -> bool:
    """Whether a run file trains the word reader: it names words, and no data."""
    content = read_yaml(path)
    return isinstance(content, dict) and "words" in content and "data" not in content
