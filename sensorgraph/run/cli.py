"""The console command ``sensorgraph VERB ...``: finds the verb, imports it, and turns errors into messages."""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from collections.abc import Sequence

from sensorgraph import __version__
from sensorgraph.errors import CalibrationWarning, DataWarning, ReadWarning, SensorgraphError
from sensorgraph.run.verbs import VERBS

BAD_INPUT = 2
"""Exit code when the user can mend it: a wrong run file, a missing file, an argument that does not exist."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code.

    Args:
        argv: the words after ``sensorgraph``; those of the process by default.

    Raises:
        SystemExit: argparse has printed a help text or a usage error.

    Example:
        >>> main(["--version"])
        Traceback (most recent call last):
        SystemExit: 0
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in VERBS:
        overview = _overview()
        overview.parse_args(words or ["--help"])  # leaves with a help text or a usage error
        overview.error("name the verb first")
    name = words[0]
    module = importlib.import_module(VERBS[name].module)
    parser = argparse.ArgumentParser(
        prog=f"sensorgraph {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    args = parser.parse_intermixed_args(words[1:])  # KEY=VALUE may stand before, between and after options
    plain = warnings.formatwarning
    warnings.formatwarning = _in_words
    try:
        return int(module.run(args))
    except (SensorgraphError, OSError) as error:  # what a user can mend: input, a path, a full disk
        if args.debug:
            raise
        print(f"sensorgraph {name}: error\n{error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        if args.debug:
            raise
        print(f"\nsensorgraph {name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        warnings.formatwarning = plain


def _in_words(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Our warnings are about the user's data; a line of our source would tell nothing."""
    if issubclass(category, DataWarning | CalibrationWarning | ReadWarning):
        return f"warning: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def _overview() -> argparse.ArgumentParser:
    """The parser of everything that is no verb. The verbs' rooms are not imported: help must come at once."""
    parser = argparse.ArgumentParser(
        prog="sensorgraph",
        description="Graph neural networks for multi-rate, multi-modal telemetry.",
        epilog="'sensorgraph VERB --help' explains a verb.",
    )
    parser.add_argument("--version", action="version", version=f"sensorgraph {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, verb in VERBS.items():
        verbs.add_parser(name, help=verb.summary)
    return parser
