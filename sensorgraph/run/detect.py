"""Finds what goes wrong in TEST, given TRAIN: normal operation of the same machine.

Both may be CSV, Parquet, npz (arrays 'train' and 'test') or zarr. Alarms are printed, and FOLDER then holds scores,
channel_scores and alarms as Parquet and CSV, a picture, and the fitted detector for `sensorgraph score FOLDER INPUT`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sensorgraph.detector import AnomalyDetector
from sensorgraph.run.arguments import add_reader_options, positive, reader_options
from sensorgraph.run.detector_file import DETECTOR, opened
from sensorgraph.run.detector_results import print_alarms, write_alarms


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("train", metavar="TRAIN", help="a recording of normal operation")
    parser.add_argument("test", metavar="TEST", help="the recording to look at")
    parser.add_argument("--out", metavar="FOLDER", help="where results go (default: detected/NAME_OF_TEST)")
    parser.add_argument(
        "--false-alarms-per-day", type=positive, default=1.0, metavar="R", help="that are accepted (default: 1)"
    )
    parser.add_argument("--rate-hz", type=positive, metavar="HZ", help="of rows without time stamps (default: 1)")
    parser.add_argument("--causal", action="store_true", help="no score knows what came later")
    parser.add_argument(
        "--link", nargs=2, action="append", default=[], metavar="CHANNEL", help="two channels that are connected"
    )
    add_reader_options(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    options = reader_options(args)
    train, test = (opened(path, options) for path in (args.train, args.test))
    detector = AnomalyDetector(causal=args.causal, links=args.link).fit(train, rate_hz=args.rate_hz)
    alarms = detector.detect(test, args.false_alarms_per_day, rate_hz=args.rate_hz)
    name = Path(args.test).stem
    folder = Path(args.out or Path("detected") / name)
    write_alarms(folder, alarms, name)
    detector.save(folder / DETECTOR)
    print_alarms(alarms, name)
    print(f"the results lie in {folder}")
    return 0
