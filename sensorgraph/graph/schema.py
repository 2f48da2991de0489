"""The one schema of a run: which node and link types every scene carries, and the sizes that go with them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from sensorgraph.errors import DataError
from sensorgraph.graph.summary import NUM_FEATURES
from sensorgraph.graph.text import TextVocabulary
from sensorgraph.scenes import Audio, Clock, Image, Scene, Text, Video
from sensorgraph.typing import MODALITIES

LinkType = tuple[str, str, str]

SCENE = "scene"
NODE_TYPES: tuple[str, ...] = (*MODALITIES, SCENE)
MEDIA: tuple[str, ...] = tuple(modality for modality in MODALITIES if modality != "sensor")

RELATES: LinkType = ("sensor", "relates", "sensor")
CANDIDATE: LinkType = ("sensor", "candidate", "sensor")
WIRED: LinkType = ("sensor", "wired", "sensor")
LINK_TYPES: tuple[LinkType, ...] = (
    RELATES,
    CANDIDATE,
    WIRED,
    *((modality, "informs", "sensor") for modality in MEDIA),
    *(("sensor", "informs", modality) for modality in MEDIA),
    *((modality, "within", SCENE) for modality in MODALITIES),
    *((SCENE, "frames", modality) for modality in MODALITIES),
)


@dataclass(frozen=True)
class GraphSchema:
    """Fixes what every scene graph of a run looks like.

    Every graph carries every node and link type, with zero rows where the scene has none: batching drops a type for
    the whole batch when its first scene lacks it.

    Attributes:
        duration_s: length of a scene (s).
        num_bins: bins ``L`` per scene.
        channels: known streams as ``"modality:id"``; a stream's channel number is its place here plus one, and 0
            stands for every stream that training never saw twice.
        audio_rate_hz: the one rate of all microphones (Hz), None without audio.
        picture_size: height and width that images and videos are averaged to.
        picture_channels: 1 when all pictures are grey, else 3.
        text: tokenizer and summary words, fitted on the training lines.
    """

    duration_s: float
    num_bins: int
    channels: tuple[str, ...] = ()
    audio_rate_hz: float | None = None
    picture_size: tuple[int, int] = (32, 32)
    picture_channels: int = 1
    text: TextVocabulary = field(default_factory=TextVocabulary)

    def __post_init__(self) -> None:
        Clock(self.duration_s, self.num_bins)  # checks both
        object.__setattr__(self, "_channel_number", {name: place + 1 for place, name in enumerate(self.channels)})

    @property
    def clock(self) -> Clock:
        """The scene clock that all streams are binned by."""
        return Clock(self.duration_s, self.num_bins)

    @property
    def num_channels(self) -> int:
        """Known streams plus one for the unknown."""
        return len(self.channels) + 1

    def channel_number(self, modality: str, stream_id: str) -> int:
        """Number of a stream among the known ones, 0 if it is not known."""
        numbers: dict[str, int] = self._channel_number  # type: ignore[attr-defined]
        return numbers.get(f"{modality}:{stream_id}", 0)

    @staticmethod
    def num_features(modality: str) -> int:
        """Summary features ``F`` per bin of a modality."""
        return NUM_FEATURES[modality]

    def to_json(self) -> str:
        """The schema as JSON text; `from_json` gives it back."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> GraphSchema:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        fields["channels"] = tuple(fields["channels"])
        fields["picture_size"] = tuple(fields["picture_size"])
        fields["text"] = TextVocabulary.from_dict(fields["text"])
        return cls(**fields)

    @classmethod
    def fit(
        cls,
        scenes: Iterable[Scene],
        *,
        duration_s: float,
        num_bins: int,
        picture_size: tuple[int, int] = (32, 32),
    ) -> GraphSchema:
        """The schema of a set of training scenes, seen once each.

        A stream id becomes a known channel when it occurs in at least two recordings, or when there is only one
        recording: an id that is made up anew for each recording names nothing.

        Raises:
            DataError: microphones of several rates.
        """
        recordings: set[str] = set()
        seen_in: dict[str, set[str]] = {}
        rates: set[float] = set()
        lines: list[str] = []
        picture_channels = 1
        for scene in scenes:
            recordings.add(scene.recording_id)
            for stream in scene.streams:
                seen_in.setdefault(f"{stream.modality}:{stream.id}", set()).add(scene.recording_id)
                if isinstance(stream, Audio):
                    rates.add(stream.rate_hz)
                if isinstance(stream, Text):
                    lines.extend(stream.lines)
                if isinstance(stream, Image | Video):
                    picture_channels = max(picture_channels, stream.frames.shape[-1])
        if len(rates) > 1:
            raise DataError(
                f"audio: all microphones of a run must share one rate_hz; resample the files (got {sorted(rates)})"
            )
        needed = min(2, len(recordings))
        return cls(
            duration_s=duration_s,
            num_bins=num_bins,
            channels=tuple(sorted(name for name, where in seen_in.items() if len(where) >= needed)),
            audio_rate_hz=rates.pop() if rates else None,
            picture_size=picture_size,
            picture_channels=picture_channels,
            text=TextVocabulary.fit(lines),
        )
