"""How fast scenes go through: graph building, encoding, fusion and scoring, against real time, and how it grows.

    python benchmarks/throughput.py                 # 10, 100 and 1,000 channels
    python benchmarks/throughput.py --device cuda

Channels are in the proportion 20 at 2 kHz, 40 at 200 Hz, 40 at 50 Hz. Times are the best of several repeats in one
process, per scene; peak memory is the growth of the resident set in a process of its own. The exponent is the slope of
log time (or memory) against log channels between the two largest sizes.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from rich.console import Console
from rich.table import Table
from torch_geometric.loader import DataLoader

from sensorgraph.encoders import KINDS as ENCODERS
from sensorgraph.encoders import ByStreamEncoder
from sensorgraph.fusion import KINDS as FUSIONS
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.scenes import Scene, Sensor
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.scorer import ResidualScorer
from sensorgraph.training.predict import predict

DURATION_S, NUM_BINS, DIM = 10.0, 20, 64
MIX = ((2000.0, 0.2), (200.0, 0.4), (50.0, 0.4))


def make_scene(num_channels: int, word_share: float, number: int) -> Scene:
    """A scene of random walks; every other channel of each rate holds words where ``word_share`` is 0.5."""
    rng = np.random.default_rng(number)
    streams = []
    for rate_hz, share in MIX:
        for k in range(round(num_channels * share)):
            num_samples = int(rate_hz * DURATION_S)
            walk = np.cumsum(rng.normal(size=num_samples))
            if (k + 1) * word_share % 1 < word_share:
                values = (walk * 200).astype(np.int64).astype(np.uint16)
            else:
                values = walk.astype(np.float32)
            streams.append(Sensor(f"{rate_hz:g}_{k}", rate_hz, values))
    return Scene(f"s{number}", f"r{number}", 0.0, DURATION_S, tuple(streams))


def make_model(schema: GraphSchema) -> SceneGNN:
    """The network of configs/scene_gnn.yaml, sensors only, untrained."""
    by_rate = [
        (1000.0, math.inf, ENCODERS["tcn"](dim=DIM)),
        (100.0, 1000.0, ENCODERS["resnet1d"](dim=DIM)),
        (0.0, 100.0, ENCODERS["transformer1d"](dim=DIM)),
    ]
    sensor = ByStreamEncoder(by_rate, ENCODERS["bits"](dim=DIM))
    return SceneGNN(schema, {"sensor": sensor}, FUSIONS["message_passing"](dim=DIM), DIM).eval()


def best_of(repeats: int, work: Callable[[], object], device: str) -> float:
    """Shortest of several times (s)."""
    best = math.inf
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - begin)
    return best


def measure(num_channels: int, args: argparse.Namespace) -> dict[str, float]:
    """Seconds per scene of each step, and the peak memory of the process in MiB."""
    repeats, device = args.repeats, args.device
    batch = args.batch or max(1, min(4, 400 // num_channels))
    torch.manual_seed(0)
    scenes = [make_scene(num_channels, args.word_share, number) for number in range(batch)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    schema = GraphSchema.fit(scenes, duration_s=DURATION_S, num_bins=NUM_BINS)
    statistics = ValueStatistics.fit(scenes)
    model = make_model(schema).to(device)
    graphs = [build_graph(scene, schema, statistics) for scene in scenes]
    together = next(iter(DataLoader(graphs, batch_size=batch))).to(device)
    with torch.no_grad():
        seconds = {
            "build": best_of(repeats, lambda: [build_graph(scene, schema, statistics) for scene in scenes], device),
            "encode": best_of(repeats, lambda: model.encode(together), device),
        }
        whole = best_of(repeats, lambda: predict(model, graphs, batch, device=device), device)
        residuals: pd.DataFrame = predict(model, graphs, batch, device=device).residuals
        scorer = ResidualScorer.fit(residuals, DURATION_S / NUM_BINS, ScoringSettings())
        seconds["fuse and decode"] = max(whole - seconds["encode"], 0.0)
        seconds["score"] = best_of(repeats, lambda: scorer.score(residuals), device)
    seconds = {name: value / batch for name, value in seconds.items()}
    seconds["total"] = sum(seconds.values())
    seconds["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    return seconds


def measure_apart(num_channels: int, args: argparse.Namespace) -> dict[str, float]:
    """The same in a process of its own, so that one size's peak is not another's."""
    words = [sys.executable, __file__, "--only", str(num_channels), "--word-share", str(args.word_share)]
    words += ["--repeats", str(args.repeats), "--device", args.device, "--threads", str(args.threads)]
    words += ["--batch", str(args.batch)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, nargs="+", default=[10, 100, 1000], help="sizes to measure")
    parser.add_argument("--word-share", type=float, default=0.0, help="share of channels that hold raw words")
    parser.add_argument("--batch", type=int, default=0, help="scenes at once; 0: 4, or fewer with many channels")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.only is not None:
        print(json.dumps(measure(args.only, args)))
        return
    found = {num_channels: measure_apart(num_channels, args) for num_channels in args.channels}
    how = f"{args.word_share:.0%} words, {args.device}, {args.threads} threads"
    table = Table(title=f"{DURATION_S:g} s scenes, {how}")
    steps_ms = ("build ms", "encode ms", "fuse and decode ms", "score ms", "total ms")
    for name in ("channels", *steps_ms, "x real time", "MiB"):
        table.add_column(name, justify="right")
    for num_channels, seconds in found.items():
        steps = [f"{1000 * seconds[name]:.1f}" for name in ("build", "encode", "fuse and decode", "score", "total")]
        faster = f"{DURATION_S / seconds['total']:.1f}"
        table.add_row(str(num_channels), *steps, faster, f"{seconds['memory_mib']:.0f}")
    Console().print(table)
    if len(found) > 1:
        small, large = sorted(found)[-2:]
        for name in ("total", "memory_mib"):
            ratio = max(found[large][name], 1e-9) / max(found[small][name], 1e-9)
            exponent = math.log(ratio) / math.log(large / small)
            print(f"exponent of {name} from {small} to {large} channels: {exponent:.2f}")


if __name__ == "__main__":
    main()
