"""The pictures of a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sensorgraph.study.found import Found
from sensorgraph.study.pages.noise import Curves
from sensorgraph.study.pages.use import learned, r2_matrix
from sensorgraph.study.reconstruct import Told
from sensorgraph.study.rows import Family, Row
from sensorgraph.viz import draw_bars, draw_curves, draw_matrix

_COLOURS: dict[Family, str] = {
    "alone": "#9AA0A6",
    "no parameters": "#E39A1B",
    "fusion": "#2F6DB3",
    "ensemble": "#1B9E77",
    "oracle": "#D8DADD",
}


def draw_pictures(folder: Path, found: Found, rows: Sequence[Row], curves: Curves, told: Told) -> Iterator[Path]:
    """Bars with intervals, robustness curves, the R2 matrix, and learned scales; yields what was written."""
    intervals = [found.interval(row.right) for row in rows]
    table = pd.DataFrame(
        {
            "name": [row.name for row in rows],
            "group": [row.family for row in rows],
            "value": [one.mean for one in intervals],
            "low": [one.low for one in intervals],
            "high": [one.high for one in intervals],
        }
    )
    path = folder / "comparison.png"
    lines = {"most frequent class": found.chance}
    colours = {str(family): colour for family, colour in _COLOURS.items()}
    draw_bars(table, path, "Who is right? (simulated)", "test accuracy, 95 % interval by recording", colours, lines)
    yield path
    path = folder / "noise.png"
    steps = list(range(len(next(iter(next(iter(curves.values())).values())))))
    panels = {f"{modality} is noisy": _alike(lines) for modality, lines in curves.items()}
    draw_curves(
        panels, steps, path, "What remains as one modality gets noisier (simulated)", ("level", "test accuracy")
    )
    yield path
    path = folder / "r2.png"
    values, columns = r2_matrix(found.modalities, told)
    shown = np.clip(values, 0, 1)
    title = "How well is a modality told by others? R2 (simulated)"
    draw_matrix(shown, found.modalities, columns, path, title, limits=(0.0, 1.0))
    yield path
    scales = learned(found, "scale")
    if scales:
        path = folder / "weights.png"
        values = np.array([[row[m] for m in found.modalities] for row in scales.values()])
        draw_matrix(values, list(scales), found.modalities, path, "Learned scales of modalities (simulated)")
        yield path


def _alike(lines: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """One name in all panels for what is one line in each."""
    return {"the modality alone" if name.endswith(" alone") else name: values for name, values in lines.items()}
