"""One modality gets worse in five steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sensorgraph.study.cell import AS_IS, Cell
from sensorgraph.study.conditions import noise
from sensorgraph.study.damage import NOISE_LEVELS, NOISE_OF
from sensorgraph.study.found import Found
from sensorgraph.study.pages.markdown import counted, share, table
from sensorgraph.study.pages.removal import with_dropout
from sensorgraph.study.rows import MEAN_OF_PROBABILITIES

Curves = Mapping[str, Mapping[str, Sequence[float]]]
"""Modality to row to accuracy at level 0 to 5."""


def noise_curves(found: Found) -> dict[str, dict[str, list[float]]]:
    """Of the mean of probabilities, of each modality alone, of the best kind and of those of the closer look."""
    out: dict[str, dict[str, list[float]]] = {}
    for modality in found.modalities:
        lines = {f"{modality} alone": _curve(found, [found.alone(modality, s) for s in found.seeds()], modality)}
        lines[MEAN_OF_PROBABILITIES] = _curve_of_mean(found, modality)
        for kind in dict.fromkeys((found.best_kind, *found.plan.closer)):
            lines[kind] = _curve(found, [found.whole(kind, seed) for seed in found.seeds()], modality)
        for kind in found.plan.closer:
            lines[f"{kind}, dropout"] = _curve(found, with_dropout(found, kind), modality)
        out[modality] = lines
    return out


def noise_section(found: Found, curves: Curves) -> str:
    """The curves as tables, and all kinds with a mean over modalities."""
    levels = [str(level) for level in (0, *NOISE_LEVELS)]
    parts = [
        "## One modality is noisy",
        "After training, one modality of the test scenes is damaged in five steps "
        f"({', '.join(f'{m}: {NOISE_OF[m].__name__}' for m in found.modalities)}; amounts in "
        "`sensorgraph.graph.transforms.corruption`). No network saw noise in training. Networks with modality dropout "
        f"are means over {counted(len(found.seeds(closer=True)), 'seed')}, the others over "
        f"{counted(found.plan.num_seeds, 'seed')}.",
    ]
    for modality, lines in curves.items():
        rows = [[name, *(share(value) for value in values)] for name, values in lines.items()]
        parts.append(table([f"{modality} is noisy", *levels], rows))
    parts += ["![Accuracy as a modality gets noisier](noise.png)", "All kinds, mean over the modality that is noisy:"]
    rows = []
    for kind in found.plan.kinds:
        cells = [found.whole(kind, seed) for seed in found.seeds()]
        mean = np.mean([_curve(found, cells, modality) for modality in found.modalities], axis=0)
        rows.append([kind, *(share(float(value)) for value in mean)])
    return "\n\n".join([*parts, table(["row", *levels], rows)])


def _curve(found: Found, cells: Sequence[Cell], modality: str) -> list[float]:
    conditions = [AS_IS, *(noise(modality, level) for level in NOISE_LEVELS)]
    return [found.mean_accuracy(cells, condition) for condition in conditions]


def _curve_of_mean(found: Found, modality: str) -> list[float]:
    """The mean of probabilities, when one of its members sees noise."""
    label, out = found.truth.label["test"], []
    for condition in ("test", *(noise(modality, level) for level in NOISE_LEVELS)):
        by_seed = []
        for seed in found.seeds():
            told = [
                found.results[found.alone(m, seed)].probability[condition if m == modality else "test"]
                for m in found.modalities
            ]
            by_seed.append((np.mean(told, axis=0).argmax(1) == label).mean())
        out.append(float(np.mean(by_seed)))
    return out
