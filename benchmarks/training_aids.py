"""What each training aid brings: on against off, several seeds, one table.

    python benchmarks/training_aids.py

Three classes; a picture and two of four sensors tell the class, and either is often wrong by itself (simulated). The
network is that of ``configs/robot.yaml``. The test scenes are the same for all; what differs from seed to seed is the
weights that training begins with and the order of the scenes. A difference is given with a 95 % interval over test
scenes, after averaging over seeds; where it holds 0, nothing was shown.

- *modality dropout*: every modality is hidden in .3 of the scenes while training;
- *learning rates per modality*: the sensors' own weights learn at .3 of the rate;
- *auxiliary heads*: each modality has to tell the class alone, with a weight of .5;
- *progressive*: encoders by themselves first, then fusion, then all, with as many epochs together;
- *accumulation*: gradients of two batches are added up before the weights move;
- *mixed precision*: bfloat16 where Lightning thinks it safe.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from sensorgraph.evaluation import RunTable, paired_difference
from sensorgraph.run.class_file import load_class_file
from sensorgraph.run.classifier import Learned, fit_classifier
from sensorgraph.scenes import Example, Image, Scene, Sensor
from sensorgraph.simulate.randomness import generator
from sensorgraph.training.stages import TrainingPlace

CONFIG = Path(__file__).parents[1] / "configs" / "robot.yaml"
EPOCHS = 10
AIDS: dict[str, list[str]] = {
    "modality dropout": ["training.modality_dropout={sensor: 0.3, image: 0.3}"],
    "learning rates per modality": ["training.learning_rate_factors={sensor: 0.3}"],
    "auxiliary heads": ["classes.losses={own_class: 0.5}"],
    "progressive": ["training.pretrain.epochs=1", "training.fuse.epochs=4", "training.finetune.epochs=5"],
    "accumulation": ["training.finetune.accumulate=2"],
    "mixed precision": ["training.precision=bf16-mixed"],
}
CLASSES = ("low", "middle", "high")
SPLITS = {"train": 300, "validation": 90, "test": 600}
RATE_HZ = 50.0


def example(number: int, split: str) -> Example:
    """A scene in which the picture shows any class in .45 of the cases, and the sensors are noisy."""
    rng = generator(0, f"aids/{split}{number}")
    kind = number % len(CLASSES)
    shown = int(rng.integers(len(CLASSES))) if rng.random() < 0.45 else kind
    picture = np.full((8, 16), rng.uniform(40, 90))
    column = 1 + 5 * shown + int(rng.integers(3))
    picture[2:5, column : column + 3] = rng.uniform(180, 240)
    frame = np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    level = kind - 1 + rng.normal(0, 0.45)
    num = round(RATE_HZ)
    told = [Sensor(f"level_{k}", RATE_HZ, (level + rng.normal(0, 0.3, num)).astype(np.float32)) for k in range(2)]
    other = [
        Sensor(f"other_{k}", RATE_HZ, (rng.normal() + rng.normal(0, 0.3, num)).astype(np.float32)) for k in range(2)
    ]
    name = f"{split}{number:04d}"
    streams = (Image("camera", frame[None, ..., None], np.zeros(1)), *told, *other)
    return Example(Scene(name, name, 0.0, 1.0, streams), CLASSES[kind])


def main() -> None:
    """Train all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="trainings of each row (default: 5)")
    parser.add_argument("--csv", metavar="FILE", help="write the table there too")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    plain = [f"training.finetune.epochs={EPOCHS}"]
    examples = {split: [example(number, split) for number in range(num)] for split, num in SPLITS.items()}
    learned = Learned.of(load_class_file(CONFIG), examples["train"])
    graphs = {split: learned.graphs(part) for split, part in examples.items()}
    truth = np.array([int(graph["scene"].class_number) for graph in graphs["test"]])

    def right(overrides: list[str]) -> tuple[dict[str, np.ndarray], float]:
        """Which test scenes are told right, [seeds, S], with all modalities and without each; CPU seconds of a run."""
        found: dict[str, list[np.ndarray]] = {"all": [], "without sensor": [], "without image": []}
        begin = time.process_time()
        for seed in range(args.seeds):
            run = load_class_file(CONFIG, [*plain, *overrides, f"seed={seed}"])
            with tempfile.TemporaryDirectory() as folder:
                place = TrainingPlace(Path(folder), progress_bar=False)
                trained = fit_classifier(run, learned, graphs["train"], graphs["validation"], place)
            for name, hidden in (("all", []), ("without sensor", ["sensor"]), ("without image", ["image"])):
                found[name].append(trained.probabilities(graphs["test"], hidden).argmax(1) == truth)
        taken_s = (time.process_time() - begin) / args.seeds
        return {name: np.array(rows, float) for name, rows in found.items()}, taken_s

    table = RunTable(f"accuracy on {len(truth)} test scenes, {args.seeds} seeds, {EPOCHS} epochs; rows: on minus off")
    off, off_s = right([])
    table.add(
        "off",
        {**{name: float(rows.mean()) for name, rows in off.items()}, "CPU s": off_s},
        is_control=True,
        is_simulated=True,
    )
    for name, overrides in AIDS.items():
        found, taken_s = right(overrides)
        figures = {key: paired_difference(rows, off[key]) for key, rows in found.items()}
        table.add(name, {**figures, "CPU s": taken_s}, is_simulated=True)
    table.print()
    print(table.to_markdown())
    if args.csv:
        table.to_csv(args.csv)


if __name__ == "__main__":
    main()
