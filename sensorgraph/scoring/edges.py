"""Where an event begins and ends: wide means find it, and smear its edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Edges:
    r"""Moves the edges of stretches of alarms inwards, to where the evidence itself changes.

    Around a fault a mean over fifty rows is high for up to half as many rows before it and after it. Within a stretch
    of alarms the quick scores :math:`q` step from about 0 to their mean :math:`m`; the most likely place of the step,
    with noise of one size on either side, is where

    .. math:: \sum_{s < t} (q_s - c), \qquad c = \min\bigl(\tfrac{m}{2}, \; a\bigr)

    is least before the stretch's highest score, and largest after it. A fault that grows to many times the usual has
    begun when quick scores are sure by themselves, hence :math:`a`. No edge moves past the highest score, nor farther
    than means are wide: what is left is their own smear.

    Args:
        quick: scores by the shortest means alone, about 0 where all is as usual.
        reach: rows of the widest mean.
        sure: ``a``, a quick score that is part of an event however much higher others are.

    Shapes: ``quick`` [T].

    Reference: Hinkley, "Inference about the change-point in a sequence of random variables" (1970).

    Example:
        >>> quick = np.array([0.1, 0.0, 0.2, 3.0, 2.5, 3.1, 0.1, 0.0])
        >>> smeared = np.array([False, True, True, True, True, True, True, False])
        >>> Edges(quick, reach=5, sure=4.0).sharpened(smeared, scores=quick).tolist()
        [False, False, False, True, True, True, False, False]
    """

    quick: np.ndarray
    reach: int
    sure: float

    def sharpened(self, alarms: np.ndarray, scores: np.ndarray, begins: np.ndarray | None = None) -> np.ndarray:
        """The alarms without smear; every stretch keeps its highest score.

        Args:
            alarms: bool.
            scores: that were smoothed.
            begins: rows before which time has a gap, where a stretch ends and another begins.

        Shapes: all [T]; returns [T] bool.
        """
        out = np.zeros(len(alarms), bool)
        for first, last in stretches(alarms, begins):
            quick, peak = self.quick[first:last], int(scores[first:last].argmax())
            rise = np.append(0.0, np.cumsum(quick - min(float(quick.mean()) / 2.0, self.sure)))
            latest_start = min(peak, self.reach)
            start = latest_start - int(rise[latest_start::-1].argmin())  # of equals the one nearest to the peak
            earliest_stop = max(peak + 1, last - first - self.reach)
            stop = earliest_stop + int(rise[earliest_stop:].argmax())
            out[first + start : first + stop] = True
        return out


def stretches(alarms: np.ndarray, begins: np.ndarray | None = None) -> list[tuple[int, int]]:
    """First row of every stretch of alarms, and the row after its last. Shapes: both [T] bool.

    Example:
        >>> alarms = np.array([True, True, True, False, True])
        >>> stretches(alarms), stretches(alarms, begins=np.array([False, False, True, False, False]))
        ([(0, 3), (4, 5)], [(0, 2), (2, 3), (4, 5)])
    """
    cut = np.zeros(len(alarms), bool) if begins is None else begins
    first = alarms & (np.append(False, ~alarms[:-1]) | cut)
    last = alarms & np.append(~alarms[1:] | cut[1:], True)
    if len(alarms):
        first[0] = alarms[0]
    return list(zip(np.flatnonzero(first).tolist(), (np.flatnonzero(last) + 1).tolist(), strict=True))
