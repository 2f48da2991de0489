"""How well anomalies are found in real recordings, beside controls and rivals in the same run.

    python benchmarks/anomaly.py                    # the table over all sets, 5 seeds
    python benchmarks/anomaly.py table --sets SKAB TEP --seeds 1
    python benchmarks/anomaly.py rates              # half of the channels sampled every 5th or 15th row only
    python benchmarks/anomaly.py missing            # a third of the channels absent at test time
    python benchmarks/anomaly.py normal             # realised over asked alarms on normal rows that were held out
    python benchmarks/anomaly.py speed              # seconds, memory, growth with rows and channels

Recordings: see `anomaly_recordings`. Every method sees the training rows alone, and its threshold is set by the same
rule from its scores of those rows, by extreme value theory: one false event a day by the recording's clock (an hour on
SKAB, whose runs take twenty minutes), or in so many rows (``--rows-per-alarm``). An event spans the rows around it that
99 of 100 training rows do not reach (``F1 above`` counts the rows above the threshold alone; the best F1 is that of the
best single threshold). Ours then takes back what its means smear beyond the edges of events; rivals that smooth nothing
have nothing to take back.
Figures per set are means over recordings, for methods that draw numbers over seeds too, with the standard deviation
of the set's mean over seeds. VUS uses TSB-AD's window of each recording. Attribution is over all labelled events with a
known cause, channels ranked by their mean score within the event.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict

import numpy as np
from anomaly_recordings import SETS, Case, cases
from anomaly_rivals import METHODS, OURS, Method
from anomaly_trials import missing, normal, rates, speed

from sensorgraph.errors import CalibrationError
from sensorgraph.evaluation.attribution import attribution_figures
from sensorgraph.evaluation.controls import CONTROLS
from sensorgraph.evaluation.events import event_figures, joined, runs
from sensorgraph.evaluation.intervals import paired_difference
from sensorgraph.evaluation.metrics import alarm_figures, auroc, average_precision, best_f1
from sensorgraph.evaluation.run_table import RunTable
from sensorgraph.evaluation.vus import vus
from sensorgraph.scoring.events import alarm_rows
from sensorgraph.scoring.threshold import fit_threshold

_DAY_S = 86_400.0
_FIGURES = (
    "VUS-PR",
    "AUC-PR",
    "AUROC",
    "event P",
    "event R",
    "delay",
    "F1",
    "F1 above",
    "best F1",
    "F1/best",
    "false/asked",
)
_BLAME = ("hit 100 %", "NDCG")


def threshold_of(scores: np.ndarray, rows_per_alarm: float) -> tuple[float, int]:
    """Threshold and merging gap; infinite where scores cannot support one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the table shows what came of it
        try:
            found = fit_threshold(scores, events_per_day=_DAY_S / rows_per_alarm, sample_period_s=1.0)
        except CalibrationError:
            return float("inf"), 0
    return found.value, max(found.merge_gap, 1)


def figures_of(case: Case, method: Method, scores: np.ndarray, rows_per_alarm: float) -> tuple[dict, np.ndarray]:
    """Figures of one recording, and its alarms."""
    normal = method.train_scores()
    level, gap = threshold_of(normal, rows_per_alarm)
    alarms = alarm_rows(scores, level, float(np.quantile(normal[np.isfinite(normal)], 0.99)), causal=method.causal)
    edges = method.edges(case.test)
    if edges is not None:
        alarms = edges.sharpened(alarms, scores)
    events = event_figures(case.labels, alarms, join_gap_bins=gap)
    rows, best = alarm_figures(case.labels, alarms), best_f1(case.labels, scores)
    raised = joined(runs(alarms), gap)
    num_false = sum(not case.labels[first:last].any() for first, last in raised)
    out = {
        "VUS-PR": vus(case.labels, scores, case.window).pr,
        "AUC-PR": average_precision(case.labels, scores),
        "AUROC": auroc(case.labels, scores),
        "event P": events.precision,
        "event R": events.recall,
        "delay": events.median_delay_bins,
        "F1": rows.f1,
        "F1 above": alarm_figures(case.labels, scores > level).f1,
        "best F1": best.f1,
        "false/asked": num_false / ((case.labels == 0).sum() / rows_per_alarm),
    }
    if case.causes:
        said = method.channels(case.test)
        if said is not None:
            blame = np.stack([np.nan_to_num(said[first:last]).mean(0) for first, last, _ in case.causes])
            truth = np.zeros(blame.shape, bool)
            for number, (_, _, channels) in enumerate(case.causes):
                truth[number, list(channels)] = True
            found = attribution_figures(blame, truth)
            out |= {"hit 100 %": found.hit_rate_100, "NDCG": found.ndcg_100, "events": float(len(truth))}
    return out, alarms


