"""What the run file of the fusion study holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from sensorgraph.config import read_yaml
from sensorgraph.study import FitSettings, StudyPlan, StudyTask


@dataclass(frozen=True)
class StudySize:
    """One size of the study.

    Args:
        task: scenes and what is to be told of them.
        fit: how every network is trained.
        plan: what is compared.
    """

    task: StudyTask = field(default_factory=StudyTask)
    fit: FitSettings = field(default_factory=FitSettings)
    plan: StudyPlan = field(default_factory=StudyPlan)


@dataclass(frozen=True)
class StudyFile:
    """Both sizes of the study.

    Args:
        full: the study.
        quick: the same in minutes, with fewer scenes, epochs and seeds: it shows how things are done, and how little
            so few scenes can tell.
    """

    full: StudySize = field(default_factory=StudySize)
    quick: StudySize = field(default_factory=StudySize)


def is_study(path: str) -> bool:
    """Whether a run file is one of the fusion study: it describes a full and a quick one, and names no data."""
    content = read_yaml(path)
    return isinstance(content, dict) and bool({"full", "quick"} & set(content)) and "data" not in content
