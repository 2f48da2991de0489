"""Arguments that several verbs share, so that they read and mean the same everywhere."""

from __future__ import annotations

import argparse
import math


def add_config(parser: argparse.ArgumentParser) -> None:
    """Adds ``CONFIG [KEY=VALUE ...]`` as ``args.config`` and ``args.overrides``, for `sensorgraph.config.load`."""
    parser.add_argument("config", metavar="CONFIG", help="a run file (YAML); see configs/README.md")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="KEY=VALUE",
        help="settings that replace those of the file, e.g. training.epochs=3; items of lists count from 0",
    )


def count(text: str) -> int:
    """A whole number of at least 1, as an ``argparse`` type.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1 (got '{text}')")
    return int(text)


def positive(text: str) -> float:
    """A finite number above 0, as an ``argparse`` type.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0 (got '{text}')")
    return number
