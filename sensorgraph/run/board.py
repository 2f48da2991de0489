"""A run's figures in TensorBoard, beside the losses that led to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lightning.pytorch.loggers import TensorBoardLogger

from sensorgraph.evaluation.intervals import Interval
from sensorgraph.evaluation.run_table import RunTable
from sensorgraph.training.stages import TENSORBOARD


def log_tables(folder: Path, tables: Mapping[str, RunTable]) -> None:
    """Every figure of the tables as a scalar ``TABLE/ROW/METRIC``."""
    logger = TensorBoardLogger(str(folder), name=TENSORBOARD, version="figures")
    for table, found in tables.items():
        for row in found.rows:
            for name, figure in row.figures.items():
                value = figure.mean if isinstance(figure, Interval) else float(figure)
                logger.log_metrics({f"{table}/{row.name}/{name}": value})
    logger.finalize("success")
