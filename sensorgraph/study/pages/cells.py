"""Every cell and every condition as one row of a CSV."""

from __future__ import annotations

import pandas as pd

from sensorgraph.study.cell import AS_IS
from sensorgraph.study.found import Found


def cells_table(found: Found) -> pd.DataFrame:
    """One row per cell and condition: what was trained, how the scenes were treated, and every figure."""
    records = []
    for cell, result in found.results.items():
        for condition in result.answers:
            records.append(
                {
                    "kind": cell.kind,
                    "modalities": "+".join(cell.modalities),
                    "seed": cell.seed,
                    "dropout": cell.dropout,
                    "weakened": cell.weakened,
                    "weakness": cell.weakness,
                    "condition": condition,
                    "test_accuracy": found.accuracy(cell, condition),
                    **{name: value for name, value in result.figures.items() if condition == AS_IS and name != "test"},
                    "made_by": result.made_by,
                }
            )
    return pd.DataFrame(records)