def table(args: argparse.Namespace) -> None:
    """The main table, and comparisons."""
    found: dict[tuple[str, str], dict[int, list[dict]]] = defaultdict(lambda: defaultdict(list))
    pooled: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = defaultdict(list)
    fitted: dict[tuple[str, int, int], tuple[Method, float]] = {}
    kept: dict[int, np.ndarray] = {}
    for case in cases(tuple(args.sets)):
        kept.setdefault(id(case.train), case.train)  # no other array gets the same id
        for name in args.methods:
            for seed in range(args.seeds if METHODS[name].is_random else 1):
                key = (name, seed, id(case.train))
                if key not in fitted:
                    method, begin = METHODS[name](seed), time.perf_counter()
                    method.fit(case.train, case.period_s)
                    fitted[key] = method, time.perf_counter() - begin
                method, fit_s = fitted[key]
                begin = time.perf_counter()
                scores = method.score(case.test)
                score_s = time.perf_counter() - begin
                figures, alarms = figures_of(case, method, scores, args.rows_per_alarm or case.rows_per_alarm)
                found[case.group, name][seed].append({**figures, "fit s": fit_s, "score s": score_s})
                if seed == 0:
                    pooled[case.group, name].append((case.labels, alarms))
        if case.group != "TEP":
            fitted.clear()
    for group in args.sets:
        _print_set(group, found, pooled, args.methods)
    _print_comparison(found, args)


def _print_set(group: str, found: dict, pooled: dict, names: list[str]) -> None:
    first = next(iter(found[group, names[0]].values()))
    shown = RunTable(f"{group}, {len(first)} recordings")
    for name in names:
        seeds = [_means(rows) for rows in found[group, name].values()]
        row = {key: float(np.mean([one[key] for one in seeds])) for key in seeds[0]}
        row["spread"] = float(np.std([one["VUS-PR"] for one in seeds], ddof=1)) if len(seeds) > 1 else 0.0
        labels, alarms = (np.concatenate(part) for part in zip(*pooled[group, name], strict=True))
        every = alarm_figures(labels, alarms)
        row |= {"pooled F1": every.f1, "pooled FAR": every.false_alarm_rate, "pooled MAR": every.missed_alarm_rate}
        shown.add(name, row, is_control=name in CONTROLS)
    print(f"\n{shown.to_markdown()}", flush=True)


def _means(rows: list[dict]) -> dict[str, float]:
    out = {}
    for key in (*_FIGURES, "fit s", "score s"):
        if key != "F1/best":
            values = np.array([row[key] for row in rows])
            out[key] = float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
    out["F1/best"] = out["F1"] / max(out["best F1"], 1e-9)
    blamed = [row for row in rows if "events" in row]
    if blamed:
        weights = [row["events"] for row in blamed]
        out |= {key: float(np.average([row[key] for row in blamed], weights=weights)) for key in _BLAME}
    order = [*_FIGURES, *(_BLAME if blamed else ()), "fit s", "score s"]
    return {key: out[key] for key in order}


def _print_comparison(found: dict, args: argparse.Namespace) -> None:
    """VUS-PR over everything, and whether ours is ahead."""
    ours = OURS[0]
    if ours not in args.methods:
        return

    def by_recording(name: str, group: str) -> np.ndarray:
        return np.mean([[row["VUS-PR"] for row in rows] for rows in found[group, name].values()], axis=0)

    shown = RunTable("VUS-PR: means of sets, their mean, and ours minus theirs by recording (95 % bootstrap)")
    every = {name: np.concatenate([by_recording(name, group) for group in args.sets]) for name in args.methods}
    for name in args.methods:
        sets = {group: float(by_recording(name, group).mean()) for group in args.sets}
        row = {**sets, "mean of sets": float(np.mean(list(sets.values()))), "mean of recordings": every[name].mean()}
        if name != ours:
            row["ours minus theirs"] = paired_difference(every[ours], every[name])
        shown.add(name, row, is_control=name in CONTROLS)
    print(f"\n{shown.to_markdown()}")
    others = [name for name in args.methods if name not in OURS]
    for column in (*args.sets, "mean of sets", "mean of recordings") if others else ():
        best = max(others, key=lambda name: shown.value(name, column))
        mine, theirs = shown.value(ours, column), shown.value(best, column)
        print(f"{column}: ours {mine:.4f}, best other {theirs:.4f} ({best}), {100 * (mine / theirs - 1):+.1f} %")


TRIALS = {"table": table, "rates": rates, "missing": missing, "normal": normal, "speed": speed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", nargs="?", default="table", choices=TRIALS)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows-per-alarm", type=float, help="of every recording; by its own clock if not given")
    args = parser.parse_args()
    TRIALS[args.trial](args)


if __name__ == "__main__":
    main()
