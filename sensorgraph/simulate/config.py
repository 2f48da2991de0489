"""All settings of the simulator, with units in their names, checked all at once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from sensorgraph.errors import ConfigError
from sensorgraph.simulate.faults.spec import FAULT_KINDS
from sensorgraph.typing import MODALITIES, Modality


@dataclass(frozen=True)
class FaultConfig:
    """What goes wrong in recordings that are to have faults.

    Args:
        kinds: kinds to draw from, each as often; names of `sensorgraph.simulate.FAULT_KINDS`.
        severity: smallest and largest severity, 0 (invisible) to 1 (gross).
        start_share: earliest and latest start, as a share of the recording.
        duration_share: shortest and longest duration, as a share of the recording.
        num_per_recording: faults per faulty recording.
    """

    kinds: tuple[str, ...] = tuple(FAULT_KINDS)
    severity: tuple[float, float] = (0.4, 1.0)
    start_share: tuple[float, float] = (0.1, 0.6)
    duration_share: tuple[float, float] = (0.2, 0.5)
    num_per_recording: int = 1

    def __post_init__(self) -> None:
        problems = [
            f"faults.kinds: no kind '{kind}'; known: {', '.join(FAULT_KINDS)}"
            for kind in self.kinds
            if kind not in FAULT_KINDS
        ]
        if not self.kinds:
            problems.append("faults.kinds: must name at least one kind (got none)")
        for name in ("severity", "start_share", "duration_share"):
            low, high = getattr(self, name)
            if not 0 <= low <= high <= 1:
                problems.append(f"faults.{name}: must be two numbers with 0 <= low <= high <= 1 (got {low}, {high})")
        if self.num_per_recording < 1:
            problems.append(f"faults.num_per_recording: must be at least 1 (got {self.num_per_recording})")
        if problems:
            raise ConfigError(problems)


@dataclass(frozen=True)
class SimulatorConfig:
    """How long, how fast and through which streams the simulated machine is observed.

    Args:
        recording_s: length of a recording (s).
        scene_s: length of the scenes that contextual anomalies are made of (s).
        modalities: which kinds of streams there are.
        fast_rate_hz: rate of the vibration sensors and of the fast words (Hz).
        middle_rate_hz: rate of pressure, flow, current and of the middle words (Hz).
        slow_rate_hz: rate of temperature, level and of the slow words (Hz).
        audio_rate_hz: rate of the microphone (Hz).
        image_rate_hz: pictures per second of the thermal camera and of the gauge (Hz).
        video_rate_hz: frames per second of the video (Hz).
        image_size_px: height and width of a picture (px).
        video_size_px: height and width of a video frame (px).
        status_every_s: a status line is logged about this often (s).
        num_physical: how many of the physical sensors there are, in the order of `PHYSICAL_SENSORS`.
        num_single_words: channels with one value in one word.
        num_pairs: 32-bit values split over two words (two channels each).
        num_packed_words: channels of packed flags, counters, enums and fields.
        rolls_per_10s: fewest and most roll-overs of a low word in 10 s (on average over the recording).
        twin_share: share of pairs that are a redundant second reading of an earlier pair.
        float_pair_share: share of pairs that are split float32 values, not integers.
        max_half_lag_samples: a low word is at most so many samples late or early (drawn per pair).
        sample_loss: share of samples lost: NaN in physical sensors, invalid in words.
        bit_error: probability that a bit of a word is flipped.
        clock_skew_ppm: standard deviation of the sensors' clock error (parts per million).
        max_start_offset_s: sensors start at most so late (s).
        ambient_c: coldest and warmest surroundings of a recording (degree Celsius).
        speed_hz: slowest and fastest shaft speed that is asked for, in every mode (Hz); None: what each mode may ask
            for, 10 to 50 Hz in all.
        faults: what goes wrong, in recordings that are to have faults.

    Raises:
        ConfigError: some values are impossible; ``problems`` lists all of them.

    Example:
        >>> SimulatorConfig(recording_s=20.0).num_scenes
        2
    """

    recording_s: float = 60.0
    scene_s: float = 10.0
    modalities: tuple[Modality, ...] = MODALITIES
    fast_rate_hz: float = 2000.0
    middle_rate_hz: float = 200.0
    slow_rate_hz: float = 50.0
    audio_rate_hz: float = 16000.0
    image_rate_hz: float = 4.0
    video_rate_hz: float = 10.0
    image_size_px: int = 32
    video_size_px: int = 24
    status_every_s: float = 2.5
    num_physical: int = 14
    num_single_words: int = 6
    num_pairs: int = 5
    num_packed_words: int = 5
    rolls_per_10s: tuple[float, float] = (2.0, 60.0)
    twin_share: float = 0.15
    float_pair_share: float = 0.0
    max_half_lag_samples: int = 0
    sample_loss: float = 0.0
    bit_error: float = 0.0
    clock_skew_ppm: float = 0.0
    max_start_offset_s: float = 0.01
    ambient_c: tuple[float, float] = (8.0, 32.0)
    speed_hz: tuple[float, float] | None = None
    faults: FaultConfig = field(default_factory=FaultConfig)

    def __post_init__(self) -> None:
        problems = _positive(self) + _shares(self) + _counts(self)
        unknown = [name for name in self.modalities if name not in MODALITIES]
        if unknown or not self.modalities:
            problems.append(f"simulate.modalities: choose from {', '.join(MODALITIES)} (got {self.modalities})")
        if self.scene_s > self.recording_s:
            problems.append(f"simulate.scene_s: must not exceed recording_s (got {self.scene_s} > {self.recording_s})")
        low, high = self.rolls_per_10s
        if not 0 < low <= high:
            problems.append(f"simulate.rolls_per_10s: must be 0 < fewest <= most (got {low}, {high})")
        low, high = self.ambient_c
        if not -40 <= low <= high <= 60:
            problems.append(f"simulate.ambient_c: must be -40 <= coldest <= warmest <= 60 (got {low}, {high})")
        low, high = self.speed_hz or (1.0, 1.0)
        if not 1 <= low <= high <= 100:
            problems.append(f"simulate.speed_hz: must be 1 <= slowest <= fastest <= 100 (got {low}, {high})")
        if self.max_start_offset_s < 0 or self.max_start_offset_s >= self.scene_s:
            problems.append(f"simulate.max_start_offset_s: must be in 0..scene_s (got {self.max_start_offset_s})")
        if not 0 <= self.clock_skew_ppm <= 10000:
            problems.append(f"simulate.clock_skew_ppm: must be in 0..10000 (got {self.clock_skew_ppm})")
        if problems:
            raise ConfigError(problems)

    @property
    def num_scenes(self) -> int:
        """Complete scenes in one recording."""
        return int(self.recording_s / self.scene_s + 1e-9)


def _positive(config: SimulatorConfig) -> list[str]:
    names = [entry.name for entry in fields(config) if entry.name.endswith("rate_hz")]
    names += ["recording_s", "scene_s", "status_every_s"]
    problems = [
        f"simulate.{name}: must be greater than 0 (got {getattr(config, name)})"
        for name in names
        if not 0 < getattr(config, name) < float("inf")
    ]
    for name in ("image_size_px", "video_size_px"):
        if getattr(config, name) < 8:
            problems.append(f"simulate.{name}: must be at least 8 (got {getattr(config, name)})")
    return problems


def _shares(config: SimulatorConfig) -> list[str]:
    return [
        f"simulate.{name}: must be in 0..1 (got {getattr(config, name)})"
        for name in ("twin_share", "float_pair_share", "sample_loss", "bit_error")
        if not 0 <= getattr(config, name) <= 1
    ]


def _counts(config: SimulatorConfig) -> list[str]:
    names = ("num_physical", "num_single_words", "num_pairs", "num_packed_words", "max_half_lag_samples")
    return [
        f"simulate.{name}: must be 0 or greater (got {getattr(config, name)})"
        for name in names
        if getattr(config, name) < 0
    ]
