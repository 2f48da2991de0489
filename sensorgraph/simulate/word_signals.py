"""Signals of every character, as machines make them: what varied training words are written from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def draw_signal(rng: np.random.Generator, num: int) -> np.ndarray:
    """One signal of ``num`` samples, centred, of unit mean step where it moves; its character is drawn.

    Example:
        >>> signal = draw_signal(np.random.default_rng(3), 500)
        >>> signal.shape, bool(np.isfinite(signal).all())
        ((500,), True)
    """
    signal = CHARACTERS[rng.integers(len(CHARACTERS))](rng, num)
    if rng.random() < 0.15:  # an instrument that reports each reading several times
        signal = np.repeat(signal[:: (hold := int(rng.integers(2, 12)))], hold)[:num]
    if rng.random() < 0.15:  # a machine that rests now and then
        runs = _telegraph(rng, num, rng.uniform(3, 12) / num)
        signal = signal[np.maximum.accumulate(np.where(runs > 0, np.arange(num), 0))]
    steps = np.abs(np.diff(signal))
    moving = steps > 0
    size = float(steps[moving].mean()) if moving.any() else 1.0
    return np.asarray((signal - signal.mean()) / size)


def _telegraph(rng: np.random.Generator, num: int, rate: float) -> np.ndarray:
    """0 and 1 by turns, changing with the given chance per sample."""
    return (np.cumsum(rng.random(num) < rate) + int(rng.integers(2))) % 2


def _waves(rng: np.random.Generator, num: int) -> np.ndarray:
    time = np.arange(num)
    parts = [
        rng.uniform(0.2, 1) * np.sin(2 * np.pi * time / np.exp(rng.uniform(np.log(12), np.log(6 * num))) + phase)
        for phase in rng.uniform(0, 6.3, int(rng.integers(1, 5)))
    ]
    return np.asarray(sum(parts))


def _brownian(rng: np.random.Generator, num: int) -> np.ndarray:
    return np.cumsum(rng.standard_normal(num))


def _smooth(rng: np.random.Generator, num: int) -> np.ndarray:
    width = int(np.clip(np.exp(rng.uniform(1, 6)), 3, max(num // 2, 3)))
    return np.cumsum(np.convolve(rng.standard_normal(num + width - 1), np.hanning(width + 2)[1:-1], "valid"))


def _growing(rng: np.random.Generator, num: int) -> np.ndarray:
    stride = 0.05 + rng.uniform(0.2, 1.8, num) * _telegraph(rng, num, rng.uniform(0, 20) / num)
    return np.cumsum(stride) * rng.choice([-1.0, 1.0])


def _clock(rng: np.random.Generator, num: int) -> np.ndarray:
    jitter = rng.choice([0.0, 0.0, 0.001, 0.05])
    return np.arange(num) + jitter * rng.standard_normal(num)


def _noisy_level(rng: np.random.Generator, num: int) -> np.ndarray:
    slow = _smooth(rng, num)
    return slow / (np.abs(slow).max() + 1e-9) * np.exp(rng.uniform(-1, 4)) + rng.standard_normal(num)


def _levels(rng: np.random.Generator, num: int) -> np.ndarray:
    """Set-points: few levels, held for long."""
    at = np.sort(rng.integers(0, num, int(rng.integers(2, 40))))
    levels = np.cumsum(rng.standard_normal(len(at) + 1)) if rng.random() < 0.5 else rng.standard_normal(len(at) + 1)
    return levels[np.searchsorted(at, np.arange(num), side="right")]


def _approach(rng: np.random.Generator, num: int) -> np.ndarray:
    """Follows set-points with a lag, with a little noise: speeds, temperatures."""
    target, keep = _levels(rng, num), np.exp(-1 / np.exp(rng.uniform(1, 5)))
    out, state = np.empty(num), float(target[0])
    for number, level in enumerate(target.tolist()):
        state = keep * state + (1 - keep) * level
        out[number] = state
    return out + rng.choice([0.0, 0.001, 0.01]) * rng.standard_normal(num)


def _turning(rng: np.random.Generator, num: int) -> np.ndarray:
    """An angle or counter that begins anew at its end."""
    path = _growing(rng, num) if rng.random() < 0.6 else _smooth(rng, num)
    size = np.ptp(path) / rng.uniform(0.7, 12) + 1e-9
    return np.mod(path, size)


def _clipped(rng: np.random.Generator, num: int) -> np.ndarray:
    signal = _waves(rng, num) if rng.random() < 0.5 else _smooth(rng, num)
    low, high = np.quantile(signal, [rng.uniform(0, 0.4), rng.uniform(0.6, 1)])
    return np.clip(signal, low, high)


def _bursts(rng: np.random.Generator, num: int) -> np.ndarray:
    """Still for long, with short disturbances."""
    out = np.zeros(num)
    for begin in rng.integers(0, num, int(rng.integers(1, 8))):
        length = int(rng.integers(3, max(num // 10, 4)))
        part = np.cumsum(rng.standard_normal(length)) * np.hanning(length)
        out[begin : begin + length] += part[: len(out) - begin]
    return out


def _jumpy(rng: np.random.Generator, num: int) -> np.ndarray:
    return np.cumsum(np.clip(rng.standard_t(1.5, num), -200, 200))


CHARACTERS: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    _waves,
    _brownian,
    _smooth,
    _smooth,
    _growing,
    _clock,
    _noisy_level,
    _noisy_level,
    _levels,
    _approach,
    _turning,
    _clipped,
    _bursts,
    _jumpy,
)
"""Every character of a signal, with repetition by how common it is."""
