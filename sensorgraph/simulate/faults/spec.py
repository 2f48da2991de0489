"""What a fault is, before it happens: kind, size, time and place."""

from __future__ import annotations

from dataclasses import dataclass

from sensorgraph.errors import ConfigError
from sensorgraph.scenes.labels import AnomalyCategory

FAULT_KINDS: dict[str, AnomalyCategory] = {
    "spike": "point",
    "drift": "sensor",
    "stuck": "sensor",
    "noise": "sensor",
    "offset": "sensor",
    "gain": "sensor",
    "dropout": "sensor",
    "clipping": "sensor",
    "leak": "system",
    "unbalance": "system",
    "bearing": "system",
    "overheating": "system",
    "sticking_valve": "system",
    "bit_stuck": "word",
    "lost_rollover": "word",
    "swapped_words": "word",
    "repeated_frame": "word",
    "missing_stream": "missing",
    "missing_modality": "missing",
}
"""Every kind of fault of one recording, with its category. Contextual anomalies need several recordings: `rotate`."""


@dataclass(frozen=True)
class FaultSpec:
    """One fault to put into a recording.

    Args:
        kind: a name of `FAULT_KINDS`.
        start_s: when it begins (s, on the recording's clock).
        end_s: when it is over (s).
        severity: 0 (changes nothing) to 1 (gross).
        target: id of the stream (or name of the modality, for ``missing_modality``) that it hits; None draws one.
            System faults hit the machine and take no target.

    Example:
        >>> FaultSpec("leak", start_s=10.0, end_s=40.0, severity=0.7).category
        'system'
    """

    kind: str
    start_s: float
    end_s: float
    severity: float = 1.0
    target: str | None = None

    def __post_init__(self) -> None:
        problems = []
        if self.kind not in FAULT_KINDS:
            problems.append(f"fault.kind: no kind '{self.kind}'; known: {', '.join(FAULT_KINDS)}")
        if not 0 <= self.start_s < self.end_s:
            problems.append(f"fault '{self.kind}': needs 0 <= start_s < end_s (got {self.start_s}, {self.end_s})")
        if not 0 <= self.severity <= 1:
            problems.append(f"fault '{self.kind}': severity must be in 0..1 (got {self.severity})")
        if FAULT_KINDS.get(self.kind) == "system" and self.target is not None:
            problems.append(f"fault '{self.kind}': hits the machine, remove target (got '{self.target}')")
        if problems:
            raise ConfigError(problems)

    @property
    def category(self) -> AnomalyCategory:
        """The family of the fault."""
        return FAULT_KINDS[self.kind]
