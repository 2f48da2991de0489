"""Calibrates and judges a trained run once more: the same as ``sensorgraph evaluate``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["evaluate", *sys.argv[1:]]))
