"""Draws the learned links of a scene: the same as ``sensorgraph show-graph``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["show-graph", *sys.argv[1:]]))
