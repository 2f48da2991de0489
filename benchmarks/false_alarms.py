"""Alarms on fresh normal recordings against the rate that was asked for, over hours instead of minutes.

    python tools/train.py configs/scene_gnn.yaml --out runs/first
    python benchmarks/false_alarms.py runs/first --recordings 240

Simulates recordings of normal operation that nobody has seen, with the run's own simulator settings, scores them with
the trained run and counts events at several stated rates. Simulated.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from sensorgraph.evaluation import alarm_rate
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.dataset import GraphList
from sensorgraph.graph.transforms import NormaliseSummary
from sensorgraph.run.run_folder import FinishedRun, open_run
from sensorgraph.simulate import SimulatorConfig, simulate_recording
from sensorgraph.training.predict import predict

_FIRST_SEED = 900_000_000
"""Far from the seeds that plan the recordings of a run."""


def residuals_of(finished: FinishedRun, config: SimulatorConfig, num_recordings: int) -> Iterator[pd.DataFrame]:
    """Residuals of fresh normal recordings, one after the other."""
    normalise = NormaliseSummary(finished.fitted.summaries)
    for number in track(range(num_recordings), description="fresh recordings"):
        recording = simulate_recording(config, _FIRST_SEED + number, recording_id=f"fresh-{number:04d}")
        scenes = recording.scenes(finished.run.graph.duration_s)
        graphs = [build_graph(scene, finished.fitted.schema, finished.fitted.values) for scene in scenes]
        yield predict(finished.model, GraphList(graphs, normalise)).residuals


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run on simulated data")
    parser.add_argument("--recordings", type=int, default=240, help="fresh recordings")
    parser.add_argument("--per-day", type=float, nargs="+", default=[24, 100, 300, 1000], help="asked rates")
    parser.add_argument("--keep", type=Path, help="write the residuals here (Parquet)")
    args = parser.parse_args()
    finished = open_run(args.run)
    config = finished.run.data.arguments["simulate"]
    residuals = pd.concat(residuals_of(finished, config, args.recordings), ignore_index=True)
    if args.keep:
        residuals.to_parquet(args.keep)
    calibrated = finished.calibrated()
    scores = calibrated.scorer.score(residuals)
    duration_s = len(scores.machine) * finished.bin_s
    table = Table(title=f"{duration_s / 3600:.1f} h of fresh normal recordings (simulated)")
    for name in ("asked a day", "threshold", "alarms", "seen a day", "seen/asked", "95 % interval"):
        table.add_column(name, justify="right")
    for per_day in args.per_day:
        judged = calibrated.at_rate(per_day)
        seen = alarm_rate(len(judged.alarms(scores)), duration_s, per_day)
        interval = f"{seen.per_day_low / per_day:.2f} to {seen.per_day_high / per_day:.2f}"
        value = f"{judged.threshold.value:.3g}"
        table.add_row(f"{per_day:g}", value, str(seen.num_alarms), f"{seen.per_day:.0f}", f"{seen.ratio:.2f}", interval)
    Console().print(table)


if __name__ == "__main__":
    main()
