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

from sensorgraph.words.clock_group import MAX_STEP
from sensorgraph.words.likelihood import Reference, like_changes, log_likelihood_ratio
from sensorgraph.words.sights import NONE, OTHER, STEP, WRAP, Sights


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


def look(sights: Sights) -> Looks:
    """Judge candidate pairs by what was gathered about them."""
    here, before, after = sights.here, sights.before, sights.after
    known, joined, moved = here.known, here.joined, here.change != 0
    is_step, is_wrap, is_other = (known & (sights.kind == kind) for kind in (STEP, WRAP, OTHER))
    usual = _middle(joined, known & moved)
    exact = np.abs(joined - np.where(moved, usual, 0)) < 32768
    bend = _bend(joined, before.joined, after.joined, before.known, after.known)
    swapped_bend = _bend(here.swapped, before.swapped, after.swapped, before.known, after.known)
    smooth = bend < 32768
    weight = _weights(sights, is_step, is_wrap, is_other)
    like = like_changes(here.change, moved & (weight > 0))
    alike = like != np.arange(like.shape[1])
    # A word that is held should join to a value that is held.
    references = (
        Reference(np.where(moved, usual, 0)),
        Reference(np.where(moved & before.known, before.joined, 0), np.where(before.known, sights.deviation_before, 0)),
        Reference(
            np.where(alike, np.take_along_axis(joined, like, axis=1), np.where(moved, usual, 0)),
            np.where(alike, np.take_along_axis(sights.deviation, like, axis=1), 0),
        ),
    )
    total = log_likelihood_ratio(sights.deviation, joined, references, weight)
    events = is_step | is_wrap
    return Looks(
        step_match=_share(exact, is_step),
        wrap_match=_share(exact, is_wrap),
        step_smooth=_share(smooth, is_step),
        wrap_smooth=_share(smooth, is_wrap),
        step_opposite=_share(sights.deviation * here.carry < 0, is_step),
        smoothness=_mean(np.clip(1.0 - np.log2(bend + 1.0) / 16.0, 0.0, 1.0), events),
        swapped_smoothness=_mean(np.clip(1.0 - np.log2(swapped_bend + 1.0) / 16.0, 0.0, 1.0), events),
        likelihood=np.arcsinh(total) / 4.0,
        likelihood_per_event=np.clip(total / np.maximum(sights.num_steps + sights.num_wraps, 1) / 5.0, -2.0, 2.0),
        joint_change=_share(moved, is_step) - _share(moved, is_other),
        speed=np.arcsinh(usual[:, 0] / 65536.0) / 4.0,
        known=_share(known, sights.kind != NONE),
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


def _weights(sights: Sights, is_step: np.ndarray, is_wrap: np.ndarray, is_other: np.ndarray) -> np.ndarray:
    """For how many transitions of the recording each one looked at stands, [E, W].

    Three kinds are told apart so that each transition is counted once: small steps of the high word, roll-overs
    without such a step, and the rest.
    """
    steps = (sights.deviation != 0) & (np.abs(sights.deviation) <= MAX_STEP)
    lone_wraps = is_wrap & ~steps
    rest = is_other & ~steps & (sights.here.carry == 0)
    share_rest = rest.sum(axis=1) / np.maximum(is_other.sum(axis=1), 1)
    share_lone = lone_wraps.sum(axis=1) / np.maximum(is_wrap.sum(axis=1), 1)
    weight = np.zeros(steps.shape)
    for kind, count in (
        (is_step, sights.num_steps),
        (lone_wraps, share_lone * sights.num_wraps),
        (rest, share_rest * sights.num),
    ):
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
