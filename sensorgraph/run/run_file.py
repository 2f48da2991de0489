"""What a run file holds: the sections are dataclasses, the slots name classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from sensorgraph import encoders, fusion
from sensorgraph.config import Choice, Slot
from sensorgraph.encoders import Encoder
from sensorgraph.errors import ConfigError
from sensorgraph.fusion import Fusion
from sensorgraph.graph.statistics import NormaliseByRate, Scope
from sensorgraph.run import sources
from sensorgraph.run.sources import Source
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.training.settings import TrainingSettings
from sensorgraph.typing import MODALITIES

_SET_BY_PROGRAM = ("dim", "causal", "in_channels", "rate_hz", "vocab_size")


@dataclass(frozen=True)
class Covers:
    """Which sensors an encoder takes.

    Args:
        min_rate_hz: slowest rate (Hz).
        max_rate_hz: fastest rate (Hz).
    """

    min_rate_hz: Annotated[float, Field(ge=0)] = 0.0
    max_rate_hz: Annotated[float, Field(gt=0)] = float("inf")

    def __post_init__(self) -> None:
        if self.min_rate_hz > self.max_rate_hz:
            raise ConfigError(f"min_rate_hz: must not be above max_rate_hz (got {self.min_rate_hz})")


SensorEncoder = Annotated[Choice[Encoder], Slot(encoders.KINDS, Encoder, given=_SET_BY_PROGRAM, beside=Covers)]
AnyEncoder = Annotated[Choice[Encoder], Slot(encoders.KINDS, Encoder, given=_SET_BY_PROGRAM)]


@dataclass(frozen=True)
class GraphSettings:
    """How scenes become graphs.

    Args:
        duration_s: length of a scene (s).
        num_bins: bins per scene.
        stride_s: time from one scene to the next in training (s); null means back to back.
        picture_size: height and width that pictures are averaged to.
        normalise: which normalisation the physical sensors get, by rate.
        scope: ``run`` has one normalisation per stream; ``recording`` one per recording and stream, for sets in which
            every recording has training rows of its own.
    """

    duration_s: Annotated[float, Field(gt=0)] = 10.0
    num_bins: Annotated[int, Field(ge=2)] = 20
    stride_s: Annotated[float, Field(gt=0)] | None = None
    picture_size: tuple[Annotated[int, Field(ge=6)], Annotated[int, Field(ge=6)]] = (32, 32)
    normalise: tuple[NormaliseByRate, ...] = (NormaliseByRate(),)
    scope: Scope = "run"


@dataclass(frozen=True)
class EncoderSettings:
    """One encoder per rate and modality; a modality without one is not looked at.

    Args:
        sensor: for physical sensors; the first entry that covers a rate takes it. With no entry here and none for
            words, sensors are not looked at.
        word: for raw 16-bit words of any rate.
        image, audio, text, video: for the media.
    """

    sensor: tuple[SensorEncoder, ...] = ()
    word: AnyEncoder | None = None
    image: AnyEncoder | None = None
    audio: AnyEncoder | None = None
    text: AnyEncoder | None = None
    video: AnyEncoder | None = None

    def __post_init__(self) -> None:
        if not self.modalities:
            raise ConfigError("sensor: must have at least one entry where no other modality has an encoder (got none)")

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities that are looked at."""
        sensors = bool(self.sensor) or self.word is not None
        return tuple(m for m in MODALITIES if (sensors if m == "sensor" else getattr(self, m) is not None))


@dataclass(frozen=True)
class ModelSettings:
    """Sizes of the network.

    Args:
        dim: width of tokens.
        top_k: learned links into each sensor.
        decoder_hidden: width of the decoders' hidden layer.
        causal: no later bin reaches an earlier score.
    """

    dim: Annotated[int, Field(ge=4)] = 64
    top_k: Annotated[int, Field(ge=1)] = 8
    decoder_hidden: Annotated[int, Field(ge=4)] = 128
    causal: bool = False


@dataclass(frozen=True)
class RunFile:
    """A complete run.

    Args:
        seed: of everything that is drawn.
        data: where the scenes come from.
        graph: how scenes become graphs.
        encoders: raw series to tokens.
        fusion: how streams tell each other what they know.
        model: sizes.
        training: stages and losses.
        scoring: residuals to alarms.
    """

    data: Annotated[Choice[Source], Slot(sources.KINDS, Source)]
    encoders: EncoderSettings
    fusion: Annotated[Choice[Fusion], Slot(fusion.KINDS, Fusion, given=("dim", "causal"))]
    seed: Annotated[int, Field(ge=0)] = 0
    graph: GraphSettings = field(default_factory=GraphSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
