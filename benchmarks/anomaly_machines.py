"""Simulated machines of very different kinds, each with one kind of fault: where the detector's one default fails.

    python benchmarks/anomaly_machines.py                       # VUS-PR beside rivals, mean of 2 draws per machine
    python benchmarks/anomaly_machines.py --only random_walks --draws 5

All of it is simulated and stands for no real machine. It is a list of ways to fail, not a figure to be proud of: real
recordings (`anomaly`) decide, for what is simulated has none of their unrest.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import numpy as np
from anomaly_rivals import METHODS
from scipy.signal import lfilter

from sensorgraph.evaluation.run_table import RunTable
from sensorgraph.evaluation.vus import estimate_window, vus

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Training rows, test rows, labels of the test."""

Spans = list[tuple[int, int]]
Draw = Callable[[np.random.Generator], Drawn]

SHOWN = (
    "AnomalyDetector",
    "PCA, windows of 10",
    "PCA residual",
    "z-score L2",
    "IsolationForest",
    "k-means, windows of 20",
)
_GAPPY_WINDOW = 50


def wandering(rng: np.random.Generator, num_rows: int, num: int, memory: float = 0.9) -> np.ndarray:
    """Series of unit size that forget slowly, [T, num]."""
    noise = rng.normal(size=(num_rows, num)) * np.sqrt(1.0 - memory**2)
    return lfilter([1.0], [1.0, -memory], noise, axis=0)


def followers(rng: np.random.Generator, num_rows: int, num: int) -> np.ndarray:
    """Channels that follow five hidden series, each with noise of its own, [T, num]."""
    return wandering(rng, num_rows, 5, 0.95) @ rng.normal(size=(5, num)) / np.sqrt(5) + 0.4 * rng.normal(
        size=(num_rows, num)
    )


