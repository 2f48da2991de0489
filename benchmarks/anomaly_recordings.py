"""The labelled recordings of ``$SENSORGRAPH_DATA/anomaly`` (or ``../shared/data/anomaly``), as arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sensorgraph.evaluation.vus import estimate_window
from sensorgraph.io.npz import read_train_test

SETS = ("SMD", "ASD", "SKAB", "TEP")
PERIOD_S = {"SMD": 60.0, "ASD": 300.0, "SKAB": 1.0, "TEP": 180.0}
PER_DAY = {"SMD": 1.0, "ASD": 1.0, "SKAB": 24.0, "TEP": 1.0}
"""False events that somebody may bear: one a day, and one an hour on a test bench whose runs take twenty minutes."""

_SKAB_TRAIN = 400
_TEP_ONSET = 160


@dataclass(frozen=True)
class Case:
    """One recording.

    Attributes:
        name, group: of the recording and of its set.
        train, test: [T, C].
        labels: [T] of the test.
        causes: per labelled event (first row, row after the last) and its channels; empty where nobody says.
        period_s: between rows (s).
    """

    name: str
    group: str
    train: np.ndarray
    test: np.ndarray
    labels: np.ndarray
    causes: tuple[tuple[int, int, tuple[int, ...]], ...]
    period_s: float

    @property
    def window(self) -> int:
        """Of VUS, by the rule of TSB-AD."""
        return estimate_window(self.test)

    @property
    def rows_per_alarm(self) -> float:
        """Rows in which one false event is asked for, by the clock of the recording."""
        return 86_400.0 / self.period_s / PER_DAY[self.group]


def folder() -> Path:
    """Where the recordings lie."""
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    return Path(os.environ.get("SENSORGRAPH_DATA", default)) / "anomaly"


def cases(groups: tuple[str, ...]) -> Iterator[Case]:
    """All recordings of some sets. SKAB: the first 400 rows of each run are for training, by its protocol."""
    place = folder()
    for group in ("SMD", "ASD"):
        for path in sorted((place / group.lower()).glob("*.npz")) if group in groups else ():
            yield _archive(path, group)
    for path in sorted((place / "skab").glob("[vo]*/*.csv")) if "SKAB" in groups else ():
        table = pd.read_csv(path, sep=";", index_col=0)
        rows = table.drop(columns=["anomaly", "changepoint"]).to_numpy(np.float64)
        labels = table["anomaly"].to_numpy(np.int64)[_SKAB_TRAIN:]
        name = f"{path.parent.name}/{path.stem}"
        yield Case(name, "SKAB", rows[:_SKAB_TRAIN], rows[_SKAB_TRAIN:], labels, (), PERIOD_S["SKAB"])
    if "TEP" in groups:
        train = np.loadtxt(place / "tep" / "d00.dat").T
        for path in sorted((place / "tep").glob("d*_te.dat")):
            if path.stem != "d00_te":
                test = np.loadtxt(path)
                labels = (np.arange(len(test)) >= _TEP_ONSET).astype(np.int64)
                yield Case(path.stem, "TEP", train, test, labels, (), PERIOD_S["TEP"])


def normal_halves() -> Iterator[tuple[str, np.ndarray, np.ndarray, float]]:
    """Normal rows that can be asked how often they alarm: name, rows to fit, rows to score, period (s)."""
    for case in cases(("SMD", "ASD")):
        half = len(case.train) // 2
        yield f"{case.group} {case.name}", case.train[:half], case.train[half:], case.period_s
    place = folder() / "tep"
    yield "TEP d00", np.loadtxt(place / "d00.dat").T, np.loadtxt(place / "d00_te.dat"), PERIOD_S["TEP"]


def _archive(path: Path, group: str) -> Case:
    pair = read_train_test(path, rate_hz=1.0 / PERIOD_S[group])
    with np.load(path, allow_pickle=False) as archive:
        train, test, label = (archive[name].astype(np.float64) for name in ("train", "test", "label"))
    number = {stream.id: place for place, stream in enumerate(pair.test.streams)}
    causes = []
    for anomaly in pair.test.labels.anomalies:
        first, last = (round(time_s / PERIOD_S[group]) for time_s in (anomaly.start_s, anomaly.end_s))
        if anomaly.root_cause:
            causes.append((first, last, tuple(number[name] for name in anomaly.root_cause)))
    return Case(path.stem, group, train, test, label.astype(np.int64), tuple(causes), PERIOD_S[group])
