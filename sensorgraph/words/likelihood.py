r"""Log likelihood ratio: are a high word's steps those that a low word calls for?

If two words are halves of one value whose change per sample is :math:`D`, then of all steps :math:`\Delta m` that the
high word could take, those are likely that make :math:`D = 2^{16}(\Delta m - c) + w` like a reference :math:`D_0` (the
usual change, or the one before):

.. math:: P(\Delta m \mid l) = \frac{f_b(D - D_0)}{\sum_j f_b(D - D_0 + 2^{16} j)}, \qquad
    \Lambda = \sum_t \log \frac{P(\Delta m_t \mid l)}{P(\Delta m_t)}

with :math:`f_b` a Laplace, Cauchy or normal density, and reference, density and scale :math:`b` that fit best. A rough
value gives little per sample but many samples; a slow one gives much at few samples; both end up on one scale, in
nats. All kinds of transitions are looked at, not only events: else a high word that steps rarely would always look
explained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfc

SCALES = (256.0, 2048.0, 12288.0, 65536.0)
"""Scales ``b`` that are tried, from slow to rough."""

ROUGH_SCALES = (24576.0, 49152.0, 98304.0)
"""Standard deviations that are tried for values that jump by about half of the low word's range, or all of it."""

NOISE = 0.01
"""Assumed share of transitions that bit errors or lost words spoil."""

_FAR = 3
_NEVER = np.iinfo(np.int64).max
_KINDS = 2 * _FAR + 1


@dataclass(frozen=True)
class Reference:
    """What a transition is compared with.

    Attributes:
        joined: [E, W] or [E, 1] change of the joined value that is expected.
        deviation: [E, W] what the high word did where the expectation comes from, or None if it comes from no single
            transition. The high word's own habits (it goes on rising) must not count for the pair.
    """

    joined: np.ndarray
    deviation: np.ndarray | None = None


def log_likelihood_ratio(
    deviation: np.ndarray,
    joined: np.ndarray,
    references: tuple[Reference, ...],
    weight: np.ndarray,
    rough_scales: tuple[float, ...] = ROUGH_SCALES,
) -> np.ndarray:
    """The ratio for each of E pairs.

    Args:
        deviation: [E, W] steps of the high word, less its usual step.
        joined: [E, W] change of the joined value.
        references: what the joined change should be like; the best one counts.
        weight: [E, W] for how many transitions each one stands (0: do not use).
        rough_scales: standard deviations of the normal densities that are tried besides.

    Shapes: returns [E] float64, in nats.
    """
    kind = _kind(deviation)
    far = (kind == 0) | (kind == _KINDS - 1)
    best = np.full(len(deviation), -np.inf)
    for reference in references:
        own = np.zeros_like(kind) if reference.deviation is None else _kind(reference.deviation)
        alone = weight * np.log((1.0 - NOISE) * _habit(own, kind, weight) + NOISE / _KINDS)
        base = alone.sum(axis=1)
        bend = np.abs(joined - reference.joined).astype(np.float32)
        for given in (
            *(_laplace(bend, scale) for scale in SCALES),
            *(_cauchy(bend, far, scale) for scale in SCALES),
            *(_normal(bend, far, scale) for scale in rough_scales),
        ):
            log_given = np.log((1.0 - NOISE) * given + NOISE / _KINDS)
            best = np.maximum(best, (weight * log_given).sum(axis=1) - base)
    return best


def _kind(deviation: np.ndarray) -> np.ndarray:
    return np.clip(deviation, -_FAR, _FAR).astype(np.int64) + _FAR


def _habit(own: np.ndarray, kind: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """How often the high word does this after that, [E, W], whatever the low word does."""
    num_pairs = len(kind)
    key = (np.arange(num_pairs)[:, None] * _KINDS + own) * _KINDS + kind
    count = np.bincount(key.ravel(), weight.ravel(), num_pairs * _KINDS**2).reshape(num_pairs, _KINDS, _KINDS)
    overall = count.sum(axis=1) + 0.25
    overall = overall / overall.sum(axis=1, keepdims=True)
    # Two transitions' worth of the overall habit steady what is seldom seen.
    count = count + 2.0 * overall[:, None, :]
    return (count / count.sum(axis=2, keepdims=True)).ravel()[key]


def like_changes(change: np.ndarray, used: np.ndarray) -> np.ndarray:
    """For each transition, the number of that other one at which the low word changed most alike.

    A clock that ticks in two strides, or a value that takes few levels, repeats its joined changes exactly, although
    neither its usual change nor the one before tells which stride comes next.

    Shapes: ``change``, ``used`` [E, W]; returns [E, W] int64, the transition itself where there is no other.
    """
    order = np.argsort(np.where(used, change, _NEVER), axis=1, kind="stable")
    ordered = np.take_along_axis(change, order, axis=1)
    both = np.take_along_axis(used, order, axis=1)
    gap = np.where(both[:, 1:] & both[:, :-1], ordered[:, 1:] - ordered[:, :-1], _NEVER)
    edge = np.full((len(change), 1), _NEVER)
    below, above = np.concatenate([edge, gap], axis=1), np.concatenate([gap, edge], axis=1)
    like = np.where(below <= above, np.roll(order, 1, axis=1), np.roll(order, -1, axis=1))
    like = np.where(np.minimum(below, above) < _NEVER, like, order)
    out = np.empty_like(like)
    np.put_along_axis(out, order, like, axis=1)
    return out


def _laplace(bend: np.ndarray, scale: float) -> np.ndarray:
    # The sum over all rival steps consists of two geometric series around the nearest one.
    nearest = np.abs(bend - 65536.0 * np.round(bend / 65536.0))
    ratio = np.exp(-65536.0 / scale)
    near = np.exp(-nearest / scale)
    total = near + (near * ratio + np.exp((nearest - 65536.0) / scale)) / (1.0 - ratio)
    return np.exp(-bend / scale) / np.maximum(total, 1e-30)


def _normal(bend: np.ndarray, far: np.ndarray, scale: float) -> np.ndarray:
    total = np.zeros_like(bend)
    nearest = np.abs(bend - 65536.0 * np.round(bend / 65536.0))
    reach = int(np.ceil(3.0 * scale / 65536.0))
    for rival in range(-reach, reach + 1):
        total += np.exp(-0.5 * ((nearest + 65536.0 * rival) / scale) ** 2)
    given = np.exp(-0.5 * (bend / scale) ** 2) / total
    return np.where(far, 0.5 * float(erfc(2.5 * 65536.0 / scale / np.sqrt(2.0))), given)


def _cauchy(bend: np.ndarray, far: np.ndarray, scale: float) -> np.ndarray:
    # Closed form of the sum over all integers j of 1 / (1 + ((x + 2^16 j) / b)^2).
    turn = 2.0 * np.pi / 65536.0
    total = 0.5 * turn * scale * np.sinh(turn * scale) / (np.cosh(turn * scale) - np.cos(turn * bend))
    given = 1.0 / (1.0 + (bend / scale) ** 2) / total
    # All far steps are one kind; what they have together is the tail.
    return np.where(far, 0.5 - np.arctan(2.5 * 65536.0 / scale) / np.pi, given)
