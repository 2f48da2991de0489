"""What a detector leaves behind: scores, channel scores and alarms as tables, and a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sensorgraph.detector import Alarms
from sensorgraph.run.results import write_result
from sensorgraph.viz import draw_scores

_COLUMNS = 1200
"""Spans of time in a picture; each shows its highest scores."""

_NUM_NAMED = 12
"""Channels in a picture."""


def write_alarms(folder: Path, alarms: Alarms, title: str) -> None:
    """``scores``, ``channel_scores`` and ``alarms`` as Parquet and CSV, and ``scores.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    write_result(folder / "scores", pd.DataFrame({"time_s": alarms.times_s, "score": alarms.scores}))
    channels = pd.DataFrame(alarms.channel_scores.astype(np.float32), columns=pd.Index(alarms.names))
    channels.insert(0, "time_s", alarms.times_s, allow_duplicates=True)
    write_result(folder / "channel_scores", channels)
    write_result(folder / "alarms", alarms.to_frame())
    draw_scores(
        _spans(alarms),
        folder / "scores.png",
        threshold=alarms.threshold,
        events=alarms.to_frame(),
        title=f"scores of {title}",
    )


def print_alarms(alarms: Alarms, title: str) -> None:
    """A line on the threshold, and one per alarm."""
    low, high = alarms.interval.low, alarms.interval.high
    print(
        f"{title}: {len(alarms)} alarms above {alarms.threshold:.4g} in {len(alarms.scores)} rows "
        f"(false alarms per day: {low:.2g} to {high:.2g})"
    )
    for alarm in alarms:
        blamed = ", ".join(
            f"{name} {100 * share:.0f} %" for name, share in zip(alarm.channels[:3], alarm.shares[:3], strict=True)
        )
        when = f"{shown_time(alarm.start_s)} to {shown_time(alarm.end_s)}"
        print(f"  {when}, score {alarm.score:.3g}, p {alarm.p_value:.1g}: {blamed}")


def shown_time(time_s: float) -> str:
    """A time that can be found again in a long recording.

    Example:
        >>> shown_time(31.25), shown_time(1_077_840.0)
        ('31.25 s', '12 d 11:24:00')
    """
    if abs(time_s) < 3600.0:
        return f"{time_s:.6g} s"
    minutes, seconds = divmod(round(time_s), 60)
    days, minutes = divmod(minutes, 24 * 60)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return f"{days} d {clock}" if days else clock


def _spans(alarms: Alarms) -> pd.DataFrame:
    """Highest scores of the machine, and of what the most surprising channels add to them, per span of rows."""
    num = len(alarms.scores)
    starts = np.unique(np.linspace(0, num, min(_COLUMNS, num) + 1).astype(np.int64)[:-1])
    ends = np.append(starts[1:], num) - 1
    period_s = float(np.median(np.diff(alarms.times_s))) if num > 1 else 1.0
    said = np.nan_to_num(alarms.channel_scores)
    # Parts that add up to the score can be held against its threshold.
    channels = said * (alarms.scores / np.maximum(said.sum(axis=1), np.finfo(float).tiny))[:, None]
    shown = np.argsort(-channels.max(axis=0), kind="stable")[:_NUM_NAMED]
    series = {"all channels": alarms.scores, **{alarms.names[number]: channels[:, number] for number in shown}}
    parts = []
    for name, values in series.items():
        parts.append(
            pd.DataFrame(
                {
                    "stream": name,
                    "start_s": alarms.times_s[starts],
                    "end_s": alarms.times_s[ends] + period_s,
                    "score": np.maximum.reduceat(values, starts),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
