"""Scores recordings with a trained run: the same as ``sensorgraph score``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["score", *sys.argv[1:]]))
