"""Calibrates and judges a trained run once more: the same tables and pictures, from its weights and its recordings.

For runs that were interrupted after training, or whose tables were made by an older version. Nothing is trained;
everything that 'train' writes after training is written anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sensorgraph.errors import FileFormatError
from sensorgraph.run.assess import assess
from sensorgraph.run.prepare import prepare_pieces
from sensorgraph.run.run_folder import CACHE, PREPARED_FILE, open_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("run", metavar="RUN", help="the folder of a trained run")
    parser.add_argument(
        "--cache", metavar="FOLDER", help="where prepared scenes are kept (default: where the run found them)"
    )


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    finished = open_run(args.run)
    cache = Path(args.cache) if args.cache else _cache_of(finished.folder)
    cache.mkdir(parents=True, exist_ok=True)
    source = finished.run.data.build()
    pieces = source.pieces(finished.run.seed, cache, print)
    prepared = prepare_pieces(pieces, finished.run.graph, cache)
    if prepared.fitted.schema != finished.fitted.schema:
        raise FileFormatError(
            f"{finished.folder}: the recordings have other streams than those it was trained on; train anew"
        )
    print(*prepared.skipped, sep="\n", end="\n" if prepared.skipped else "")
    assess(finished, prepared.datasets, pieces, source.simulated)
    print(f"the run lies in {finished.folder}")
    return 0


def _cache_of(folder: Path) -> Path:
    """The cache that the run used, or the usual one if it is gone."""
    note = folder / PREPARED_FILE
    cache = Path(note.read_text().strip()).parent if note.is_file() else CACHE
    return cache if cache.is_dir() else CACHE
