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

from sensorgraph.words.likelihood import Reference, like_changes, log_likelihood_ratio
from sensorgraph.words.meeting import Meeting
from sensorgraph.words.table import MAX_STEP
from sensorgraph.words.transitions import change_after, change_before, transitions

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
    "likelihood",  # log likelihood ratio of the MSB's steps given the LSB: asinh(nats) / 4
    "likelihood_per_event",  # the same per event, in nats / 5
    "recurrence",  # log likelihood ratio that the MSB returns whenever the LSB does: asinh(nats) / 4 (0: no)
    "joint_change",  # how much more often the LSB changes when the MSB does
    "speed",  # usual change of the joined value per sample, in units of 2^16: asinh / 4
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

NUM_OTHERS = 128
"""Transitions, evenly over time, that are looked at besides."""


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


def look(meeting: Meeting, high: np.ndarray, low: np.ndarray) -> Looks:
    """Look at candidate pairs of one meeting: at the events of both words, and at ordinary transitions.

    Args:
        meeting: the two groups at one lag.
        high: [E] rows of high words.
        low: [E] rows of low words.
    """
    steps, wraps = meeting.high.steps, meeting.low.wraps
    at_step = meeting.place_of(steps.picked(NUM_LOOKS), meeting.high_index)[high]
    at_wrap = meeting.place_of(wraps.picked(NUM_LOOKS), meeting.low_index)[low]
    num = len(meeting)
    other = np.unique(np.linspace(min(1, num - 1), num - 1, NUM_OTHERS).astype(np.int64))
    at = np.concatenate([at_step, at_wrap, np.broadcast_to(other, (len(high), len(other)))], axis=1)
    part = np.repeat([0, 1, 2], [at_step.shape[1], at_wrap.shape[1], len(other)])
    # On the clock of a slower partner several events can fall into one transition.
    num_steps, num_wraps = np.minimum(np.diff(steps.begin)[high], num), np.minimum(np.diff(wraps.begin)[low], num)

    high, low = high[:, None], low[:, None]
    here = transitions(meeting, high, low, at)
    before = transitions(meeting, high, low, change_before(meeting, low, at))
    after = transitions(meeting, high, low, change_after(meeting, low, at))
    known, joined, moved = here.known, here.joined, here.change != 0
    is_step, is_wrap, is_other = (known & (part == number) for number in range(3))
    deviation = meeting.high.deviation(high, here.step)
    deviation_before = meeting.high.deviation(high, before.step)
    usual = _middle(joined, known & moved)
    exact = np.abs(joined - np.where(moved, usual, 0)) < 32768
    bend = _bend(joined, before.joined, after.joined, before.known, after.known)
    swapped_bend = _bend(here.swapped, before.swapped, after.swapped, before.known, after.known)
    smooth = bend < 32768
    weight = _weights(deviation, here.carry, is_step, is_wrap, is_other, num_steps, num_wraps, num)
    # A word that is held should join to a value that is held.
    like = like_changes(here.change, moved & (weight > 0))
    alike = like != np.arange(like.shape[1])
    references = (
        Reference(np.where(moved, usual, 0)),
        Reference(np.where(moved & before.known, before.joined, 0), np.where(before.known, deviation_before, 0)),
        Reference(
            np.where(alike, np.take_along_axis(joined, like, axis=1), np.where(moved, usual, 0)),
            np.where(alike, np.take_along_axis(deviation, like, axis=1), 0),
        ),
    )
    total = log_likelihood_ratio(deviation, joined, references, weight)
    events = is_step | is_wrap
    return Looks(
        step_match=_share(exact, is_step),
        wrap_match=_share(exact, is_wrap),
        step_smooth=_share(smooth, is_step),
        wrap_smooth=_share(smooth, is_wrap),
        step_opposite=_share(deviation * here.carry < 0, is_step),
        smoothness=_mean(np.clip(1.0 - np.log2(bend + 1.0) / 16.0, 0.0, 1.0), events),
        swapped_smoothness=_mean(np.clip(1.0 - np.log2(swapped_bend + 1.0) / 16.0, 0.0, 1.0), events),
        likelihood=np.arcsinh(total) / 4.0,
        likelihood_per_event=np.clip(total / np.maximum(num_steps + num_wraps, 1) / 5.0, -2.0, 2.0),
        joint_change=_share(moved, is_step) - _share(moved, is_other),
        speed=np.arcsinh(usual[:, 0] / 65536.0) / 4.0,
        known=_share(known, at > 0),
    )


def _bend(
    here: np.ndarray, before: np.ndarray, after: np.ndarray, before_known: np.ndarray, after_known: np.ndarray
) -> np.ndarray:
    """How far a change lies from the nearer of its neighbours; from 0 where it has none."""
    far = np.iinfo(np.int64).max
    bend = np.minimum(
        np.where(before_known, np.abs(here - before), far), np.where(after_known, np.abs(here - after), far)
    )
    return np.where(bend == far, np.abs(here), bend)


def _weights(
    deviation: np.ndarray,
    carry: np.ndarray,
    is_step: np.ndarray,
    is_wrap: np.ndarray,
    is_other: np.ndarray,
    num_steps: np.ndarray,
    num_wraps: np.ndarray,
    num: int,
) -> np.ndarray:
    """For how many transitions of the recording each one looked at stands, [E, W].

    Three kinds are told apart so that each transition is counted once: small steps of the high word, roll-overs
    without such a step, and the rest.
    """
    steps = (deviation != 0) & (np.abs(deviation) <= MAX_STEP)
    lone_wraps = is_wrap & ~steps
    rest = is_other & ~steps & (carry == 0)
    share_rest = rest.sum(axis=1) / np.maximum(is_other.sum(axis=1), 1)
    share_lone = lone_wraps.sum(axis=1) / np.maximum(is_wrap.sum(axis=1), 1)
    weight = np.zeros(deviation.shape)
    for kind, count in ((is_step, num_steps), (lone_wraps, share_lone * num_wraps), (rest, share_rest * num)):
        weight += kind * (count / np.maximum(kind.sum(axis=1), 1))[:, None]
    return weight


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
