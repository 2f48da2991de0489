"""Scores recordings with a trained run: which stream is how unexpected, when, and where the alarms are.

INPUT is any recording that sensorgraph can read (zarr, HDF5, CSV, Parquet, ...), or a pattern such as 'logs/*.csv'.
It is cut into scenes of the run's length; one more, that ends with the recording, covers what is left over. The
threshold is the run's own, or the one for another rate of false alarms from the same calibration. Afterwards FOLDER
holds scores, stream_scores, alarms, channels, pairs and links as Parquet and CSV, and one picture per recording.
RUN may also be the folder of a fitted detector; recordings are then scored whole, and there are no words to read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from sensorgraph.errors import DataError, SceneError
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.dataset import GraphList
from sensorgraph.graph.transforms import NormaliseSummary
from sensorgraph.io import is_table
from sensorgraph.run.arguments import add_reader_options, positive, reader_options
from sensorgraph.run.calibrate import Calibrated
from sensorgraph.run.coverage import check_coverage
from sensorgraph.run.detector_file import is_detector_folder, score_with_detector
from sensorgraph.run.prepare import scenes_of
from sensorgraph.run.progress import progress_bar
from sensorgraph.run.results import Structure, write_scores, write_structure
from sensorgraph.run.run_folder import FinishedRun, open_run
from sensorgraph.run.sources import Piece, find_files, name_of
from sensorgraph.scenes import Scene
from sensorgraph.scenes.check import problems_of
from sensorgraph.scoring.scorer import Scores
from sensorgraph.training.predict import predict
from sensorgraph.viz import draw_scores

_SCENES_AT_ONCE = 16
"""Raw series of so many scenes are in memory at a time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("run", metavar="RUN", help="the folder of a trained run")
    parser.add_argument("inputs", metavar="INPUT", nargs="+", help="recordings, or patterns")
    parser.add_argument("--out", metavar="FOLDER", help="where results go (default: RUN/scored/NAME_OF_FIRST_INPUT)")
    parser.add_argument(
        "--false-alarms-per-day", type=positive, metavar="R", help="replaces the rate that the run was calibrated for"
    )
    add_reader_options(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    if is_detector_folder(args.run):
        return score_with_detector(args)
    finished = open_run(args.run)
    pieces = pieces_of(args.inputs, finished, reader_options(args))
    calibrated = finished.calibrated()
    if args.false_alarms_per_day is not None:
        calibrated = calibrated.at_rate(args.false_alarms_per_day)
    scored = score_pieces(finished, calibrated, pieces)
    alarms = calibrated.alarms(scored.scores)
    folder = Path(args.out or finished.folder / "scored" / pieces[0].recording_id)
    folder.mkdir(parents=True, exist_ok=True)
    write_scores(folder, scored.scores, alarms)
    write_structure(folder, scored.structure)
    draw(folder, scored.scores, alarms, calibrated.threshold.value)
    print(*scored.notes, sep="\n", end="\n" if scored.notes else "")
    print(f"{len(alarms)} alarms above {calibrated.threshold.value:.4g} in {len(scored.scores.machine)} bins")
    for row in alarms.itertuples():
        print(f"  {row.recording}, {row.start_s:g} to {row.end_s:g} s: {row.blamed} (scene {row.scene}, bin {row.bin})")
    print(f"the results lie in {folder}")
    return 0


@dataclass(frozen=True)
class Scored:
    """Scores of recordings, what was read of their streams, and what a user should know."""

    scores: Scores
    structure: Structure
    notes: tuple[str, ...]


def pieces_of(inputs: Sequence[str], finished: FinishedRun, options: Mapping[str, Any] | None = None) -> list[Piece]:
    """Whole recordings, named as in training; tables are read with the options of the run file.

    Args:
        inputs: paths or patterns.
        finished: the run.
        options: of the reader, beside those of the run file or in their place.

    Raises:
        FileFormatError: an input names nothing.
    """
    files = find_files(list(inputs))
    own, more = finished.run.data.arguments.get("options") or {}, options or {}
    return [
        Piece("test", path, name_of(path, files), options={**own, **more} if is_table(path) else more) for path in files
    ]


def score_pieces(finished: FinishedRun, calibrated: Calibrated, pieces: Sequence[Piece]) -> Scored:
    """Score recordings one after the other; no graph is written.

    Raises:
        SceneError: a recording is shorter than a scene, or none of the scenes can be used; every reason is named.
        ConfigError: no encoder of the run covers a sensor.
    """
    residuals: list[pd.DataFrame] = []
    structures: list[Structure] = []
    notes: list[str] = []
    normalise = NormaliseSummary(finished.fitted.summaries)
    with progress_bar() as bar:
        for piece in bar.track(pieces, description="scoring recordings"):
            seen: set[str] = set()
            scenes = _usable(scenes_of(piece, finished.run.graph), notes)
            while part := list(islice(scenes, _SCENES_AT_ONCE)):
                seen |= {f"{stream.modality}:{stream.id}" for scene in part for stream in scene.streams}
                graphs = [build_graph(scene, finished.fitted.schema, finished.fitted.values) for scene in part]
                check_coverage(graphs, finished.run.encoders)
                found = predict(finished.model, GraphList(graphs, normalise))
                residuals.append(found.residuals)
                structures.append(Structure.of(found))
            if seen:
                notes += stream_notes(piece.recording_id, seen, finished.fitted.schema.channels)
    if not residuals:
        raise SceneError(notes)
    return Scored(
        calibrated.scorer.score(pd.concat(residuals, ignore_index=True)), Structure.joined(structures), tuple(notes)
    )


def _usable(scenes: Iterator[Scene], notes: list[str]) -> Iterator[Scene]:
    for scene in scenes:
        problems = problems_of(scene)
        if problems:
            notes.append(f"scene '{scene.id}' left out: {'; '.join(problems)}")
        else:
            yield scene


def stream_notes(recording: str, seen: set[str], channels: Sequence[str]) -> list[str]:
    """What differs between the streams of a recording and those of training.

    Example:
        >>> for line in stream_notes("pump", {"sensor:oil", "sensor:new"}, ["sensor:oil", "audio:mic"]):
        ...     print(line)
        recording 'pump': 1 stream that training did not know, scored by its kind: sensor:new
        recording 'pump': 1 stream that training knew is missing: audio:mic
    """
    unknown, missing = sorted(seen - set(channels)), [name for name in channels if name not in seen]
    out = []
    if unknown:
        kind = "1 stream that training did not know, scored by its kind"
        kinds = f"{len(unknown)} streams that training did not know, scored by their kind"
        out.append(f"recording '{recording}': {kind if len(unknown) == 1 else kinds}: {', '.join(unknown)}")
    if missing:
        kind = "1 stream that training knew is missing"
        kinds = f"{len(missing)} streams that training knew are missing"
        out.append(f"recording '{recording}': {kind if len(missing) == 1 else kinds}: {', '.join(missing)}")
    return out


def draw(folder: Path, scores: Scores, alarms: pd.DataFrame, threshold: float) -> None:
    """One picture of scores per recording."""
    for recording, rows in scores.streams.groupby("recording", sort=False):
        name = str(recording)
        if Path(name).name != name:
            raise DataError(f"recording '{name}': its id is no file name; rename the recording")
        own = alarms[alarms["recording"] == name]
        draw_scores(rows, folder / f"{name}.png", threshold=threshold, events=own, title=f"scores of {name}")
