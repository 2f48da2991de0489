"""Compares every kind of fusion with each modality alone: the same as ``sensorgraph study``."""

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["study", *sys.argv[1:]]))
