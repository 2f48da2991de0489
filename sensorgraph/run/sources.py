"""Where scenes come from: the kinds of the run file's ``data`` slot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from sensorgraph.config import to_yaml
from sensorgraph.errors import ConfigError, FileFormatError
from sensorgraph.graph.dataset import key_of
from sensorgraph.graph.splits import SPLITS, Span, split_recordings, split_time
from sensorgraph.io import open_recording
from sensorgraph.run.simulate import SimulationFile, write_dataset
from sensorgraph.scenes import Recording
from sensorgraph.simulate import DatasetSize, SimulatorConfig


@dataclass(frozen=True)
class Piece:
    """A stretch of one recording that belongs to one split, and how to read it.

    Attributes:
        split: ``train``, ``validation``, ``calibration`` or ``test``.
        path: of the recording.
        recording_id: what it is called in every table.
        start_s, end_s: the stretch; None for ``end_s`` means to the end.
        options: of `open_recording`.
    """

    split: str
    path: Path
    recording_id: str
    start_s: float = 0.0
    end_s: float | None = None
    options: Mapping[str, Any] | None = None

    def open(self) -> Recording:
        """The whole recording."""
        return open_recording(self.path, **dict(self.options or {}))


class Source(ABC):
    """Recordings on disk, divided into splits by recording and time."""

    simulated: bool = False
    """Whether results on it must be labelled so."""

    @abstractmethod
    def pieces(self, seed: int, cache: Path, say: Callable[[str], None]) -> list[Piece]:
        """Everything there is, by split; ``cache`` is a folder for what has to be made first."""


class Simulated(Source):
    """Recordings of the simulated machine, made once and kept.

    Args:
        simulate: the machine, its streams and its faults.
        dataset: how many recordings of each role.
        num_workers: processes that make them.
    """

    simulated = True

    def __init__(
        self,
        simulate: SimulatorConfig | None = None,
        dataset: DatasetSize | None = None,
        num_workers: Annotated[int, Field(ge=1)] = 2,
    ) -> None:
        self.simulate = simulate or SimulatorConfig()
        self.dataset = dataset or DatasetSize()
        self.num_workers = num_workers

    def pieces(self, seed: int, cache: Path, say: Callable[[str], None]) -> list[Piece]:
        """Make what is not there yet, then list it."""
        settings = SimulationFile(seed, self.simulate, self.dataset)
        folder = cache / f"simulated-{key_of(to_yaml(settings))}"
        say(f"recordings: {folder}")
        write_dataset(settings, folder, self.num_workers)
        return [Piece(split, path, path.stem) for split in SPLITS for path in sorted((folder / split).glob("*.zarr"))]


class Recordings(Source):
    """Recordings that are on disk already, in any format that `open_recording` reads.

    Args:
        paths: files or patterns such as ``logs/*.zarr``; all are split into all splits.
        normal: files or patterns that hold normal operation only; they are split among training, validation and
            calibration, and never tested.
        split_by: ``recording`` (whole recordings) or ``time`` (each recording in the order of time, with a gap).
        shares: of the splits.
        gap_s: time left out between two splits of one recording (s).
        options: of `open_recording`, e.g. ``time_column``.
    """

    def __init__(
        self,
        paths: list[str],
        normal: list[str] | None = None,
        split_by: Annotated[str, Field(pattern="^(recording|time)$")] = "recording",
        shares: dict[str, float] | None = None,
        gap_s: Annotated[float, Field(ge=0)] = 0.0,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.paths = paths
        self.normal = normal or []
        self.split_by = split_by
        self.shares = shares or {"train": 0.5, "validation": 0.1, "calibration": 0.2, "test": 0.2}
        self.gap_s = gap_s
        self.options = options or {}

    def pieces(self, seed: int, cache: Path, say: Callable[[str], None]) -> list[Piece]:
        """Find the files and split them."""
        normal_shares = {name: share for name, share in self.shares.items() if name != "test"}
        total = sum(normal_shares.values())
        out = self._split(self.paths, self.shares, seed, say)
        if self.normal:
            out += self._split(self.normal, {name: share / total for name, share in normal_shares.items()}, seed, say)
        return out

    def _split(
        self, patterns: list[str], shares: dict[str, float], seed: int, say: Callable[[str], None]
    ) -> list[Piece]:
        files = {name_of(path, find_files(patterns)): path for path in find_files(patterns)}
        durations = {name: open_recording(path, **self.options).duration_s for name, path in files.items()}
        if self.split_by == "recording" and len(files) >= len(shares):
            spans = split_recordings(durations, shares, seed)
        else:
            if self.split_by == "recording":
                say(
                    f"data: {len(files)} recordings are too few for {len(shares)} splits; each is split by time, with "
                    f"{self.gap_s:g} s left out between the parts (data.gap_s)"
                )
            spans = split_time(durations, shares, self.gap_s)
        return [_piece(split, span, files, self.options) for split, part in spans.items() for span in part]


class FirstNormal(Recordings):
    """Recordings whose beginning is known to be normal, as in SKAB: learn from the beginning, test on the rest.

    Args:
        paths: files or patterns; each begins with normal operation.
        normal_s: how long the beginning is normal (s); or give ``normal_rows``.
        normal_rows: how many time stamps of a recording are normal, whatever time they take.
        normal: further files or patterns that hold normal operation only.
        calibration_share: last part of every normal stretch, for early stopping and for the threshold.
        gap_s: time left out between training and calibration (s).
        options: of `open_recording`.
        normal_options: of `open_recording` for ``normal``, whose files may lack label columns; null means ``options``.

    Raises:
        ConfigError: both ``normal_s`` and ``normal_rows`` are given, or neither.
    """

    def __init__(
        self,
        paths: list[str],
        normal_s: Annotated[float, Field(gt=0)] | None = None,
        normal_rows: Annotated[int, Field(ge=1)] | None = None,
        normal: list[str] | None = None,
        calibration_share: Annotated[float, Field(gt=0, lt=1)] = 0.3,
        gap_s: Annotated[float, Field(ge=0)] = 0.0,
        options: dict[str, Any] | None = None,
        normal_options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(paths, normal, "time", None, gap_s, options)
        if (normal_s is None) == (normal_rows is None):
            raise ConfigError(
                f"data.first_normal: give normal_s or normal_rows, and one of them only (got {normal_s}, {normal_rows})"
            )
        self.normal_s = normal_s
        self.normal_rows = normal_rows
        self.normal_options = self.options if normal_options is None else normal_options
        self.calibration_share = calibration_share

    def pieces(self, seed: int, cache: Path, say: Callable[[str], None]) -> list[Piece]:
        """Find the files and split them."""
        out = []
        for patterns, options, has_test in (
            (self.paths, self.options, True),
            (self.normal, self.normal_options, False),
        ):
            files = find_files(patterns) if patterns else []
            for path in files:
                name = name_of(path, files)
                recording = open_recording(path, **options)
                duration_s = recording.duration_s
                normal_s = self._normal_s(recording) if has_test else duration_s
                learn_s = normal_s * (1 - self.calibration_share)
                add = [("train", 0.0, learn_s), ("calibration", learn_s + self.gap_s, normal_s)]
                if has_test:
                    add.append(("test", normal_s, duration_s))
                out += [
                    Piece(split, path, name, start_s, end_s, options)
                    for split, start_s, end_s in add
                    if end_s > start_s
                ]
        return out

    def _normal_s(self, recording: Recording) -> float:
        """How long the beginning of a recording is normal (s)."""
        if self.normal_s is not None:
            return min(self.normal_s, recording.duration_s)
        assert self.normal_rows is not None
        stamps = np.unique(np.concatenate([stream.times() for stream in recording.streams]))
        return float(stamps[self.normal_rows]) if self.normal_rows < len(stamps) else recording.duration_s


KINDS: dict[str, type[Source]] = {"simulated": Simulated, "recordings": Recordings, "first_normal": FirstNormal}


def find_files(patterns: list[str]) -> list[Path]:
    """All files that the patterns name, each once.

    Raises:
        FileFormatError: a pattern finds nothing.
    """
    out: dict[Path, None] = {}
    for pattern in patterns:
        found = sorted(glob(pattern, recursive=True))
        if not found:
            raise FileFormatError(f"data: nothing matches '{pattern}'; give a path that exists (from {Path.cwd()})")
        out.update(dict.fromkeys(Path(path) for path in found))
    return list(out)


def name_of(path: Path, others: list[Path]) -> str:
    """A name for a recording that no other file of the set has: its stem, with its folder where stems repeat."""
    stem = path.name.split(".")[0]
    if sum(other.name.split(".")[0] == stem for other in others) > 1:
        return f"{path.parent.name}-{stem}"
    return stem


def _piece(split: str, span: Span, files: Mapping[str, Path], options: Mapping[str, Any]) -> Piece:
    return Piece(split, files[span.recording_id], span.recording_id, span.start_s, span.end_s, options)
