"""Checks a run file without opening any data: the same as ``sensorgraph check-config``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["check-config", *sys.argv[1:]]))
