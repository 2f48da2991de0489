"""How the detector's constants were chosen: by leaving out each data set in turn.

    python benchmarks/anomaly_choice.py

Each constant is varied alone. A setting is judged by its mean rank (by mean VUS-PR) over three of the four sets, and
the best is looked at on the fourth. Since one choice from few sets is chance, what matters more is the range: how the
worst setting of all does on each set, beside the best control and windowed PCA.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
from anomaly_recordings import SETS, Case, cases
from anomaly_rivals import METHODS, OURS
from scipy.stats import rankdata

from sensorgraph import AnomalyDetector
from sensorgraph.evaluation.controls import CONTROLS
from sensorgraph.evaluation.vus import vus

_SCORING, _DETECTOR = "sensorgraph.scoring.", "sensorgraph.detector."
_WIDTHS = tuple(_DETECTOR + place for place in ("anomaly_detector.WIDTHS", "trained.WIDTHS"))

VARIANTS: dict[str, dict[str, object]] = {
    "as it is": {},
    "widths 5, 15": dict.fromkeys(_WIDTHS, (5, 15)),
    "widths 3, 10, 30": dict.fromkeys(_WIDTHS, (3, 10, 30)),
    "widths 5, 20, 80": dict.fromkeys(_WIDTHS, (5, 20, 80)),
    "widths 1, 5, 15, 50": dict.fromkeys(_WIDTHS, (1, 5, 15, 50)),
    "widths 5, 15, 50, 150": dict.fromkeys(_WIDTHS, (5, 15, 50, 150)),
    "usual: 9 of 10 rows": {_SCORING + "smoothing._USUAL": (0.9, 0.9, 0.9, 0.99)},
    "usual: 97 of 100 rows": {_SCORING + "smoothing._USUAL": (0.97, 0.97, 0.97, 0.99)},
    "usual: 99 of 100 rows": {_SCORING + "smoothing._USUAL": (0.99, 0.99, 0.99, 0.99)},
    "usual: 999 of 1000 windows": {_SCORING + "smoothing._USUAL": (0.93, 0.93, 0.93, 0.999)},
    "windows have no vote": {_SCORING + "smoothing._VOTES": (1.0, 1.0, 1.0, 0.0)},
    "windows have half a vote": {_SCORING + "smoothing._VOTES": (1.0, 0.5, 1.0, 0.5)},
    "one vote each": {_SCORING + "smoothing._VOTES": (1.0, 1.0, 1.0, 1.0)},
    "power 1": {_SCORING + "smoothing._POWER": 1.0},
    "power 2": {_SCORING + "smoothing._POWER": 2.0},
    "wide means are believed": {_SCORING + "smoothing._UNSURE": 1.0},
    "wide means are believed less": {_SCORING + "smoothing._UNSURE": 0.01},
    "least reach 0.1": {_SCORING + "smoothing._LEAST_REACH": 0.1},
    "windows of 100 numbers": {_DETECTOR + "held_out._MOST_JOINT": 100},
    "windows of 300 numbers": {_DETECTOR + "held_out._MOST_JOINT": 300},
    "windows of 5 rows": {_DETECTOR + "held_out._JOINT_LAGS": 4},
    "drift weight 0": {_SCORING + "surprise._DRIFT_WEIGHT": 0.0},
    "drift weight 4": {_SCORING + "surprise._DRIFT_WEIGHT": 4.0},
    "drift weight 64": {_SCORING + "surprise._DRIFT_WEIGHT": 64.0},
    "drift by halves": {_SCORING + "surprise._MOST_BLOCKS": 2},
    "drift in blocks of 50": {_SCORING + "surprise._BLOCK_ROWS": 50},
    "least share 0.03": {_SCORING + "surprise._LEAST_SHARE": 0.03},
    "least share 0.3": {_SCORING + "surprise._LEAST_SHARE": 0.3},
    "10 channels per row": {_SCORING + "row_means._MOST_CHANNELS": 10},
    "all channels per row": {_SCORING + "row_means._MOST_CHANNELS": 10**6},
    "5 lags": {"sensorgraph.models.own_past.OwnPast.__init__.__defaults__": (5, 1e-3)},
    "20 lags": {"sensorgraph.models.own_past.OwnPast.__init__.__defaults__": (20, 1e-3)},
    "penalty 0.03": {"sensorgraph.models.linear_messages.LinearMessages.__init__.__defaults__": (0.03, 8, 0)},
    "penalty 0.3": {"sensorgraph.models.linear_messages.LinearMessages.__init__.__defaults__": (0.3, 8, 0)},
    "no earlier rows are told": {_DETECTOR + "held_out._TOLD_LAGS": 0},
    "5 earlier rows are told": {_DETECTOR + "held_out._TOLD_LAGS": 5},
    "bound 30": {_DETECTOR + "standard._BOUND": 30.0},
    "odd rows stay": {_DETECTOR + "fitted._ODD": np.inf},
    "odd rows from 3": {_DETECTOR + "fitted._ODD": 3.0},
}


@contextlib.contextmanager
def changed(settings: dict[str, object]) -> Iterator[None]:
    """Constants of modules, for a while."""
    with contextlib.ExitStack() as stack:
        for name, value in settings.items():
            stack.enter_context(patch(name, value))
        yield


def mean_vus(found: list[Case]) -> float:
    """Of the detector with the constants of the moment."""
    return float(np.mean([_vus(case, AnomalyDetector().fit(case.train).score(case.test)) for case in found]))


def best_other(found: list[Case]) -> float:
    """Best mean of a control or windowed PCA."""
    means = []
    for name in (*CONTROLS, "PCA, windows of 10"):
        values = []
        for case in found:
            method = METHODS[name](0)
            method.fit(case.train, case.period_s)
            values.append(_vus(case, method.score(case.test)))
        means.append(float(np.mean(values)))
    return max(means)


def _vus(case: Case, scores: np.ndarray) -> float:
    return vus(case.labels, scores, case.window).pr


def main() -> None:
    sets = {group: list(cases((group,))) for group in SETS}
    others = np.array([best_other(found) for found in sets.values()])
    table = np.zeros((len(VARIANTS), len(SETS)))
    print(f"| {OURS[0]} | {' | '.join(SETS)} |\n|---|---|---|---|---|")
    for row, (name, settings) in zip(table, VARIANTS.items(), strict=True):
        with changed(settings):
            row[:] = [mean_vus(found) for found in sets.values()]
        print(f"| {name} | {' | '.join(f'{value:.4f}' for value in row)} |", flush=True)
    print(f"| *worst of these* | {' | '.join(f'{value:.4f}' for value in table.min(0))} |")
    print(f"| *best control or windowed PCA* | {' | '.join(f'{value:.4f}' for value in others)} |\n")
    ranks = rankdata(-table.round(4), axis=0)
    for left_out, group in enumerate(SETS):
        kept = [number for number in range(len(SETS)) if number != left_out]
        best = int(ranks[:, kept].mean(1).argmin())
        print(
            f"chosen without {group}: {list(VARIANTS)[best]!r}; on {group} it gives {table[best, left_out]:.4f} "
            f"(as it is {table[0, left_out]:.4f}, best other {others[left_out]:.4f})"
        )


if __name__ == "__main__":
    main()
