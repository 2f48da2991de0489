"""How residuals become scores, and scores alarms: the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from sensorgraph.errors import ConfigError

Pooling = Literal["max", "mean"]
Scope = Literal["run", "recording"]


@dataclass(frozen=True)
class ScoringSettings:
    """From residuals to alarms.

    Args:
        false_alarms_per_day: events per day of normal operation that the user accepts.
        threshold: ``evt`` (a generalised Pareto tail) or ``percentile``.
        widths: bins over which residuals are averaged; every width is looked at, and the most unusual one counts, so
            that a spike and a slow leak are both seen.
        pooling: how streams become the machine's score: ``max`` sees a fault of one stream among many, ``mean`` one
            that shows a little everywhere; each that is named is looked at. Only with the scope ``run``.
        scope: ``run`` compares a recording with the normal rows of all recordings (see `ResidualScorer`);
            ``recording`` compares it with its own, for sets in which every recording begins normally (see
            `OwnNormalScorer`).
    """

    false_alarms_per_day: Annotated[float, Field(gt=0)] = 24.0
    threshold: Literal["evt", "percentile"] = "evt"
    widths: tuple[Annotated[int, Field(ge=1)], ...] = (1, 5, 20)
    pooling: tuple[Pooling, ...] = ("max", "mean")
    scope: Scope = "run"

    def __post_init__(self) -> None:
        if not self.widths:
            raise ConfigError("widths: must name at least one width (got none)")
        if list(self.widths) != sorted(set(self.widths)):
            raise ConfigError(f"widths: must ascend; sort them and name each once (got {list(self.widths)})")
        if not self.pooling:
            raise ConfigError("pooling: must name max, mean or both (got none)")

    @classmethod
    def from_plain(cls, fields: Mapping[str, Any]) -> ScoringSettings:
        """Settings from what JSON made of them."""
        plain: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in fields.items()}
        return cls(**plain)
