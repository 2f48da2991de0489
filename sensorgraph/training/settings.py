"""Settings of training, as they stand in a run file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from sensorgraph.training.objective import FUSION_TERMS
from sensorgraph.training.pretraining import PRETRAIN_TERMS

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True)
class StageSettings:
    """One stage of training.

    Args:
        epochs: passes over the training scenes; 0 leaves the stage out.
        learning_rate: peak rate of AdamW, reached after a short warm-up and then lowered along a cosine.
        batch_size: scenes per step.
        patience: epochs without a better validation loss after which the stage ends.
        accumulate: steps whose gradients are added up before the weights move.
    """

    epochs: Annotated[int, Field(ge=0)] = 10
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    batch_size: Annotated[int, Field(ge=1)] = 8
    patience: Annotated[int, Field(ge=1)] = 10
    accumulate: Annotated[int, Field(ge=1)] = 1


@dataclass(frozen=True)
class RateFactors:
    """What the learning rate of each modality's own weights is multiplied by.

    A modality that learns faster than the others takes over before they have something to say; a factor below 1 holds
    it back. It applies to encoders, decoders and what takes in summaries, in every stage.

    Args:
        sensor, image, audio, text, video: the factors; with 0, a modality keeps the weights that it began with.
    """

    sensor: Annotated[float, Field(ge=0)] = 1.0
    image: Annotated[float, Field(ge=0)] = 1.0
    audio: Annotated[float, Field(ge=0)] = 1.0
    text: Annotated[float, Field(ge=0)] = 1.0
    video: Annotated[float, Field(ge=0)] = 1.0


@dataclass(frozen=True)
class DropoutRates:
    """How often a whole modality is hidden from fusion in training, and must be told by the others.

    Args:
        sensor, image, audio, text, video: probability per scene and step; beside what is hidden anyway.
    """

    sensor: Annotated[float, Field(ge=0, lt=1)] = 0.0
    image: Annotated[float, Field(ge=0, lt=1)] = 0.0
    audio: Annotated[float, Field(ge=0, lt=1)] = 0.0
    text: Annotated[float, Field(ge=0, lt=1)] = 0.0
    video: Annotated[float, Field(ge=0, lt=1)] = 0.0


@dataclass(frozen=True)
class TrainingSettings:
    """All stages.

    Args:
        pretrain: encoders by themselves, self-supervised.
        fuse: fusion, heads and decoders on frozen encoders.
        finetune: everything, at a small rate.
        learning_rate_factors: of each modality's own weights, beside the learning rate of the stage.
        modality_dropout: how often each modality is hidden as a whole, in the second and third stage.
        weight_decay: of AdamW.
        gradient_clip: largest norm of a gradient.
        precision: of Lightning's trainer.
        pretrain_losses: weights of the first stage's terms.
        losses: weights of the other stages' terms.
    """

    pretrain: StageSettings = field(default_factory=lambda: StageSettings(epochs=2))
    fuse: StageSettings = field(default_factory=lambda: StageSettings(epochs=30))
    finetune: StageSettings = field(default_factory=lambda: StageSettings(epochs=2, learning_rate=2e-4))
    weight_decay: Annotated[float, Field(ge=0)] = 1e-3
    gradient_clip: Annotated[float, Field(gt=0)] = 1.0
    precision: Precision = "32-true"
    pretrain_losses: Mapping[str, float] = field(default_factory=lambda: dict(PRETRAIN_TERMS))
    losses: Mapping[str, float] = field(default_factory=lambda: dict(FUSION_TERMS))
    learning_rate_factors: RateFactors = field(default_factory=RateFactors)
    modality_dropout: DropoutRates = field(default_factory=DropoutRates)
