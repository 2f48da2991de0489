"""What a run or a scoring leaves behind as tables: scores, alarms, and what was read of channels, pairs and links."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sensorgraph.errors import FileFormatError
from sensorgraph.run.structure import found_pairs
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.scoring.scorer import Scores
from sensorgraph.training.predict import Predictions

TYPES = ("one_word", "two_word", "complex_bits")
_CHANNEL_COLUMNS = ["scene", "stream", *TYPES, "live_bits", "flag_bits"]


@dataclass(frozen=True)
class Structure:
    """What the network read of the streams of scenes.

    Attributes:
        channels: one row per scene and sensor of words: ``scene, stream``, the probability of each type (``one_word,
            two_word, complex_bits``), and the masks ``live_bits, flag_bits``.
        pairs: one row per found pair: ``scene, msb, lsb, probability, lag_samples``.
        links: one row per learned link: ``scene, sender, receiver, kind, weight`` (attention, 0..1).
    """

    channels: pd.DataFrame
    pairs: pd.DataFrame
    links: pd.DataFrame

    @classmethod
    def of(cls, found: Predictions) -> Structure:
        """The part of a prediction that is no residual and no truth."""
        return cls(found.channels[_CHANNEL_COLUMNS], found_pairs(found.pairs), found.links)

    @classmethod
    def joined(cls, parts: list[Structure]) -> Structure:
        """Several as one."""
        names = cls.__dataclass_fields__
        return cls(**{name: pd.concat([getattr(part, name) for part in parts], ignore_index=True) for name in names})


def write_scores(folder: Path, scores: Scores, alarms: pd.DataFrame) -> None:
    """Scores per stream and of the machine, and alarms, as Parquet and CSV."""
    for name, table in (("stream_scores", scores.streams), ("scores", scores.machine), ("alarms", alarms)):
        write_result(folder / name, table)


def write_structure(folder: Path, structure: Structure) -> None:
    """Channels, pairs and links, as Parquet and CSV."""
    for name in Structure.__dataclass_fields__:
        write_result(folder / name, getattr(structure, name))


def read_scores(folder: Path) -> Scores:
    """Read what `write_scores` wrote, without the alarms.

    Raises:
        FileFormatError: the folder holds no scores.
    """
    return Scores(read_result(folder, "stream_scores"), read_result(folder, "scores"))


def read_structure(folder: Path) -> Structure:
    """Read what `write_structure` wrote.

    Raises:
        FileFormatError: the folder holds none.
    """
    return Structure(*(read_result(folder, name) for name in Structure.__dataclass_fields__))


def read_result(folder: Path, name: str) -> pd.DataFrame:
    """One table of a folder of results.

    Raises:
        FileFormatError: it is missing or damaged.
    """
    file = folder / f"{name}.parquet"
    if not file.is_file():
        raise FileFormatError(f"{folder}: holds no results, it lacks {file.name}; train, evaluate or score first")
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:  # pyarrow's own errors are both
        raise FileFormatError(f"{file}: is damaged; evaluate or score again (got {error})") from error


def write_result(stem: Path, table: pd.DataFrame) -> None:
    """One table, as Parquet and CSV."""
    write_atomically(stem.with_suffix(".parquet"), table.to_parquet(index=False))
    write_atomically(stem.with_suffix(".csv"), table.to_csv(index=False).encode())
