"""Finds what goes wrong in a recording: the same as ``sensorgraph detect``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["detect", *sys.argv[1:]]))
