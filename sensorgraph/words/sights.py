"""What is looked at of candidate pairs: transitions where one of the words does something, and ordinary ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sensorgraph.words.meeting import Meeting
from sensorgraph.words.transitions import Transitions, change_after, change_before, transitions

NUM_LOOKS = 192
"""Events of either word that are looked at."""

NUM_OTHERS = 128
"""Transitions, evenly over time, that are looked at besides."""

NONE, STEP, WRAP, OTHER = range(4)
"""Why a transition is looked at (not at all; a step of the high word; a roll-over of the low word; at random)."""


@dataclass(frozen=True)
class Sights:
    """Transitions of E pairs that are looked at, [E, W] each.

    Attributes:
        kind: why each one is looked at, `NONE` in the padding.
        here: the transitions themselves.
        before, after: those at which the low word last changed before, and next changes.
        deviation, deviation_before: step of the high word less its usual step, here and before.
        num_steps, num_wraps: [E] events in the recording.
        num: [E] transitions in the recording.
    """

    kind: np.ndarray
    here: Transitions
    before: Transitions
    after: Transitions
    deviation: np.ndarray
    deviation_before: np.ndarray
    num_steps: np.ndarray
    num_wraps: np.ndarray
    num: np.ndarray


def sights(meeting: Meeting, high: np.ndarray, low: np.ndarray) -> Sights:
    """Gather the sights of candidate pairs of one meeting.

    Args:
        meeting: the two groups at one lag.
        high: [E] rows of high words.
        low: [E] rows of low words.
    """
    steps, wraps = meeting.high.steps, meeting.low.wraps
    num = len(meeting)
    at_step = meeting.place_of(steps.picked(NUM_LOOKS)[high], meeting.high_index)
    at_wrap = meeting.place_of(wraps.picked(NUM_LOOKS)[low], meeting.low_index)
    other = np.unique(np.linspace(min(1, num - 1), num - 1, NUM_OTHERS).astype(np.int64))
    at = np.concatenate([at_step, at_wrap, np.broadcast_to(other, (len(high), len(other)))], axis=1)
    kind = np.repeat([STEP, WRAP, OTHER], [at_step.shape[1], at_wrap.shape[1], len(other)])
    rows, columns = high[:, None], low[:, None]
    here = transitions(meeting, rows, columns, at)
    before = transitions(meeting, rows, columns, change_before(meeting, columns, at))
    return Sights(
        kind=np.where(at > 0, kind, NONE),
        here=here,
        before=before,
        after=transitions(meeting, rows, columns, change_after(meeting, columns, at)),
        deviation=meeting.high.deviation(rows, here.step),
        deviation_before=meeting.high.deviation(rows, before.step),
        # On the clock of a slower partner several events can fall into one transition.
        num_steps=np.minimum(np.diff(steps.begin)[high], num),
        num_wraps=np.minimum(np.diff(wraps.begin)[low], num),
        num=np.full(len(high), num),
    )


def stacked(parts: Sequence[Sights]) -> Sights:
    """Sights of several meetings in one record: judging many at once costs hardly more than judging one."""
    if len(parts) == 1:
        return parts[0]
    width = max(part.kind.shape[1] for part in parts)
    made: dict[str, Any] = {}
    for entry in fields(Sights):
        values = [getattr(part, entry.name) for part in parts]
        if isinstance(values[0], Transitions):
            made[entry.name] = Transitions(
                **{
                    inner.name: _padded([getattr(value, inner.name) for value in values], width)
                    for inner in fields(Transitions)
                }
            )
        else:
            made[entry.name] = _padded(values, width)
    return Sights(**made)


def _padded(values: Sequence[np.ndarray], width: int) -> np.ndarray:
    if values[0].ndim == 1:
        return np.concatenate(values)
    out = np.zeros((sum(map(len, values)), width), values[0].dtype)
    row = 0
    for value in values:
        out[row : row + len(value), : value.shape[1]] = value
        row += len(value)
    return out
