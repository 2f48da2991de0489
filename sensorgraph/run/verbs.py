"""The verbs of the command line: what each is called, where it lives, what it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """One verb.

    Attributes:
        module: file that holds ``add_arguments(parser)`` and ``run(args) -> int``; imported when the verb is used.
        summary: what it does, for the overview.
    """

    module: str
    summary: str


VERBS = {
    "train": Verb("sensorgraph.run.train", "train, calibrate and judge a network from a run file"),
    "evaluate": Verb("sensorgraph.run.evaluate", "calibrate and judge a trained run once more"),
    "score": Verb("sensorgraph.run.score", "score recordings with a trained run, and list the alarms"),
    "detect": Verb("sensorgraph.run.detect", "find what is wrong in a recording, given one of normal operation"),
    "show-graph": Verb("sensorgraph.run.show_graph", "draw the learned links of a scene, and list the strongest"),
    "show-scene": Verb("sensorgraph.run.show_scene", "draw the streams of a scene on one time axis"),
    "read-words": Verb("sensorgraph.run.read_words", "say what unlabelled 16-bit words of a log file are"),
    "simulate": Verb("sensorgraph.run.simulate", "make labelled recordings of a simulated machine"),
    "study": Verb("sensorgraph.run.study", "compare every kind of fusion with each modality alone"),
    "check-config": Verb("sensorgraph.run.check_config", "check a run file without opening any data"),
}
