"""How residuals become scores, scores alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field


@dataclass(frozen=True)
class ScoringSettings:
    """From residuals to alarms.

    Args:
        false_alarms_per_day: events per day of normal operation that the user accepts.
        threshold: ``evt`` (a generalised Pareto tail) or ``percentile``.
    """

    false_alarms_per_day: Annotated[float, Field(gt=0)] = 24.0
    threshold: Literal["evt", "percentile"] = "evt"
