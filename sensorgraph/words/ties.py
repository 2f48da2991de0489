"""Redundant sources: two pairs whose halves fit crosswise just as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.candidates import Candidates
from sensorgraph.words.meeting import Meeting
from sensorgraph.words.table import WordTable
from sensorgraph.words.transitions import transitions

CLOSE_NATS = 3.0
"""Crossings that lose less than this by the carries are looked at again over all samples."""

CLEAR_NATS = 2.0
"""What the second look must show to decide."""


@dataclass(frozen=True)
class Settled:
    """What is left of a choice of links.

    Attributes:
        chosen: [n] int64 numbers of the links that stand.
        tied: [m] int64 numbers of those that cannot be told from a crossing.
    """

    chosen: np.ndarray
    tied: np.ndarray


def settle(table: WordTable, candidates: Candidates, worth: np.ndarray, chosen: np.ndarray) -> Settled:
    """Uncross chosen links where the smoother way is clear, and name those where nothing tells.

    The carries of two receivers of one signal fall on the same samples, so that their halves can be swapped without
    a miss. What may still differ is one late start or one lost frame: there, the wrong way makes the joined values
    jump at two samples where the right way makes them jump at one, or not at all.
    """
    number_of = {(int(msb), int(lsb)): number for number, (msb, lsb) in enumerate(candidates.link)}
    standing = {int(number) for number in chosen}
    tied: set[int] = set()
    for first in sorted(standing):
        for second in sorted(standing):
            if first >= second or first not in standing or second not in standing:
                continue
            (msb, lsb), (other_msb, other_lsb) = candidates.link[first].tolist(), candidates.link[second].tolist()
            crossed = number_of.get((msb, other_lsb), -1), number_of.get((other_msb, lsb), -1)
            if min(crossed) < 0 or worth[[first, second]].sum() - worth[list(crossed)].sum() > CLOSE_NATS:
                continue
            loss = sum(_jumps(table, candidates, n) for n in crossed) - sum(
                _jumps(table, candidates, n) for n in (first, second)
            )
            if loss < -CLEAR_NATS:
                standing = (standing - {first, second}) | set(crossed)
            elif loss < CLEAR_NATS:
                tied |= {first, second}
    return Settled(np.array(sorted(standing - tied), np.int64), np.array(sorted(tied & standing), np.int64))


def _jumps(table: WordTable, candidates: Candidates, number: int) -> float:
    """Cost of all unusual changes of the joined value under a Cauchy density, in nats."""
    msb, lsb = candidates.link[number]
    place, groups = table.place, table.groups
    if place[msb, 0] != place[lsb, 0]:
        place, groups = table.grid_place, table.grids
    meeting = Meeting.of(groups[place[msb, 0]], groups[place[lsb, 0]], int(candidates.lag[number]))
    at = np.arange(1, len(meeting))[None, :]
    high, low = place[msb, 1].reshape(1, 1), place[lsb, 1].reshape(1, 1)
    here = transitions(meeting, high, low, at)
    change = here.joined[here.known & (here.joined != 0)]
    if not len(change):
        return 0.0
    # One scale for all, so that costs of different pairs can be added.
    return float(np.log1p(((change - np.median(change)) / 4096.0) ** 2).sum())
