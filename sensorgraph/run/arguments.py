"""Arguments that several verbs share, so that they read and mean the same everywhere."""

from __future__ import annotations

import argparse
import math
from typing import Any

from sensorgraph import fusion
from sensorgraph.config import parse_yaml, read_yaml
from sensorgraph.errors import ConfigError
from sensorgraph.typing import MODALITIES


def add_config(parser: argparse.ArgumentParser) -> None:
    """Adds ``CONFIG [KEY=VALUE ...]`` as ``args.config`` and ``args.overrides``, for `sensorgraph.config.load`."""
    parser.add_argument("config", metavar="CONFIG", help="a run file (YAML); see configs/README.md")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="KEY=VALUE",
        help="settings that replace those of the file, e.g. training.epochs=3; items of lists count from 0",
    )


def add_network(parser: argparse.ArgumentParser) -> None:
    """Adds ``--fusion`` and ``--modalities``, for `network_overrides`."""
    parser.add_argument("--fusion", metavar="KIND", help=f"replaces fusion of the run file: {', '.join(fusion.KINDS)}")
    parser.add_argument(
        "--modalities",
        nargs="+",
        choices=MODALITIES,
        metavar="MODALITY",
        help=f"looks at these alone, with the encoders of the run file: {', '.join(MODALITIES)}",
    )


def network_overrides(args: argparse.Namespace) -> list[str]:
    """``--fusion`` and ``--modalities`` as overrides, checked like the file.

    A kind that the file names already keeps its arguments; those of another kind would mean nothing to it.
    """
    out = []
    if args.fusion is not None:
        content = read_yaml(args.config)
        slot = content.get("fusion") if isinstance(content, dict) else None
        if not (isinstance(slot, dict) and slot.get("kind") == args.fusion):
            out.append(f"fusion={{kind: {args.fusion}}}")
    if args.modalities is not None:
        out += [f"encoders.{name}=null" for name in MODALITIES if name != "sensor" and name not in args.modalities]
        out += [] if "sensor" in args.modalities else ["encoders.sensor=[]", "encoders.word=null"]
    return out


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """Adds ``--option NAME=VALUE``, any number of them, as ``args.options``, for `reader_options`."""
    parser.add_argument(
        "--option",
        dest="options",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of the reader of INPUT, e.g. time_column=stamp, sort=true, decimal=',' or dbc=car.dbc; may be repeated",
    )


def reader_options(args: argparse.Namespace) -> dict[str, Any]:
    """``--option`` as arguments of `sensorgraph.io.open_recording`; values are read as in a run file.

    Raises:
        ConfigError: one is no ``NAME=VALUE``.

    Example:
        >>> reader_options(argparse.Namespace(options=["sort=true", "leave_out=[state, mode]"]))
        {'sort': True, 'leave_out': ['state', 'mode']}
    """
    out: dict[str, Any] = {}
    for option in args.options:
        name, equals, text = option.partition("=")
        if not equals or not name.isidentifier():
            raise ConfigError(f"--option: must be NAME=VALUE, e.g. time_column=stamp (got '{option}')")
        # A separator or a decimal mark is what it is, whatever YAML makes of it.
        is_mark = len(text) == 1 and not text.isalnum()
        out[name] = text if is_mark else parse_yaml(text, f"--option {name}")
    return out


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
