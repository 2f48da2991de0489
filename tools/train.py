"""Trains a scene graph network from a run file: ``python tools/train.py configs/scene_gnn.yaml``."""

from __future__ import annotations

import sys

from sensorgraph.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
