"""Run files that tell scenes apart by class: trained by 'train', loaded by the ready applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field

from sensorgraph import fusion
from sensorgraph.config import Choice, Slot, load, read_yaml
from sensorgraph.errors import ConfigError
from sensorgraph.fusion import Fusion
from sensorgraph.run import example_sources
from sensorgraph.run.example_sources import ExampleSource
from sensorgraph.run.run_file import EncoderSettings, GraphSettings, ModelSettings
from sensorgraph.training.class_objective import CLASS_TERMS
from sensorgraph.training.objective import FUSION_TERMS
from sensorgraph.training.settings import TrainingSettings


@dataclass(frozen=True)
class ClassSettings:
    """How scenes are told apart.

    Args:
        losses: weights of the terms; ``own_class`` is an auxiliary head for each modality.
        controls: whether the same network is also trained on each part of the modalities alone, to be shown beside it.
    """

    losses: Mapping[str, float] = field(default_factory=lambda: dict(CLASS_TERMS))
    controls: bool = True


@dataclass(frozen=True)
class ClassFile:
    """A complete run that tells scenes apart.

    Args:
        examples: where the scenes with classes come from.
        encoders: raw series to tokens.
        fusion: how streams tell each other what they know.
        seed: of everything that is drawn.
        graph: how scenes become graphs.
        model: sizes of the network.
        classes: losses and controls.
        training: stages; the terms of its second and third stage are ``classes.losses``.
    """

    examples: Annotated[Choice[ExampleSource], Slot(example_sources.KINDS, ExampleSource, given=("duration_s",))]
    encoders: EncoderSettings
    fusion: Annotated[Choice[Fusion], Slot(fusion.KINDS, Fusion, given=("dim", "causal"))]
    seed: Annotated[int, Field(ge=0)] = 0
    graph: GraphSettings = field(default_factory=GraphSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    classes: ClassSettings = field(default_factory=ClassSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if dict(self.training.losses) != FUSION_TERMS:
            raise ConfigError("training.losses: says nothing where scenes have classes; set classes.losses instead")
        unknown = [name for name in self.classes.losses if name not in CLASS_TERMS]
        if unknown:
            raise ConfigError(f"classes.losses: no such term; known are {', '.join(CLASS_TERMS)} (got {unknown})")


def source_of(run: ClassFile) -> ExampleSource:
    """Where the examples of a run come from."""
    return run.examples.build(duration_s=run.graph.duration_s)


def is_classes(path: str | Path) -> bool:
    """Whether a run file tells scenes apart: it names examples."""
    content = read_yaml(path)
    return isinstance(content, dict) and "examples" in content


def load_class_file(path: str | Path, overrides: Sequence[str] = ()) -> ClassFile:
    """The checked run file.

    Raises:
        ConfigError: with every mistake that was found.
    """
    return load(path, ClassFile, overrides)
