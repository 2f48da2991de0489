"""Draws all streams of a scene, what truly went wrong, and (if given) scores and alarms, on one time axis.

SCENE is a stored scene, or any recording that sensorgraph can read (zarr, HDF5, CSV, Parquet, ...), of which a slice is
drawn. The picture is a PNG.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io import open_recording
from sensorgraph.run.arguments import count
from sensorgraph.scenes import Scene
from sensorgraph.scenes.store import is_store, read_recording, read_scene, stored_kind
from sensorgraph.typing import MODALITIES
from sensorgraph.viz import draw_scene


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("scene", metavar="SCENE", help="a stored scene, or a recording in any format that is read")
    parser.add_argument("--start-s", type=float, default=0.0, metavar="S", help="where the slice begins (default: 0)")
    parser.add_argument("--duration-s", type=float, default=60.0, metavar="S", help="its length (default: 60, or all)")
    parser.add_argument(
        "--scores", metavar="FILE", help="Parquet or CSV with stream, start_s, end_s, score (and scene), on its clock"
    )
    parser.add_argument("--threshold", type=float, metavar="X", help="where alarms begin")
    parser.add_argument("--max-sensors", type=count, default=60, metavar="N", help="draw at most so many (default: 60)")
    parser.add_argument("--out", metavar="PNG", help="where to put the picture (default: NAME_OF_SCENE.png)")


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    scene = open_scene(args.scene, args.start_s, args.duration_s)
    scores = None if args.scores is None else read_scores(args.scores, scene.id)
    out = Path(args.out or f"{Path(args.scene).stem}.png")
    out.parent.mkdir(parents=True, exist_ok=True)
    draw_scene(scene, out, scores=scores, threshold=args.threshold, max_sensors=args.max_sensors)
    for line in overview(scene):
        print(line)
    print(f"the picture lies in {out}")
    return 0


def open_scene(path: str | Path, start_s: float, duration_s: float) -> Scene:
    """The stored scene, or a slice of a recording that ends with it at the latest.

    Raises:
        FileFormatError: there is nothing at ``path`` that could be read.
        DataError: the slice lies outside the recording, or is not positive.
    """
    if is_store(path) and stored_kind(path) == "scene":
        return read_scene(path)
    recording = read_recording(path, lazy=True) if is_store(path) else open_recording(path)
    if not (0 <= start_s < recording.duration_s and duration_s > 0):
        raise DataError(
            f"recording '{recording.id}': the slice must begin in 0..{recording.duration_s:g} s and be longer than 0; "
            f"change --start-s or --duration-s (got {start_s:g} s, {duration_s:g} s long)"
        )
    scene = recording.cut(start_s, min(start_s + duration_s, recording.duration_s))
    shown = {stream.id for stream in scene.streams}
    absent = [stream.id for stream in recording.streams if stream.id not in shown]
    if absent:
        print(f"without a sample in this slice, and left out: {', '.join(absent)}")
    return scene


def read_scores(path: str | Path, scene_id: str) -> pd.DataFrame:
    """The scores of one scene.

    Raises:
        FileFormatError: the file cannot be read as a table.
        DataError: it names scenes, but not this one.
    """
    try:
        table = pd.read_parquet(path) if Path(path).suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas and pyarrow raise what their parsers trip over
        raise FileFormatError(f"{path}: cannot be read as a table of scores; check the path ({error})") from error
    if "scene" not in table:
        return table
    of_scene = table[table["scene"] == scene_id]
    if of_scene.empty:
        known = ", ".join(map(str, table["scene"].unique()[:5]))
        raise DataError(f"{path}: no scores of scene '{scene_id}'; choose another scene (known: {known}, ...)")
    return of_scene


def overview(scene: Scene) -> Iterator[str]:
    """A line about the scene, one per modality, one per anomaly.

    Example:
        >>> import numpy as np
        >>> from sensorgraph.scenes import Sensor
        >>> oil = Sensor("oil", rate_hz=2.0, values=np.zeros(4, np.float32))
        >>> for line in overview(Scene("start", "run 7", start_s=0.0, duration_s=2.0, streams=(oil,))):
        ...     print(line)
        scene start: 2 s from 0 s of run 7
          sensor  1 stream at 2 Hz
    """
    yield f"scene {scene.id}: {scene.duration_s:g} s from {scene.start_s:g} s of {scene.recording_id}"
    for modality in MODALITIES:
        streams = scene.of_modality(modality)
        rates = sorted({rate for stream in streams if (rate := getattr(stream, "rate_hz", None)) is not None})
        if streams:
            at = f" at {', '.join(f'{rate:g}' for rate in rates[:6])}{', ...' if len(rates) > 6 else ''} Hz"
            yield f"  {modality:<8}{len(streams)} stream{'s' if len(streams) > 1 else ''}{at if rates else ''}"
    for anomaly in scene.labels.anomalies:
        where = ", ".join(anomaly.root_cause) or "nowhere in particular"
        yield f"  labelled {anomaly.kind} from {anomaly.start_s:g} s to {anomaly.end_s:g} s in {where}"
