"""Reads unlabelled 16-bit words: what each channel is, which are halves of one value, where flags and fields lie.

FILE is a log as its tool wrote it: candump text, ASAM MDF 4 bus logging (.mf4), PX4 ULog (.ulg), a CSV or Parquet table
of whole numbers, an .npz archive of words, a zarr folder or HDF5 file of sensorgraph; the content decides which.
Every frame id of a bus becomes a channel per two bytes, such as '0D1.b2-3'; nothing is resampled.

Tables are printed, and DIR/NAME receives words.json (everything, for programs and people), words.png (every word's bits
and course), pairs.png and pairs.graphml (halves of one value). With a DBC, or where the file itself says what it holds,
the answers are held against that truth; the reader itself never sees it.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress

from sensorgraph.errors import DataError, ReadWarning
from sensorgraph.evaluation import WordTruth, word_truth
from sensorgraph.io import is_table, kind_of, open_recording, options_of
from sensorgraph.models import read_word_channels
from sensorgraph.run.arguments import count, positive
from sensorgraph.run.progress import progress_bar
from sensorgraph.run.sources import find_files, name_of
from sensorgraph.run.word_streams import word_streams
from sensorgraph.run.word_tables import figure_table, pair_table, summary_of, table_console, word_table
from sensorgraph.run.words_json import write_words
from sensorgraph.scenes import Recording, Sensor
from sensorgraph.viz import draw_pairing, draw_word_sheet, pairing_graph, write_graphml
from sensorgraph.words import WordsFound


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="logs, or patterns such as 'logs/*.mf4'")
    parser.add_argument("--dbc", metavar="FILE", help="what a bus's frames hold; becomes the truth to judge by")
    parser.add_argument(
        "--byte-order",
        choices=("auto", "little", "big"),
        default="auto",
        help="of the words of a bus: that of the DBC, else found from carries (auto, default), or as you say",
    )
    parser.add_argument(
        "--max-lag",
        type=_lag,
        default=2,
        metavar="N",
        help="a low word may be so many of its samples late or early (default: 2)",
    )
    parser.add_argument("--rate-hz", type=positive, metavar="R", help="of the rows of a table without time stamps")
    parser.add_argument("--rows", type=_lag, default=60, metavar="N", help="rows of each table (default: 60; 0: all)")
    parser.add_argument("--out", metavar="DIR", default="words", help="where the results go (default: words)")


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    files = find_files(args.files)
    options = {path: _options(path, args) for path in files}
    console = table_console()
    folders = [Path(args.out) / name_of(path, files) for path in files]
    for path, folder in zip(files, folders, strict=True):
        with progress_bar() as bar:
            done = _read(path, options[path], args.max_lag, folder, bar)
        for note in done.notes:
            print(f"note: {note}", file=sys.stderr)
        pairs = pair_table(done.found, done.sensors, done.truth, args.rows)
        words = word_table(done.found, done.sensors, done.truth, args.rows)
        console.print(f"\n[bold]{done.recording.id}[/bold]")
        for table in (pairs, words):
            if table.row_count:
                console.print(table, "")
        print(*summary_of(done.found, 2 * pairs.row_count + words.row_count), sep="\n")
        if done.truth is not None:
            console.print()
            console.print(figure_table(done.truth, done.found))
        print()
    print(f"the results lie in {', '.join(map(str, folders))}")
    return 0


@dataclass(frozen=True)
class _Done:
    """What one file holds and what was found in it."""

    recording: Recording
    sensors: tuple[Sensor, ...]
    found: WordsFound
    truth: WordTruth | None
    notes: tuple[str, ...]


def _read(path: Path, options: dict[str, Any], max_lag: int, folder: Path, bar: Progress) -> _Done:
    task = bar.add_task(f"{path.name}: opening", total=3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReadWarning)
        recording = open_recording(path, **options)
    for warning in caught:
        if not issubclass(warning.category, ReadWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    streams = word_streams(recording)
    bar.update(task, advance=1, description=f"{path.name}: reading {len(streams.sensors)} words")
    found = read_word_channels(streams.sensors, max_lag)
    bar.update(task, advance=1, description=f"{path.name}: drawing")
    folder.mkdir(parents=True, exist_ok=True)
    write_words(folder / "words.json", str(path), recording, streams.sensors, found)
    draw_word_sheet(found, streams.sensors, folder / "words.png", title=f"words of {recording.id}")
    draw_pairing(found, streams.sensors, folder / "pairs.png", title=f"halves of one value in {recording.id}")
    write_graphml(pairing_graph(found, streams.sensors), folder / "pairs.graphml")
    bar.update(task, advance=1, description=path.name)
    truth = word_truth(streams.sensors, recording.labels) if recording.labels.channels else None
    notes = tuple(str(warning.message) for warning in caught if issubclass(warning.category, ReadWarning))
    return _Done(recording, streams.sensors, found, truth, notes + streams.notes)


def _options(path: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Options of the reader of one file; what it cannot use is refused before anything is read.

    Raises:
        DataError: a DBC for a file that is no log of a bus, a rate for one that is no table.
    """
    kind = kind_of(path)
    known = options_of(kind)
    if args.dbc is not None and "dbc" not in known:
        raise DataError(f"{path}: of format '{kind}', which takes no --dbc; give it with logs of a bus alone")
    if args.rate_hz is not None and not is_table(path):
        raise DataError(f"{path}: of format '{kind}', which knows its rates; give --rate-hz with tables alone")
    wanted = {"dbc": args.dbc, "byte_order": args.byte_order, "rate_hz": args.rate_hz}
    return {name: value for name, value in wanted.items() if name in known and value is not None}


def _lag(text: str) -> int:
    """A whole number of at least 0, as an ``argparse`` type."""
    return 0 if text == "0" else count(text)
