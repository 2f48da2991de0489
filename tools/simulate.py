"""Makes labelled recordings of a simulated machine: the same as ``sensorgraph simulate``."""

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["simulate", *sys.argv[1:]]))
