"""Harder conditions for the detector: several rates, absent channels, normal rows; and what it costs."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
import warnings
from collections import defaultdict

import numpy as np
from anomaly_machines import followers, wandering
from anomaly_recordings import cases, normal_halves
from anomaly_rivals import METHODS

from sensorgraph import AnomalyDetector
from sensorgraph.evaluation.run_table import RunTable
from sensorgraph.evaluation.vus import vus

_NUM_DRAWS = 3

_ROWS_PER_ALARM = (100.0, 1440.0)
_FRESH_ROWS = 8000
_SHORT = ((400, 8), (500, 50), (2000, 20))
"""Rows of training and channels of simulated machines."""


def rates(args: argparse.Namespace) -> None:
    """VUS-PR when half of the channels keep every 5th or 15th row only; both PCAs get them resampled (linearly)."""
    for group in args.sets:
        shown = RunTable(f"{group}: VUS-PR, half of the channels sampled more slowly")
        rivals = {"resampled + PCA residual": "PCA residual", "resampled + PCA, windows of 10": "PCA, windows of 10"}
        rows: dict[str, dict[str, float]] = {name: {} for name in ("AnomalyDetector", *rivals)}
        for step in (1, 5, 15):
            found = defaultdict(list)
            for case in cases((group,)):
                slow = np.random.default_rng(0).permutation(case.train.shape[1])[: case.train.shape[1] // 2]
                train, test = (thinned(part, slow, step) for part in (case.train, case.test))
                scores = AnomalyDetector().fit(train).score(test)
                found["AnomalyDetector"].append(vus(case.labels, scores, case.window).pr)
                train, test = resampled(train), resampled(test)
                for name, rival in rivals.items():
                    method = METHODS[rival](0)
                    method.fit(train, case.period_s)
                    found[name].append(vus(case.labels, method.score(test), case.window).pr)
            for name, values in found.items():
                rows[name]["all rows" if step == 1 else f"every {step}th"] = float(np.mean(values))
        for name, row in rows.items():
            losses = {f"loss at {key}, %": 100 * (1 - row[key] / row["all rows"]) for key in list(row)[1:]}
            shown.add(name, {**row, **losses}, is_control=name != "AnomalyDetector")
        print(f"\n{shown.to_markdown()}", flush=True)


def thinned(rows: np.ndarray, slow: np.ndarray, step: int) -> np.ndarray:
    """Some channels with every ``step``-th row only, NaN between."""
    out = rows.copy()
    out[np.ix_(np.arange(len(rows)) % step > 0, slow)] = np.nan
    return out


def resampled(rows: np.ndarray) -> np.ndarray:
    """What a user would do: straight lines between samples."""
    out, place = rows.copy(), np.arange(len(rows))
    for column in out.T:
        known = ~np.isnan(column)
        column[:] = np.interp(place, place[known], column[known])
    return out


def missing(args: argparse.Namespace) -> None:
    """VUS-PR when a third of the channels is absent at test time, over draws of the third."""
    shown = RunTable(f"VUS-PR, a third of the channels absent at test time, mean of {_NUM_DRAWS} draws")
    for group in args.sets:
        whole, part = [], []
        for case in cases((group,)):
            detector = AnomalyDetector().fit(case.train)
            whole.append(vus(case.labels, detector.score(case.test), case.window).pr)
            for draw in range(_NUM_DRAWS):
                num = case.test.shape[1]
                gone = np.random.default_rng(draw).permutation(num)[: round(num / 3)]
                test = case.test.copy()
                test[:, gone] = np.nan
                part.append(vus(case.labels, detector.score(test), case.window).pr)
        row = {"all": float(np.mean(whole)), "two thirds": float(np.mean(part))}
        shown.add(group, {**row, "loss, %": 100 * (1 - row["two thirds"] / row["all"])})
    print(f"\n{shown.to_markdown()}")


def normal(args: argparse.Namespace) -> None:
    """Fitted to one part of normal rows, asked about another: rows and events above thresholds, over asked."""
    warnings.simplefilter("ignore")  # short halves: the table says what came of it
    shown = RunTable("realised over asked on held-out normal rows")
    for name, first, second, period_s in normal_halves():
        detector = AnomalyDetector().fit(first, rate_hz=1.0 / period_s)
        row = {"rows": len(second), **_realised(detector, second, period_s)}
        scores = detector.score(second)
        for share in (0.01, 0.001):
            level = np.quantile(detector.trained.scores, 1.0 - share)
            row[f"rows above the {100 * (1 - share):g} % quantile"] = float((scores > level).mean()) / share
        shown.add(name, row)
    print(f"\n{shown.to_markdown()}", flush=True)
    shown = RunTable(f"the same on simulated normal machines with short training, mean of {2 * _NUM_DRAWS} draws")
    for name, draw in _NORMAL.items():
        for num_rows, num_channels in _SHORT:
            found = []
            for seed in range(100, 100 + 2 * _NUM_DRAWS):
                rows = draw(np.random.default_rng(seed), num_rows + _FRESH_ROWS, num_channels)
                found.append(_realised(AnomalyDetector().fit(rows[:num_rows]), rows[num_rows:], 1.0))
            shown.add(
                f"{name}, {num_rows} x {num_channels}",
                {key: float(np.mean([one[key] for one in found])) for key in found[0]},
            )
    print(f"\n{shown.to_markdown()}")


def _realised(detector: AnomalyDetector, rows: np.ndarray, period_s: float) -> dict[str, float]:
    out = {}
    for rows_per_alarm in _ROWS_PER_ALARM:
        num = len(detector.detect(rows, 86_400.0 / period_s / rows_per_alarm))
        out[f"events, 1 in {rows_per_alarm:g}"] = num / (len(rows) / rows_per_alarm)
    out["events asked, 1 in 1440"] = len(rows) / _ROWS_PER_ALARM[1]
    return out


def _slow(rng: np.random.Generator, num_rows: int, num: int) -> np.ndarray:
    return wandering(rng, num_rows, 5, 0.98) @ rng.normal(size=(5, num)) + 0.5 * rng.normal(size=(num_rows, num))


def _heavy(rng: np.random.Generator, num_rows: int, num: int) -> np.ndarray:
    hidden = wandering(rng, num_rows, 3) @ rng.normal(size=(3, num))
    return hidden + 0.3 * rng.standard_t(3, size=(num_rows, num))


_NORMAL = {"followers": followers, "wandering": wandering, "slow": _slow, "heavy tails": _heavy}


def speed(args: argparse.Namespace) -> None:
    """Seconds and peak memory on one SMD machine, every method in a process of its own; growth of ours."""
    shown = RunTable("machine-1-3 (23,702 + 23,703 rows x 38), one process each")
    context = multiprocessing.get_context("spawn")
    for name in ("nothing", *args.methods):
        with context.Pool(1) as pool:
            shown.add(name, pool.apply(_cost, (name,)))
    print(f"\n{shown.to_markdown()}", flush=True)
    rng = np.random.default_rng(0)
    for what, sizes in (("rows", (10_000, 30_000, 100_000, 300_000)), ("channels", (30, 100, 300, 1000))):
        grown = RunTable(f"growth with {what}")
        seconds = []
        for size in sizes:
            num_rows, num_channels = (size, 38) if what == "rows" else (5000, size)
            rows = rng.normal(size=(num_rows, num_channels)).astype(np.float32)
            begin = time.perf_counter()
            detector = AnomalyDetector().fit(rows)
            fit_s = time.perf_counter() - begin
            begin, begin_cpu = time.perf_counter(), time.process_time()
            detector.score(rows)
            score_s, cpu_s = time.perf_counter() - begin, time.process_time() - begin_cpu
            seconds.append(fit_s + score_s)
            normed = num_rows * num_channels / 38
            speeds = {"rows/s x channels/38": normed / score_s, "the same per CPU second": normed / cpu_s}
            grown.add(f"{size}", {"fit s": fit_s, "score s": score_s, **speeds})
        exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        last = np.log(seconds[-1] / seconds[-2]) / np.log(sizes[-1] / sizes[-2])
        print(f"\n{grown.to_markdown()}\nexponent of {what}: {exponent:.2f} over all, {last:.2f} over the last step")


def _cost(name: str) -> dict[str, float]:
    case = next(iter(cases(("SMD",))))
    fit_s = score_s = 0.0
    if name != "nothing":
        method, begin = METHODS[name](0), time.perf_counter()
        method.fit(case.train, case.period_s)
        fit_s, begin = time.perf_counter() - begin, time.perf_counter()
        method.score(case.test)
        score_s = time.perf_counter() - begin
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"fit s": fit_s, "score s": score_s, "peak MiB": peak_mib}
