"""Trains a scene graph network from a run file, calibrates its threshold and prints its figures.

Everything lies in one folder afterwards (runs/NAME-DATE-TIME): the resolved run file, weights, scorer and threshold,
scores and alarms as Parquet and CSV, the printed tables, pictures, and TensorBoard logs. A run that was interrupted
goes on from its last complete checkpoint with --resume. On several processes: torchrun --nproc_per_node 2
tools/train.py CONFIG.

A file with a section 'detector' (configs/detector.yaml) fits that to one recording of normal operation instead; one
with a section 'words' (configs/words.yaml) trains the word reader, and its folder holds words.safetensors; one with a
section 'examples' (configs/vision_language.yaml) trains a network that tells scenes apart by class; one with a section
'rules' (docs/rules.md) learns the rules of a state machine and prints them.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import lightning

from sensorgraph.config import load
from sensorgraph.graph.transforms import default_views
from sensorgraph.run import processes
from sensorgraph.run.arguments import add_config, add_network, network_overrides
from sensorgraph.run.assemble import build_model, check_network
from sensorgraph.run.assess import assess
from sensorgraph.run.class_file import is_classes
from sensorgraph.run.coverage import check_coverage, check_modalities, check_named, unseen
from sensorgraph.run.detector_file import is_detector, train_detector
from sensorgraph.run.parameters import parameter_line
from sensorgraph.run.prepare import prepare_pieces
from sensorgraph.run.rules_file import is_rules, train_rules
from sensorgraph.run.run_file import RunFile
from sensorgraph.run.run_folder import CACHE, PREPARED_FILE, FinishedRun, claim, new_folder
from sensorgraph.run.train_classes import train_classes
from sensorgraph.run.train_words import run_words
from sensorgraph.run.words_file import is_words
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.training.stages import Splits, TrainingPlace, train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_config(parser)
    add_network(parser)
    parser.add_argument("--out", metavar="FOLDER", help="the run's folder (default: runs/NAME-DATE-TIME)")
    parser.add_argument("--resume", action="store_true", help="go on from the last complete checkpoint")
    parser.add_argument("--seed", type=int, metavar="N", help="replaces seed of the run file")
    parser.add_argument(
        "--device", default="cpu", choices=["cpu", "cuda", "auto"], help="where the network is trained (default: cpu)"
    )
    parser.add_argument(
        "--cache", default=str(CACHE), metavar="FOLDER", help=f"prepared scenes are kept here (default: {CACHE})"
    )
    parser.add_argument("--no-progress", action="store_true", help="no progress bars of training")


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    if is_detector(args.config):
        return train_detector(args)
    seed = [] if args.seed is None else [f"seed={args.seed}"]
    if is_classes(args.config):
        return train_classes(args)
    if is_rules(args.config):
        return train_rules(args)
    if is_words(args.config):
        return run_words(args, [*args.overrides, *seed])
    overrides = [*args.overrides, *network_overrides(args), *seed]
    settings = load(args.config, RunFile, overrides)
    check_named(args.modalities or (), settings.encoders)
    check_network(settings)
    processes.join()
    folder = processes.same_for_all(new_folder(args.config, args.out, args.resume))
    cache = Path(args.cache)
    cache.mkdir(parents=True, exist_ok=True)
    first = processes.is_first()
    if args.resume and first:
        claim(folder, settings, args.resume)  # another run file than the run's must not prepare anything
    source = settings.data.build()
    pieces = processes.first_then_all(lambda: source.pieces(settings.seed, cache, print if first else _silent))
    prepared = processes.first_then_all(lambda: prepare_pieces(pieces, settings.graph, cache))
    for dataset in prepared.datasets.values():
        check_coverage(dataset, settings.encoders)
    check_modalities(prepared.datasets["train"], args.modalities or ())
    if first:  # only now, so that a run that cannot begin leaves no folder behind
        claim(folder, settings, args.resume)
        print(*prepared.skipped, sep="\n", end="\n" if prepared.skipped else "")
        print(*unseen(prepared.datasets["train"], settings.encoders), sep="", end="")
        prepared.fitted.save(folder)
        write_atomically(folder / PREPARED_FILE, str(prepared.folder.resolve()).encode())
    # Once per stage Lightning recommends other products and lists devices that are not there; warnings still come.
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    lightning.seed_everything(settings.seed, verbose=False)
    model = build_model(settings, prepared.fitted.schema)
    if first:
        print(parameter_line(model, settings.fusion.kind))
    validation = prepared.datasets.get("validation", prepared.datasets["calibration"])
    place = TrainingPlace(folder, args.device, args.resume, first and not args.no_progress)
    train(model, Splits(prepared.datasets["train"], validation), settings.training, default_views(), place)
    processes.leave()
    if first:
        finished = FinishedRun(folder, settings, prepared.fitted, model.cpu().eval())
        assess(finished, prepared.datasets, pieces, source.simulated)
        print(f"the run lies in {folder}")
    return 0


def _silent(line: str) -> None:
    """Says nothing."""
