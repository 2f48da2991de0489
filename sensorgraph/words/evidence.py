r"""How well two words behave as the halves of one value, looked at where one of them does something.

With the high word's step :math:`\Delta m`, the low word's change :math:`w` (nearest, modulo :math:`2^{16}`) and its
carry :math:`c`, the value that they would form together changes by

.. math:: D = 2^{16} (\Delta m - c) + w

For true halves :math:`D` is small (slow values) or like its neighbours (steady ones); for anything else a step
without a carry, or a carry without a step, throws :math:`D` by :math:`\pm 2^{16}`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensorgraph.words.meeting import Meeting
from sensorgraph.words.table import ClockGroup

EVIDENCE: tuple[str, ...] = (
    "carry_correlation",  # of all steps with all roll-overs, at the best lag (0..1)
    "lag_margin",  # by how much the best lag is better than the second best
    "rival_of_msb",  # best carry correlation of this MSB with any other LSB, minus this one
    "rival_of_lsb",  # best carry correlation of this LSB with any other MSB, minus this one
    "step_match",  # share of MSB steps that a carry explains exactly
    "wrap_match",  # share of LSB roll-overs that an MSB step answers exactly
    "step_smooth",  # share of MSB steps at which the joined value goes on as before
    "wrap_smooth",  # share of LSB roll-overs at which the joined value goes on as before
    "step_opposite",  # share of MSB steps at a carry of the other sign
    "smoothness",  # how far inside 2^16 the joined value's bend stays, 1 is perfectly steady, 0 is chance or worse
    "swapped_smoothness",  # the same with the two words in the other order
    "likelihood",  # log likelihood ratio of the MSB's steps given the LSB, squashed by asinh
    "likelihood_per_event",  # the same per event, in nats / 5
    "joint_change",  # how much more often the LSB changes when the MSB does
    "speed",  # usual change of the joined value per sample, in units of 2^16, squashed by asinh
    "lag",  # lag / 2
    "num_steps",  # log10(1 + MSB steps) / 3
    "num_wraps",  # log10(1 + LSB roll-overs) / 3
    "small_step_share",  # share of MSB changes that are small enough to be followed
    "step_rate",  # share of samples at which the MSB steps
    "wrap_rate",  # share of samples at which the LSB rolls over
    "rate_ratio",  # log2(rate of LSB / rate of MSB) / 4
    "same_clock",  # 1 where both have the same sampling times, so that a carry must be exact to the sample
    "known",  # share of looked-at events where all words are there
)
"""Names of the columns of `Candidates.evidence`."""

NUM_LOOKS = 192
"""Events of either word that are looked at."""

NOISE = 0.01
"""Assumed share of transitions that bit errors or lost words spoil."""


@dataclass(frozen=True)
class Looks:
    """Raw findings at the events of candidate pairs; one entry per pair.

    Attributes: as the entries of the same names in `EVIDENCE`.
    """

    step_match: np.ndarray
    wrap_match: np.ndarray
    step_smooth: np.ndarray
    wrap_smooth: np.ndarray
    step_opposite: np.ndarray
    smoothness: np.ndarray
    swapped_smoothness: np.ndarray
    likelihood: np.ndarray
    likelihood_per_event: np.ndarray
    joint_change: np.ndarray
    speed: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class _Transitions:
    """What both words do between one meeting and the next, for [E, W] chosen meetings."""

    step: np.ndarray
    change: np.ndarray
    carry: np.ndarray
    known: np.ndarray

    @property
    def joined(self) -> np.ndarray:
        return 65536 * (self.step - self.carry) + self.change


def _transitions(meeting: Meeting, high: np.ndarray, low: np.ndarray, at: np.ndarray) -> _Transitions:
    """``high``, ``low`` [E, 1] rows; ``at`` [E, W] meetings, of which those below 1 are not known."""
    after = np.maximum(at, 1)
    high_after, high_before = meeting.high_index[after], meeting.high_index[after - 1]
    low_after, low_before = meeting.low_index[after], meeting.low_index[after - 1]
    words_high, words_low, rolled = meeting.high.words, meeting.low.words, meeting.low.rolled
    step = (words_high[high, high_after] - words_high[high, high_before]).view(np.int16).astype(np.int64)
    carry = (rolled[low, low_after] - rolled[low, low_before]).astype(np.int64)
    raw = words_low[low, low_after].astype(np.int64) - words_low[low, low_before].astype(np.int64)
    known = at > 0
    for group, row, index in (
        (meeting.high, high, (high_before, high_after)),
        (meeting.low, low, (low_before, low_after)),
    ):
        if group.valid is not None:
            known = known & group.valid[row, index[0]] & group.valid[row, index[1]]
    return _Transitions(step, raw + 65536 * carry, carry, known)


def look(meeting: Meeting, high: np.ndarray, low: np.ndarray) -> Looks:
    """Look at the events of candidate pairs of one meeting.

    Args:
        meeting: the two groups at one lag.
        high: [E] rows of high words.
        low: [E] rows of low words.
    """
    high, low = high[:, None], low[:, None]
    at_step = meeting.place_of(meeting.high.steps.picked(NUM_LOOKS), meeting.high_index)[high[:, 0]]
    at_wrap = meeting.place_of(meeting.low.wraps.picked(NUM_LOOKS), meeting.low_index)[low[:, 0]]
    at = np.concatenate([at_step, at_wrap], axis=1)
    num_step = at_step.shape[1]
    seen = at > 0
    here = _transitions(meeting, high, low, at)
    # What the low word did when it last changed before, and next changed after: held samples tell nothing.
    before = _neighbour(meeting, low, at, -1)
    after = _neighbour(meeting, low, at, +1)
    known = here.known
    joined = here.joined
    usual = meeting.high.usual_step[high].astype(np.int64)
    extra = here.step - here.carry
    base = _middle(extra, known)
    exact = (extra == base) & known
    bend = np.full(joined.shape, np.inf)
    swapped_bend = np.full(joined.shape, np.inf)
    swapped = _swapped(meeting, high, low, at)
    for side in (before, after):
        other = _transitions(meeting, high, low, side)
        bend = np.where(other.known, np.minimum(bend, np.abs(joined - other.joined)), bend)
        other_swapped = _swapped(meeting, high, low, side)
        swapped_bend = np.where(other.known, np.minimum(swapped_bend, np.abs(swapped - other_swapped)), swapped_bend)
    bend = np.where(np.isfinite(bend), bend, np.abs(joined))
    swapped_bend = np.where(np.isfinite(swapped_bend), swapped_bend, np.abs(swapped))
    smooth = (bend < 32768) & known
    stepped = (here.step != usual) & known
    is_step, is_wrap = known.copy(), known.copy()
    is_step[:, num_step:] = False
    is_wrap[:, :num_step] = False
    # A roll-over that is also a step is looked at once.
    once = known & ~(is_wrap & stepped)
    ratio = _likelihood_ratio(here, meeting.high, high[:, 0], base, once)
    num_once = once.sum(axis=1)
    total = np.where(once, ratio, 0.0).sum(axis=1)
    changed = here.change != 0
    base_change = (meeting.low.last_change[:, -1] > 0) * (
        (np.diff(meeting.low.words[:, :: max(1, meeting.low.words.shape[1] // 512)]) != 0).mean(axis=1)
        if meeting.low.words.shape[1] > 1
        else 0.0
    )
    return Looks(
        step_match=_share(exact, is_step),
        wrap_match=_share(exact, is_wrap),
        step_smooth=_share(smooth, is_step),
        wrap_smooth=_share(smooth, is_wrap),
        step_opposite=_share(np.sign(here.step - usual) * np.sign(here.carry) < 0, is_step),
        smoothness=_mean(np.clip(1.0 - np.log2(bend + 1.0) / 16.0, 0.0, 1.0), known),
        swapped_smoothness=_mean(np.clip(1.0 - np.log2(swapped_bend + 1.0) / 16.0, 0.0, 1.0), known),
        likelihood=np.arcsinh(total) / 4.0,
        likelihood_per_event=np.clip(total / np.maximum(num_once, 1) / 5.0, -2.0, 2.0),
        joint_change=_share(changed, is_step) - base_change[low[:, 0]],
        speed=np.arcsinh(_middle(np.where(known, joined, 0), known)[:, 0] / 65536.0),
        known=_share(known, seen),
    )


def _neighbour(meeting: Meeting, low: np.ndarray, at: np.ndarray, side: int) -> np.ndarray:
    """The meeting next to each one, on the given side, at which the low word changed (0 if there is none near)."""
    if side < 0:
        # The index is monotone, so the last change seen at the meeting before gives the meeting that showed it.
        sample = meeting.low.last_change[low, meeting.low_index[np.maximum(at - 1, 0)]]
        place = np.searchsorted(meeting.low_index, sample, side="left")
        return np.where((at > 1) & (sample > 0), np.minimum(place, np.maximum(at - 1, 0)), 0)
    last = len(meeting) - 1
    found = np.zeros_like(at)
    # Looking a few samples ahead is enough: values that are held for longer are judged by what was before.
    for ahead in (4, 3, 2, 1):
        place = np.minimum(at + ahead, last)
        index = meeting.low_index[place]
        previous = meeting.low_index[np.maximum(place - 1, 0)]
        moved = meeting.low.words[low, index] != meeting.low.words[low, previous]
        found = np.where((at > 0) & (at + ahead <= last) & moved, place, found)
    return found


def _swapped(meeting: Meeting, high: np.ndarray, low: np.ndarray, at: np.ndarray) -> np.ndarray:
    after = np.maximum(at, 1)
    high_after, high_before = meeting.high_index[after], meeting.high_index[after - 1]
    low_after, low_before = meeting.low_index[after], meeting.low_index[after - 1]
    words_high, words_low = meeting.high.words, meeting.low.words
    upper = (words_low[low, low_after] - words_low[low, low_before]).view(np.int16).astype(np.int64)
    lower = words_high[high, high_after].astype(np.int64) - words_high[high, high_before].astype(np.int64)
    return 65536 * upper + lower


def _likelihood_ratio(
    here: _Transitions, group: ClockGroup, high: np.ndarray, base: np.ndarray, used: np.ndarray
) -> np.ndarray:
    """Log of P(step | low word) over P(step), per transition: Laplace around the usual change, a little noise."""
    bend = here.joined - 65536 * base
    scale = np.maximum(_middle(np.abs(np.where(used, bend, 0)), used) / np.log(2.0), 64.0)
    offset = np.arange(-2, 3) * 65536
    rival = np.exp(-np.minimum(np.abs(bend[..., None] + offset) / scale[..., None], 60.0)).sum(axis=-1)
    own = np.exp(-np.minimum(np.abs(bend) / scale, 60.0))
    given = (1.0 - NOISE) * own / np.maximum(rival, 1e-30) + NOISE / 8.0
    share = _step_shares(group)[high]
    number = np.clip(here.step - group.usual_step[high][:, None], -3, 3).astype(np.int64) + 3
    alone = np.take_along_axis(share, number, axis=1)
    return np.log(given) - np.log((1.0 - NOISE) * alone + NOISE / 8.0)


def _step_shares(group: ClockGroup) -> np.ndarray:
    """How often each channel deviates from its usual step by -3 (or less) to 3 (or more): [rows, 7]."""
    num = max(group.words.shape[1] - 1, 1)
    steps = group.steps
    kind = np.clip(steps.amount, -3, 3).astype(np.int64) + 3
    rows = len(group.channel)
    count = np.bincount(steps.row * 7 + kind, minlength=rows * 7).reshape(rows, 7).astype(np.float64)
    count[:, 3] = num - count.sum(axis=1)
    return (count + 0.5) / (num + 3.5)


def _middle(value: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Lower median over the used entries of each row, [E, 1]; 0 where none is used."""
    num = used.sum(axis=1)
    ordered = np.sort(np.where(used, value, np.iinfo(np.int64).max // 2), axis=1)
    middle = np.take_along_axis(ordered, np.maximum((num - 1) // 2, 0)[:, None], axis=1)
    return np.where(num[:, None] > 0, middle, 0)


def _share(which: np.ndarray, among: np.ndarray) -> np.ndarray:
    return (which & among).sum(axis=1) / np.maximum(among.sum(axis=1), 1)


def _mean(value: np.ndarray, among: np.ndarray) -> np.ndarray:
    return np.where(among, value, 0.0).sum(axis=1) / np.maximum(among.sum(axis=1), 1)
