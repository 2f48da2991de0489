"""Alarms: when, how sure, and which channels are to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import pandas as pd

from sensorgraph.scoring.channel_scores import Scored
from sensorgraph.scoring.edges import Edges
from sensorgraph.scoring.events import find_events
from sensorgraph.scoring.rate_curve import RateInterval
from sensorgraph.scoring.threshold import Threshold

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Alarm:
    """One event.

    Attributes:
        start: its first row; the evidence is unusual from there on, and scores are above the threshold somewhere.
        end: row after its last one.
        peak: row of its highest score.
        start_s, end_s, peak_s: the times of the first, the last and the highest (s, on the clock of the rows).
        score: the highest score.
        p_value: rate per row at which normal rows score this high.
        channels: to blame, the most surprising first.
        shares: of the score, one per channel, in the same order; those of all channels add up to 1.
        threshold: that it is above.
        interval: 90 % interval of the false alarms per day that the threshold achieves.
    """

    start: int
    end: int
    peak: int
    start_s: float
    end_s: float
    peak_s: float
    score: float
    p_value: float
    channels: tuple[str, ...]
    shares: tuple[float, ...]
    threshold: float
    interval: RateInterval


@dataclass(frozen=True, eq=False)
class Alarms(Sequence[Alarm]):
    """All alarms of a recording, in order of time, and the threshold that they are above.

    Attributes:
        events: the alarms.
        fitted: how the threshold came about, with every reason to be careful in ``fitted.warnings``.
        interval: 90 % interval of the false alarms per day that the threshold achieves.
        extent: an alarm goes on while scores stay above this lower level.
        names: of the channels.
        times_s: [T] of the rows (s).
        scores: [T] of the rows.
        edges: where alarms begin and end; None of a causal detector.
        channel_scores: [T, C] what each channel says to them, NaN for absent ones.
    """

    events: tuple[Alarm, ...]
    fitted: Threshold
    interval: RateInterval
    extent: float
    names: tuple[str, ...]
    times_s: np.ndarray
    scores: np.ndarray
    edges: Edges | None
    channel_scores: np.ndarray

    @property
    def threshold(self) -> float:
        """Alarms are the scores strictly above it."""
        return self.fitted.value

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Alarm]:
        return iter(self.events)

    @overload
    def __getitem__(self, index: int) -> Alarm: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Alarm]: ...
    def __getitem__(self, index: int | slice) -> Alarm | Sequence[Alarm]:
        return self.events[index]

    def to_frame(self, num_blamed: int = 5) -> pd.DataFrame:
        """One row per alarm; ``blamed`` names the first channels, joined by a space."""
        columns = ["start", "end", "peak", "start_s", "end_s", "peak_s", "score", "p_value"]
        rows = [
            {**{name: getattr(alarm, name) for name in columns}, "blamed": " ".join(alarm.channels[:num_blamed])}
            for alarm in self.events
        ]
        return pd.DataFrame(rows, columns=[*columns, "blamed"])


def alarms_of(
    scored: Scored,
    times_s: np.ndarray,
    names: tuple[str, ...],
    threshold: Threshold,
    extent: float,
    edges: Edges | None,
) -> Alarms:
    """Events of scores, and who is to blame for each.

    Args:
        scored: scores of rows and channels.
        times_s: of the rows.
        names: of the channels.
        threshold: with the period of the rows that it was fitted on.
        extent: level above which an alarm goes on.
        edges: where alarms begin and end; None of a causal detector, whose alarms begin with their first row above the
            threshold.
    """
    per_day = _DAY_S / (threshold.sample_period_s or 1.0)
    interval = RateInterval(threshold.achieved.low * per_day, threshold.achieved.high * per_day)
    events = []
    found = find_events(scored.scores, threshold, times_s=times_s, extent=extent, edges=edges, causal=edges is None)
    for event in found:
        said = scored.channels[event.start : event.stop]
        known = ~np.isnan(said)
        blame = np.where(known, said, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        order = np.argsort(-blame, kind="stable").tolist()
        shares = blame / max(float(blame.sum()), np.finfo(float).tiny)
        events.append(
            Alarm(
                start=event.start,
                end=event.stop,
                peak=event.peak,
                start_s=event.start_s,
                end_s=event.end_s,
                peak_s=event.peak_s,
                score=event.peak_score,
                p_value=event.p_value,
                channels=tuple(names[number] for number in order),
                shares=tuple(float(shares[number]) for number in order),
                threshold=threshold.value,
                interval=interval,
            )
        )
    return Alarms(tuple(events), threshold, interval, extent, names, times_s, scored.scores, edges, scored.channels)
