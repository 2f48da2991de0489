"""What a high and a low word do between one meeting and the next, for many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.meeting import Meeting


@dataclass(frozen=True)
class Transitions:
    """Chosen transitions of E pairs; all fields have shape [E, W].

    Attributes:
        step: change of the high word, modulo 2^16, signed.
        change: change of the low word if roll-overs are counted on (nearest steps at its own rate).
        carry: net roll-overs of the low word.
        swapped: change of the joined value if the words were in the other order.
        known: False where there is no such transition or a word is missing.
    """

    step: np.ndarray
    change: np.ndarray
    carry: np.ndarray
    swapped: np.ndarray
    known: np.ndarray

    @property
    def joined(self) -> np.ndarray:
        """Change of the joined value, [E, W] int64."""
        return 65536 * (self.step - self.carry) + self.change


def transitions(meeting: Meeting, high: np.ndarray, low: np.ndarray, at: np.ndarray) -> Transitions:
    """Look up transitions.

    Args:
        meeting: the two groups at one lag.
        high, low: [E, 1] rows of the pairs' words.
        at: [E, W] meetings at the end of each transition; those below 1 are not known.
    """
    after = np.maximum(at, 1)
    high_after, high_before = meeting.high_index[after], meeting.high_index[after - 1]
    low_after, low_before = meeting.low_index[after], meeting.low_index[after - 1]
    rolled = meeting.low.rolled
    msb_after, msb_before = meeting.high.words[high, high_after], meeting.high.words[high, high_before]
    lsb_after, lsb_before = meeting.low.words[low, low_after], meeting.low.words[low, low_before]
    carry = (rolled[low, low_after] - rolled[low, low_before]).astype(np.int64)
    raw = lsb_after.astype(np.int64) - lsb_before
    upper = (lsb_after - lsb_before).view(np.int16).astype(np.int64)
    known = at > 0
    sides = ((meeting.high, high, high_before, high_after), (meeting.low, low, low_before, low_after))
    for group, row, first, last in sides:
        if group.valid is not None:
            known = known & group.valid[row, first] & group.valid[row, last]
    return Transitions(
        step=(msb_after - msb_before).view(np.int16).astype(np.int64),
        change=raw + 65536 * carry,
        carry=carry,
        swapped=65536 * upper + (msb_after.astype(np.int64) - msb_before),
        known=known,
    )


def change_before(meeting: Meeting, low: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The meeting before each one at which the low word last changed, [E, W]; 0 if there is none."""
    sample = meeting.low.last_change[low, meeting.low_index[np.maximum(at - 1, 0)]]
    # The first meeting that shows the sample is where that change was seen.
    place = np.searchsorted(meeting.low_index, sample, side="left")
    return np.where((at > 1) & (sample > 0), np.minimum(place, np.maximum(at - 1, 0)), 0)


def change_after(meeting: Meeting, low: np.ndarray, at: np.ndarray, reach: int = 4) -> np.ndarray:
    """The meeting after each one at which the low word next changes, [E, W]; 0 if it is held for ``reach`` or more."""
    last = len(meeting) - 1
    found = np.zeros_like(at)
    for ahead in range(reach, 0, -1):
        place = np.minimum(at + ahead, last)
        index, previous = meeting.low_index[place], meeting.low_index[np.maximum(place - 1, 0)]
        moved = meeting.low.words[low, index] != meeting.low.words[low, previous]
        found = np.where((at > 0) & (at + ahead <= last) & moved, place, found)
    return found
