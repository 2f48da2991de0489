"""Draw faults for a recording from the configuration."""

from __future__ import annotations

import numpy as np

from sensorgraph.errors import ConfigError
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.faults.spec import FAULT_KINDS, FaultSpec
from sensorgraph.simulate.randomness import generator


def draw_faults(config: SimulatorConfig, seed: int, kind: str | None = None) -> tuple[FaultSpec, ...]:
    """Kinds, sizes and times of the faults of one recording; targets are drawn when they are put in.

    Args:
        config: its ``faults`` say what to draw from.
        seed: seed of the recording.
        kind: of the first fault; None draws it too.

    Example:
        >>> [fault.kind for fault in draw_faults(SimulatorConfig(), seed=3, kind="leak")]
        ['leak']
    """
    rng = generator(seed, "faults")
    wanted = config.faults
    possible = playable_kinds(config)
    if not possible:
        raise ConfigError(f"faults.kinds: none fits the streams of this config (got {', '.join(wanted.kinds)})")
    kinds = [str(rng.choice(possible)) for _ in range(wanted.num_per_recording)]
    if kind is not None:
        kinds[0] = kind
    return tuple(_draw(config, one, rng) for one in kinds)


def playable_kinds(config: SimulatorConfig) -> tuple[str, ...]:
    """The configured kinds that some stream of a recording can have, in order."""
    return tuple(kind for kind in config.faults.kinds if _possible(config, kind))


def _possible(config: SimulatorConfig, kind: str) -> bool:
    has_sensors = "sensor" in config.modalities
    num_words = config.num_single_words + config.num_packed_words + 2 * config.num_pairs
    if kind in ("lost_rollover", "swapped_words"):
        return has_sensors and config.num_pairs > 0
    if FAULT_KINDS[kind] == "word":
        return has_sensors and num_words > 0
    if FAULT_KINDS[kind] in ("sensor", "point"):
        return has_sensors and config.num_physical > 0
    return True


def _draw(config: SimulatorConfig, kind: str, rng: np.random.Generator) -> FaultSpec:
    wanted = config.faults
    severity = float(rng.uniform(*wanted.severity))
    start_s = float(rng.uniform(*wanted.start_share)) * config.recording_s
    duration_s = max(float(rng.uniform(*wanted.duration_share)), 0.01) * config.recording_s
    if FAULT_KINDS[kind] == "missing":
        return FaultSpec(kind, 0.0, config.recording_s, severity)
    return FaultSpec(kind, start_s, min(start_s + duration_s, config.recording_s), severity)
