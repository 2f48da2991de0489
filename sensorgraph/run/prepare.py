"""From pieces of recordings to prepared scene graphs, in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from sensorgraph.errors import SceneError
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.dataset import SceneDataset, is_prepared, key_of, write_manifest
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.store import save_graph
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.run.progress import progress_bar
from sensorgraph.run.run_file import GraphSettings
from sensorgraph.run.sources import Piece
from sensorgraph.scenes import Scene
from sensorgraph.scenes.atomic import atomic_folder
from sensorgraph.scenes.check import problems_of

SCHEMA_FILE = "schema.json"
VALUES_FILE = "value_statistics.json"
SUMMARIES_FILE = "summary_statistics.json"
_WORTH_WORKERS = 32
"""From so many pieces on, worker processes save more time than they take to start."""


@dataclass(frozen=True)
class Fitted:
    """Everything that was learned from the training split before the network: it is stored with the run."""

    schema: GraphSchema
    values: ValueStatistics
    summaries: SummaryStatistics

    def save(self, folder: Path) -> None:
        """Write the three files."""
        (folder / SCHEMA_FILE).write_text(self.schema.to_json())
        (folder / VALUES_FILE).write_text(self.values.to_json())
        (folder / SUMMARIES_FILE).write_text(self.summaries.to_json())

    @classmethod
    def load(cls, folder: Path) -> Fitted:
        """Read what `save` wrote."""
        return cls(
            GraphSchema.from_json((folder / SCHEMA_FILE).read_text()),
            ValueStatistics.from_json((folder / VALUES_FILE).read_text()),
            SummaryStatistics.from_json((folder / SUMMARIES_FILE).read_text()),
        )


@dataclass(frozen=True)
class Prepared:
    """Data sets of graphs by split, with the scenes that could not be used and why."""

    folder: Path
    fitted: Fitted
    datasets: dict[str, SceneDataset]
    skipped: tuple[str, ...]


def scenes_of(piece: Piece, settings: GraphSettings) -> Iterator[Scene]:
    """Scenes of a piece; one more, that ends with the piece, covers what back-to-back scenes leave over.

    Raises:
        SceneError: the piece is shorter than one scene.
    """
    recording = piece.open()
    end_s = recording.duration_s if piece.end_s is None else min(piece.end_s, recording.duration_s)
    duration_s = settings.duration_s
    if end_s - piece.start_s < duration_s - 1e-6:
        raise SceneError(
            f"recording '{piece.recording_id}', {piece.split}: {end_s - piece.start_s:g} s are shorter than a scene of "
            f"{duration_s:g} s; give a longer one, or train with a lower graph.duration_s"
        )
    stride_s = duration_s
    if piece.split == "train" and settings.stride_s is not None:
        stride_s = settings.stride_s
    starts = np.arange(piece.start_s, end_s - duration_s + 1e-6, stride_s)
    if end_s - (starts[-1] + duration_s) > duration_s / settings.num_bins:
        starts = np.append(starts, end_s - duration_s)
    for start_s in starts.tolist():
        scene = recording.cut(start_s, start_s + duration_s, f"{piece.recording_id}@{start_s:g}")
        yield Scene(
            scene.id, piece.recording_id, scene.start_s, duration_s, scene.streams, scene.labels, scene.topology
        )


def prepare_pieces(pieces: Sequence[Piece], settings: GraphSettings, cache: Path, num_workers: int = 2) -> Prepared:
    """Fit schema and statistics on the training pieces, and build the graphs of all.

    The graphs lie in ``cache`` under a hash of the pieces and settings, and are built once.
    """
    key = key_of([_facts(piece) for piece in pieces], asdict(settings))
    folder = cache / f"graphs-{key}"
    if is_prepared(folder / "train"):
        fitted = Fitted.load(folder)
        return Prepared(folder, fitted, _datasets(folder, pieces, fitted), tuple(_read_skipped(folder)))
    training = [piece for piece in pieces if piece.split == "train"]
    schema, values = _fit(training, settings)
    with atomic_folder(folder) as temporary, progress_bar() as bar:
        task = bar.add_task("scenes become graphs", total=len(pieces))
        names: dict[str, list[tuple[str, str]]] = {piece.split: [] for piece in pieces}
        skipped: list[str] = []
        jobs = [(piece, number, settings, schema, values, temporary) for number, piece in enumerate(pieces)]
        for split in names:
            (temporary / split).mkdir()
        for piece, built in zip(pieces, _each(jobs, num_workers), strict=True):
            names[piece.split] += built.files
            skipped += built.skipped
            bar.advance(task)
        for split, files in names.items():
            write_manifest(temporary / split, [name for name, _ in files], [scene for _, scene in files])
        summaries = SummaryStatistics.fit(SceneDataset(temporary / "train"), schema, settings.scope)
        fitted = Fitted(schema, values, summaries)
        fitted.save(temporary)
        (temporary / "skipped.txt").write_text("\n".join(skipped))
    return Prepared(folder, fitted, _datasets(folder, pieces, fitted), tuple(skipped))


@dataclass(frozen=True)
class _Built:
    files: list[tuple[str, str]]
    skipped: list[str]


def build_piece(
    piece: Piece, number: int, settings: GraphSettings, schema: GraphSchema, values: ValueStatistics, folder: Path
) -> _Built:
    """Build and write the graphs of one piece; scenes that cannot be used are named, with all reasons."""
    files, skipped = [], []
    for count, scene in enumerate(scenes_of(piece, settings)):
        problems = problems_of(scene)
        if problems:
            skipped.append(f"scene '{scene.id}' left out: {'; '.join(problems)}")
            continue
        name = f"{number:05d}-{count:05d}.safetensors"
        save_graph(folder / piece.split / name, build_graph(scene, schema, values))
        files.append((name, scene.id))
    return _Built(files, skipped)


def _fit(training: Sequence[Piece], settings: GraphSettings) -> tuple[GraphSchema, ValueStatistics]:
    def scenes(description: str) -> Iterator[Scene]:
        with progress_bar() as bar:
            for piece in bar.track(training, description=description):
                yield from scenes_of(piece, settings)

    schema = GraphSchema.fit(
        scenes("learning the streams"),
        duration_s=settings.duration_s,
        num_bins=settings.num_bins,
        picture_size=settings.picture_size,
    )
    return schema, ValueStatistics.fit(scenes("learning the scales"), settings.normalise, settings.scope)


def _each(jobs: Sequence[tuple], num_workers: int) -> Iterator[_Built]:
    if num_workers == 1 or len(jobs) < _WORTH_WORKERS:
        for job in jobs:
            yield build_piece(*job)
        return
    executor = ProcessPoolExecutor(
        num_workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
    )
    try:
        yield from executor.map(_build, jobs)
    finally:
        executor.shutdown(cancel_futures=True)


def _build(job: tuple) -> _Built:
    return build_piece(*job)


def _start_worker() -> None:
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which tells the workers
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)


def _datasets(folder: Path, pieces: Sequence[Piece], fitted: Fitted) -> dict[str, SceneDataset]:
    transform = NormaliseSummary(fitted.summaries)
    return {split: SceneDataset(folder / split, transform) for split in dict.fromkeys(p.split for p in pieces)}


def _read_skipped(folder: Path) -> list[str]:
    return [line for line in (folder / "skipped.txt").read_text().splitlines() if line]


def _facts(piece: Piece) -> Mapping[str, object]:
    stat = piece.path.stat()
    # The same file is the same piece, whichever way its path was written.
    return {**asdict(piece), "path": str(piece.path.resolve()), "modified": stat.st_mtime_ns, "size": stat.st_size}
