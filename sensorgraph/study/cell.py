"""One cell of the study: what is trained on what, and what came out, in one file that is there whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save as save_arrays

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes.atomic import write_atomically

Weakness = Literal["none", "less_data", "corrupted", "shortened"]
WEAKNESSES: tuple[Weakness, ...] = ("less_data", "corrupted", "shortened")

ALONE = "none"
"""The kind of fusion of a modality alone: there is nothing to fuse."""
AS_IS = "as_is"
"""The condition in which nothing was done to the scenes."""


@dataclass(frozen=True)
class Cell:
    """What is trained.

    Attributes:
        kind: of fusion, a name of `sensorgraph.fusion.KINDS`.
        modalities: that the network sees, in training and after.
        seed: of weights and batches.
        dropout: probability with which a modality of a scene is hidden in training.
        weakness: what is done to one modality, in training and after.
        weakened: which modality, empty if none.
    """

    kind: str
    modalities: tuple[str, ...]
    seed: int
    dropout: float = 0.0
    weakness: Weakness = "none"
    weakened: str = ""

    @property
    def name(self) -> str:
        """Names the file.

        Example:
            >>> Cell("late", ("sensor", "text"), seed=1, weakness="shortened", weakened="text").name
            'late.sensor+text.text-shortened.seed1'
        """
        parts = [self.kind, "+".join(self.modalities)]
        parts += [f"dropout{self.dropout:g}"] if self.dropout else []
        parts += [f"{self.weakened}-{self.weakness}"] if self.weakened else []
        return ".".join([*parts, f"seed{self.seed}"])

    @property
    def is_plain(self) -> bool:
        """Whether it belongs to the comparison itself: no dropout, nothing weakened."""
        return not self.dropout and not self.weakened


@dataclass(frozen=True)
class Result:
    """What came out of a cell.

    Attributes:
        cell: what was trained.
        figures: name to number: parameters, processor time, epochs, accuracies; see `sensorgraph.study.run_cell`.
        learned: name to modality to number: scales, shares and weights that training made.
        probability: split to [S, C].
        answers: condition to [S] uint8, the class that is given to each test scene.
        made_by: which state of the program ran the cell.
    """

    cell: Cell
    figures: Mapping[str, float]
    learned: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    probability: Mapping[str, np.ndarray] = field(default_factory=dict)
    answers: Mapping[str, np.ndarray] = field(default_factory=dict)
    made_by: str = ""


def save_result(folder: Path, result: Result) -> Path:
    """Write a result into its file.

    Example:
        >>> import tempfile
        >>> folder, cell = Path(tempfile.mkdtemp()), Cell("late", ("text", "audio"), 0)
        >>> _ = save_result(folder, Result(cell, {"test": 0.5}, answers={AS_IS: np.zeros(3, np.uint8)}))
        >>> load_result(folder, cell).figures
        {'test': 0.5}
    """
    arrays = {f"probability/{name}": array for name, array in result.probability.items()}
    arrays |= {f"answer/{name}": array for name, array in result.answers.items()}
    facts = {
        "cell": asdict(result.cell),
        "figures": dict(result.figures),
        "learned": dict(result.learned),
        "made_by": result.made_by,
    }
    path = _path(folder, result.cell)
    write_atomically(path, save_arrays(arrays, metadata={"facts": json.dumps(facts)}))
    return path


def is_done(folder: Path, cell: Cell) -> bool:
    """Whether the cell was finished before."""
    return _path(folder, cell).is_file()


def load_result(folder: Path, cell: Cell) -> Result:
    """Read what `save_result` wrote.

    Raises:
        FileFormatError: the file is damaged, or another cell's.
    """
    path = _path(folder, cell)
    try:
        with safe_open(str(path), framework="numpy") as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
    except Exception as error:  # safetensors has exceptions of its own, made in Rust
        raise FileFormatError(f"{path}: is damaged; delete it to run the cell again (got {error})") from error
    if facts.get("cell") != json.loads(json.dumps(asdict(cell))):
        raise FileFormatError(f"{path}: belongs to another cell; delete it (got {facts.get('cell')})")

    def part(prefix: str) -> dict[str, np.ndarray]:
        return {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}

    return Result(cell, facts["figures"], facts["learned"], part("probability/"), part("answer/"), facts["made_by"])


def _path(folder: Path, cell: Cell) -> Path:
    return folder / f"{cell.name}.safetensors"