def faults(rng: np.random.Generator, num_rows: int, num: int, shortest: int, longest: int) -> tuple[Spans, np.ndarray]:
    """Spans spread over the rows, and labels."""
    part = num_rows // num
    starts = [int(part * (number + 0.3)) + int(rng.integers(part // 3)) for number in range(num)]
    spans = [(start, start + int(rng.integers(shortest, longest + 1))) for start in starts]
    labels = np.zeros(num_rows, np.int64)
    for first, last in spans:
        labels[first:last] = 1
    return spans, labels


def _shifted(
    rng: np.random.Generator,
    rows: np.ndarray,
    num_train: int,
    num: int,
    length: tuple[int, int],
    size: float,
    some: int,
) -> Drawn:
    """Level shifts of some channels."""
    test = rows[num_train:].copy()
    spans, labels = faults(rng, len(test), num, *length)
    for first, last in spans:
        test[first:last, rng.choice(rows.shape[1], some, replace=False)] += size
    return rows[:num_train], test, labels


def _replaced(rng: np.random.Generator, rows: np.ndarray, columns: tuple[int, ...], later: int) -> Drawn:
    """One channel says what it said at another time: normal alone, wrong beside the others."""
    num = len(rows) // 2
    test = rows[num:].copy()
    spans, labels = faults(rng, num, 6, 60, 120)
    for first, last in spans:
        column = rng.choice(columns)
        test[first:last, column] = np.roll(rows[num:, column], later)[first:last]
    return rows[:num], test, labels


def one_channel_spikes(rng: np.random.Generator) -> Drawn:
    rows = (np.sin(2 * np.pi * np.arange(12_000) / 100) + 0.1 * rng.normal(size=12_000))[:, None]
    return _shifted(rng, rows, 6000, 12, (1, 2), 0.7, 1)


def one_channel_rhythm(rng: np.random.Generator) -> Drawn:
    rows = (np.sin(2 * np.pi * np.arange(12_000) / 100) + 0.1 * rng.normal(size=12_000))[:, None]
    test = rows[6000:].copy()
    spans, labels = faults(rng, 6000, 6, 100, 150)
    for first, last in spans:
        test[first:last, 0] = np.sin(4 * np.pi * np.arange(first, last) / 100) + 0.1 * rng.normal(size=last - first)
    return rows[:6000], test, labels


def a_beat_upside_down(rng: np.random.Generator) -> Drawn:
    rows, labels = 0.03 * rng.normal(size=(16_000, 2)), np.zeros(16_000, np.int64)
    shape = np.exp(-((np.arange(-15, 16) / 2.0) ** 2)) - 0.25 * np.exp(-((np.arange(-20, 11) / 3.0) ** 2))
    start, number = 20, 0
    while start < 15_900:
        is_odd = start > 8100 and number % 25 == 0
        rows[start : start + 31] += (-0.6 if is_odd else 1.0) * shape[:, None] * [1.0, 0.5]
        labels[start : start + 31] = is_odd
        start, number = start + 70 + int(rng.integers(-6, 7)), number + 1
    return rows[:8000], rows[8000:], labels[8000:]


def three_levels(rng: np.random.Generator) -> Drawn:
    return _shifted(rng, wandering(rng, 8000, 3), 4000, 5, (60, 150), 2.5, 1)


def louder(rng: np.random.Generator) -> Drawn:
    rows = wandering(rng, 10_000, 4, 0.5)
    test = rows[5000:].copy()
    spans, labels = faults(rng, 5000, 5, 50, 150)
    for first, last in spans:
        test[first:last, rng.integers(4)] *= 2.2
    return rows[:5000], test, labels


def one_of_three_hundred(rng: np.random.Generator) -> Drawn:
    return _shifted(rng, followers(rng, 6000, 300), 3000, 5, (40, 120), 2.5, 1)


def sixty_of_three_hundred(rng: np.random.Generator) -> Drawn:
    return _shifted(rng, followers(rng, 6000, 300), 3000, 5, (40, 120), 0.6, 60)


def short_training(rng: np.random.Generator) -> Drawn:
    return _shifted(rng, followers(rng, 2250, 20), 250, 5, (20, 60), 2.0, 2)


def short_and_wide_training(rng: np.random.Generator) -> Drawn:
    return _shifted(rng, followers(rng, 1700, 80), 200, 5, (20, 60), 2.0, 3)


def spikes_in_one_of_many(rng: np.random.Generator) -> Drawn:
    return _shifted(rng, followers(rng, 10_000, 25), 5000, 15, (1, 1), 5.0, 1)


def night_by_day(rng: np.random.Generator) -> Drawn:
    day = np.sin(2 * np.pi * np.arange(8064) / 288) + 0.5 * np.sin(4 * np.pi * np.arange(8064) / 288)
    rows = day[:, None] * rng.uniform(0.5, 1.5, 5) + 0.3 * wandering(rng, 8064, 5, 0.7)
    return _replaced(rng, rows, tuple(range(5)), 144)


def random_walks(rng: np.random.Generator) -> Drawn:
    walks = np.cumsum(rng.normal(size=(10_000, 6)), axis=0)
    sums = np.stack([walks[:, :3].sum(1), walks[:, 3:].sum(1)], axis=1) + rng.normal(size=(10_000, 2))
    return _shifted(rng, np.hstack([walks, sums]), 5000, 6, (20, 80), 10.0, 1)


def a_valve_and_its_pump(rng: np.random.Generator) -> Drawn:
    pump = (np.cumsum(rng.random(12_000) < 0.03) % 2).astype(float)
    pressure = 0.8 * pump + 0.2 * np.roll(pump, 1) + 0.05 * rng.normal(size=12_000)
    flag = (rng.random(12_000) < 0.01).astype(float)
    rows = np.stack([pump, np.roll(pump, 3), pressure, flag, np.zeros(12_000)], axis=1)
    test = rows[6000:].copy()
    spans, labels = faults(rng, 6000, 6, 30, 80)
    for number, (first, last) in enumerate(spans):
        if number % 3 == 0:
            test[first:last, 1] = 1.0 - test[first:last, 1]
        elif number % 3 == 1:
            test[first:last, 3] = rng.random(last - first) < 0.4
        else:
            test[first:last, 4] = 1.0
    return rows[:6000], test, labels


def a_slow_one_of_forty(rng: np.random.Generator) -> Drawn:
    rows = followers(rng, 12_000, 40)
    train, test = rows[:6000].copy(), rows[6000:].copy()
    spans, labels = faults(rng, 6000, 5, 100, 250)
    for first, last in spans:
        test[first:last, rng.integers(5)] += 4.0
    for part in (train, test):
        part[np.ix_(np.arange(6000) % 10 > 0, np.arange(5))] = np.nan
    return train, test, labels


def a_trend_that_goes_on(rng: np.random.Generator) -> Drawn:
    rows = followers(rng, 10_000, 10)
    rows[:, :3] += np.arange(10_000)[:, None] / 5000 * 3
    return _shifted(rng, rows, 5000, 5, (40, 120), 2.5, 1)


def new_set_points(rng: np.random.Generator) -> Drawn:
    level = np.repeat(rng.uniform(size=100), 100)
    level[5000:] *= 1.3
    rows = level[:, None] * [1.0, 2.0, -1.0, 0.5] + 0.1 * rng.normal(size=(10_000, 4))
    return _shifted(rng, rows, 5000, 6, (50, 100), 0.6, 1)


def blocks_are_missing(rng: np.random.Generator) -> Drawn:
    train, test, labels = _shifted(rng, followers(rng, 8000, 12), 4000, 5, (40, 120), 2.5, 3)
    for part in (train := train.copy(), test):
        for _ in range(12):
            first = rng.integers(3800)
            part[first : first + rng.integers(20, 200), rng.choice(12, 4, replace=False)] = np.nan
    return train, test, labels


def a_sensor_sticks(rng: np.random.Generator) -> Drawn:
    rows = followers(rng, 10_000, 8)
    test = rows[5000:].copy()
    spans, labels = faults(rng, 5000, 6, 60, 150)
    for first, last in spans:
        column = rng.integers(8)
        test[first:last, column] = test[first, column]
    return rows[:5000], test, labels


def anomalies_in_training(rng: np.random.Generator) -> Drawn:
    train, test, labels = _shifted(rng, followers(rng, 10_000, 10), 5000, 6, (20, 80), 3.0, 1)
    train = train.copy()
    for first, last in faults(rng, 5000, 3, 20, 40)[0]:
        train[first:last, rng.integers(10)] += 5.0
    return train, test, labels


def heavy_tails(rng: np.random.Generator) -> Drawn:
    hidden = wandering(rng, 10_000, 3) @ rng.normal(size=(3, 12))
    return _shifted(rng, hidden + 0.3 * rng.standard_t(2.5, size=(10_000, 12)), 5000, 6, (30, 100), 2.0, 2)


def two_no_longer_agree(rng: np.random.Generator) -> Drawn:
    hidden = wandering(rng, 10_000, 2)
    rows = hidden[:, [0, 0, 1, 1]] + 0.15 * rng.normal(size=(10_000, 4))
    return _replaced(rng, rows, (0, 1, 2, 3), 700)


def a_square_no_longer_agrees(rng: np.random.Generator) -> Drawn:
    first, second = wandering(rng, 10_000, 2).T
    rows = np.stack([first, first**2, second, first * second], axis=1) + 0.1 * rng.normal(size=(10_000, 4))
    return _replaced(rng, rows, (1, 3), 700)


def on_and_off(rng: np.random.Generator) -> Drawn:
    on = (np.arange(12_000) % 120 < 80).astype(float)[:, None]
    rows = on * [3.0, 2.0, 1.0, 0.5] + (0.1 + 0.3 * on) * rng.normal(size=(12_000, 4))
    return _replaced(rng, rows, (0, 1, 2, 3), 60)


MACHINES: dict[str, Draw] = {
    draw.__name__: draw
    for draw in (
        one_channel_spikes,
        one_channel_rhythm,
        a_beat_upside_down,
        three_levels,
        louder,
        one_of_three_hundred,
        sixty_of_three_hundred,
        short_training,
        short_and_wide_training,
        spikes_in_one_of_many,
        night_by_day,
        random_walks,
        a_valve_and_its_pump,
        a_slow_one_of_forty,
        a_trend_that_goes_on,
        new_set_points,
        blocks_are_missing,
        a_sensor_sticks,
        anomalies_in_training,
        heavy_tails,
        two_no_longer_agree,
        a_square_no_longer_agrees,
        on_and_off,
    )
}


def figures_of(draw: Draw, seed: int) -> dict[str, float]:
    """VUS-PR per method; rivals see what is missing as the training mean."""
    train, test, labels = draw(np.random.default_rng(seed))
    usual = np.nanmean(train, axis=0)
    window = _GAPPY_WINDOW if np.isnan(test).any() else estimate_window(test)
    found = {}
    for name in SHOWN:
        method = METHODS[name](0)
        ready = [part if name == SHOWN[0] else np.where(np.isnan(part), usual, part) for part in (train, test)]
        method.fit(ready[0], 1.0)
        found[name] = vus(labels, method.score(ready[1]), window).pr
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(MACHINES), choices=MACHINES)
    parser.add_argument("--draws", type=int, default=2)
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # the table shows what came of it
    shown = RunTable(f"simulated machines: VUS-PR, mean of {args.draws} draws")
    every = []
    for name in args.only:
        draws = [figures_of(MACHINES[name], seed) for seed in range(args.draws)]
        every.append({key: float(np.mean([one[key] for one in draws])) for key in SHOWN})
        shown.add(name, every[-1])
    shown.add("mean", {key: float(np.mean([one[key] for one in every])) for key in SHOWN})
    print(f"\n{shown.to_markdown()}")


if __name__ == "__main__":
    main()
