"""Which streams and which modality carry an alarm."""

from __future__ import annotations

import pandas as pd

from sensorgraph.scoring.events import Event
from sensorgraph.scoring.series import CONTEXT, MEMORY


def blame(streams: pd.DataFrame, recording: str, start_s: float, end_s: float) -> pd.DataFrame:
    """Streams by their mean score over a stretch of time, the most unusual first.

    Args:
        streams: `Scores.streams`.
        recording: which recording.
        start_s, end_s: the stretch (s).

    Returns:
        Columns ``stream, modality, score``.

    Example:
        >>> table = pd.DataFrame({"recording": "r", "stream": ["a", "b"], "modality": "sensor",
        ...                       "start_s": 0.0, "end_s": 1.0, "score": [0.5, 4.0]})
        >>> blame(table, "r", 0.0, 1.0)["stream"].tolist()
        ['b', 'a']
    """
    inside = _inside(streams, recording, start_s, end_s)
    mean = inside.groupby(["stream", "modality"], sort=False)["score"].mean()
    return mean.sort_values(ascending=False).reset_index()


def blame_modality(streams: pd.DataFrame, recording: str, start_s: float, end_s: float) -> str:
    """The modality that the rest of the scene speaks against most: by the shared factors, else by what is remembered.

    Where all others speak for each of them, or nothing is known of them, it is that of the most unusual stream.

    Args:
        streams: `Scores.streams`.
        recording: which recording.
        start_s, end_s: the stretch (s).

    Example:
        >>> table = pd.DataFrame({"recording": "r", "stream": ["a", "b"], "modality": ["sensor", "audio"],
        ...                       "start_s": 0.0, "end_s": 1.0, "score": [4.0, 3.0], "out_of_context": [2.0, 9.0]})
        >>> blame_modality(table, "r", 0.0, 1.0)
        'audio'
    """
    inside = _inside(streams, recording, start_s, end_s)
    for told in (CONTEXT, MEMORY):
        if told in streams:
            odds = inside.groupby("modality", sort=False)[told].mean()
            if odds.max() > 0:
                return str(odds.idxmax())
    found = blame(streams, recording, start_s, end_s)
    return str(found["modality"].iloc[0]) if len(found) else ""


def _inside(streams: pd.DataFrame, recording: str, start_s: float, end_s: float) -> pd.DataFrame:
    sliver_s = 1e-6
    return streams[
        (streams["recording"] == recording)
        & (streams["end_s"] > start_s + sliver_s)
        & (streams["start_s"] < end_s - sliver_s)
    ]


def alarm_table(
    streams: pd.DataFrame, recording: str, events: list[Event], bin_s: float, num_blamed: int = 3
) -> pd.DataFrame:
    """One row per event: when, how high, how unlikely, and who is to blame.

    Returns:
        Columns ``recording, start_s, end_s, peak_s, peak_score, p_value, num_alarms, blamed`` (streams, most unusual
        first, joined by a space) and ``modality`` (of `blame_modality`).
    """
    rows = []
    for event in events:
        end_s = event.end_s + bin_s
        named = blame(streams, recording, event.start_s, end_s)
        rows.append(
            {
                "recording": recording,
                "start_s": event.start_s,
                "end_s": end_s,
                "peak_s": event.peak_s,
                "peak_score": event.peak_score,
                "p_value": event.p_value,
                "num_alarms": event.num_alarms,
                "blamed": " ".join(named["stream"].head(num_blamed)),
                "modality": blame_modality(streams, recording, event.start_s, end_s),
            }
        )
    columns = ["recording", "start_s", "end_s", "peak_s", "peak_score", "p_value", "num_alarms", "blamed", "modality"]
    return pd.DataFrame(rows, columns=columns)
