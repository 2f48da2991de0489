"""Reads unlabelled 16-bit words from log files: the same as ``sensorgraph read-words``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["read-words", *sys.argv[1:]]))
