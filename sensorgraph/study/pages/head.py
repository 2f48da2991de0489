"""What stands above everything: what this is, what made it, and what it cannot tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sensorgraph.study.conduct import Conducted
from sensorgraph.study.fit import FitSettings
from sensorgraph.study.pages.markdown import table
from sensorgraph.study.task import CLASSES, NUM_BINS, SCENE_S, SCENES_PER_RECORDING, SWAPPED, StudyTask

_PIPELINES: dict[str, tuple[str, str]] = {
    "sensor": ("three accelerometers, two pressures, one flow", "level, spread, bands, crest and slope of each"),
    "image": ("thermal camera and a camera at the pressure gauge", "brightness on a grid of 6 x 6 each"),
    "audio": ("one microphone", "loudness and 24 log-spaced bands"),
    "text": ("the log of the control program", "which words it says, and the values it names"),
    "video": ("one camera at the drive", "brightness and motion on a grid of 6 x 6"),
}
"""Modality to its streams, and to what of them a network sees in each bin (`sensorgraph.graph.summary`)."""


@dataclass(frozen=True)
class Origin:
    """What made a study.

    Attributes:
        task, fit: settings.
        command: that ran it.
        commit: of the program that wrote the pages.
    """

    task: StudyTask
    fit: FitSettings
    command: str
    commit: str


def head_section(title: str, conducted: Conducted, origin: Origin) -> str:
    """Title, origin and cost."""
    results = conducted.found.results.values()
    made_by = Counter(result.made_by for result in results)
    cells = ", ".join(f"{count} by `{name}`" for name, count in made_by.most_common())
    minutes = sum(result.figures["train_cpu_s"] for result in results) / 60
    return "\n\n".join(
        [
            f"# {title}",
            "**Everything here is simulated.** It tells what kinds of fusion do on this simulated machine, and nothing "
            "about another machine until it has been measured there.",
            f"Made by `{origin.command}`; trained cells: {len(results)} ({cells}); page written by `{origin.commit}`. "
            f"Training took {minutes:.0f} minutes of processor time in all. Do not edit: run the command again.",
        ]
    )


def task_section(conducted: Conducted, origin: Origin) -> str:
    """The task in words, and what follows from how it was made."""
    pipelines = [[m, *_PIPELINES[m]] for m in origin.task.modalities]
    task, fit, count = origin.task, origin.fit, conducted.num_scenes
    return "\n\n".join(
        [
            "## The task",
            f"{sum(count.values()):,} scenes of {SCENE_S:g} s in {task.num_recordings} simulated recordings "
            f"({SCENES_PER_RECORDING} scenes each), seen by {', '.join(task.modalities)}; split by recording into "
            f"{count['train']:,} to learn from, {count['validation']:,} to stop and choose by, {count['test']:,} to "
            f"judge on. Which state is the machine in: {', '.join(f'`{name}`' for name in CLASSES)}? A fault of "
            f"severity {task.severity[0]:g} to {task.severity[1]:g} begins at the second or third scene of its "
            f"recording. In `{SWAPPED}` scenes one modality, each as often, was exchanged with another normal scene "
            "by rank rotation: every stream is normal, and only two modalities together can tell. About two in five "
            "scenes are normal or swapped; so part of the task needs fusion by construction, and the other part does "
            "not. Both are given apart.",
            table(["modality", "streams", "what a network sees of them in each bin"], pipelines),
            f"Networks see summaries per stream and bin ({NUM_BINS} bins), computed once. A modality is one node; a "
            f"small encoder of its own makes tokens of width {fit.dim}, a fusion of `sensorgraph.fusion` mixes them, "
            "one shared head gives every modality a vote. A modality alone is the same network with kind `none`. All "
            f"are trained alike: AdamW, one cycle of {fit.num_epochs} epochs to a learning rate of "
            f"{fit.learning_rate:g}, batches of {fit.batch_size}, weights of the best validation loss; no kind was "
            "tuned. `message_passing` is here without the fitted linear factors that it has in the scene network, and "
            f"with learned scales. What holds between {len(task.modalities)} nodes need not hold between the dozens "
            "of streams of the scene network.",
        ]
    )
