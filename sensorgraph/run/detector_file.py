"""Run files of the anomaly detector: fitted by 'train', used by 'score'."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sensorgraph.config import load, read_yaml
from sensorgraph.detector import AnomalyDetector
from sensorgraph.detector.saved import is_saved
from sensorgraph.io import is_table, open_recording
from sensorgraph.run.arguments import reader_options
from sensorgraph.run.detector_results import print_alarms, write_alarms
from sensorgraph.run.run_folder import RUN_FILE, claim, new_folder
from sensorgraph.run.sources import find_files, name_of
from sensorgraph.scenes import Recording

DETECTOR = "detector"
"""The folder of the fitted detector inside that of its run."""


@dataclass(frozen=True)
class DetectorSettings:
    """How recordings are looked at.

    Args:
        causal: no later row reaches an earlier score.
        links: pairs of channels that are known to be connected.
        rate_hz: of rows without time stamps (Hz); null means 1.
    """

    causal: bool = False
    links: tuple[tuple[str, str], ...] = ()
    rate_hz: Annotated[float, Field(gt=0)] | None = None


@dataclass(frozen=True)
class DetectorFile:
    """A detector and what it learns from.

    Args:
        train: recording of normal operation (CSV, Parquet, npz, zarr).
        test: recordings to score after fitting, or patterns.
        seed: part of every run file; this detector draws nothing.
        detector: how recordings are looked at.
        false_alarms_per_day: that are accepted.
        options: of the reader of all these files, e.g. ``time_column``, ``sort`` or ``dbc``.
    """

    train: str
    test: tuple[str, ...] = ()
    seed: Annotated[int, Field(ge=0)] = 0
    detector: DetectorSettings = field(default_factory=DetectorSettings)
    false_alarms_per_day: Annotated[float, Field(gt=0)] = 1.0
    options: dict[str, Any] | None = None


def opened(path: str | Path, options: Mapping[str, Any] | None) -> str | Path | Recording:
    """The file itself, or what its reader makes of it with options."""
    return open_recording(path, **options) if options else path


def is_detector(path: str) -> bool:
    """Whether a run file is one of a detector."""
    content = read_yaml(path)
    return isinstance(content, dict) and "detector" in content


def train_detector(args: argparse.Namespace) -> int:
    """What 'train' does with such a file."""
    overrides = [*args.overrides, *([] if args.seed is None else [f"seed={args.seed}"])]
    settings = load(args.config, DetectorFile, overrides)
    folder = new_folder(args.config, args.out, args.resume)
    claim(folder, settings, args.resume)
    how = settings.detector
    detector = AnomalyDetector(how.causal, settings.seed, how.links).fit(
        opened(settings.train, settings.options), rate_hz=how.rate_hz
    )
    detector.save(folder / DETECTOR)
    files = find_files(list(settings.test)) if settings.test else []
    for path in files:
        place = folder / "scored" / name_of(path, files)
        alarms = detector.detect(opened(path, settings.options), settings.false_alarms_per_day)
        write_alarms(place, alarms, place.name)
        print_alarms(alarms, place.name)
    print(f"the run lies in {folder}")
    return 0


def is_detector_folder(folder: str) -> bool:
    """Whether a folder holds a fitted detector, saved by itself or by a run."""
    return is_saved(Path(folder)) or is_saved(Path(folder) / DETECTOR)


def score_with_detector(args: argparse.Namespace) -> int:
    """What 'score' does with such a folder."""
    folder = Path(args.run)
    detector = AnomalyDetector.load(folder if is_saved(folder) else folder / DETECTOR)
    file = folder / RUN_FILE
    settings = load(file, DetectorFile) if file.is_file() else None
    per_day = args.false_alarms_per_day
    if per_day is None:
        per_day = settings.false_alarms_per_day if settings else 1.0
    own, more = (settings.options if settings else None) or {}, reader_options(args)
    files = find_files(args.inputs)
    names = [name_of(path, files) for path in files]
    out = Path(args.out or folder / "scored" / names[0])
    for path, name in zip(files, names, strict=True):
        # As for the scene network: what a run file says of tables means nothing to other formats.
        options = {**own, **more} if own and not path.is_dir() and is_table(path) else more
        alarms = detector.detect(opened(path, options), per_day)
        write_alarms(out if len(files) == 1 else out / name, alarms, name)
        print_alarms(alarms, name)
    print(f"the results lie in {out}")
    return 0
