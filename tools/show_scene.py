"""Draws the streams of a scene on one time axis: the same as ``sensorgraph show-scene``."""

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["show-scene", *sys.argv[1:]]))
