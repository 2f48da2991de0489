"""Faults of words: a bit that does not move, a carry that gets lost, halves swapped, a frame sent again."""

from __future__ import annotations

import numpy as np

from sensorgraph.simulate.faults.signal import bursts


def stick_bit(words: np.ndarray, inside: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """One bit keeps one value; the higher the severity, the more significant it is among the bits that move.

    Shapes: ``words`` [T] uint16, ``inside`` [T] bool; returns [T] uint16.
    """
    moving = [bit for bit in range(16) if np.ptp(words[inside] >> bit & 1)] if inside.any() else []
    if severity == 0 or not moving:
        return words
    bit = moving[min(int(np.ceil(severity * len(moving))) - 1, len(moving) - 1)]
    mask = np.uint16(1 << bit)
    # The value it has less often, so that the fault shows.
    ones = float(np.mean(words[inside] >> bit & 1)) < 0.5
    stuck = words | mask if ones else words & ~mask
    return np.where(inside, stuck, words).astype(np.uint16)


def lose_rollovers(
    msb: np.ndarray, inside: np.ndarray, severity: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The high word misses a share ``severity`` of its steps, and is put right when the fault ends.

    Returns: the high word [T] uint16, and which samples [T] bool held a step that was lost.
    """
    step = np.diff(msb.astype(np.int64), prepend=int(msb[0])) if len(msb) else np.zeros(0, np.int64)
    steps = np.flatnonzero((step != 0) & inside)
    lost = np.zeros(len(msb), bool)
    if severity > 0 and len(steps):
        lost[steps[rng.random(len(steps)) < severity]] = True
        lost[steps[0]] = True  # a fault that hits nothing would be none
    missing = np.cumsum(np.where(lost, step, 0)) * inside
    return ((msb.astype(np.int64) - missing) & 0xFFFF).astype(np.uint16), lost


def swap_words(
    msb: np.ndarray, lsb: np.ndarray, inside: np.ndarray, rate_hz: float, severity: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The halves change places for a share ``severity`` of the time, in bursts."""
    swapped = inside & bursts(len(inside), rate_hz, severity, rng)
    return np.where(swapped, lsb, msb), np.where(swapped, msb, lsb)


def repeat_frames(words: np.ndarray, held_from: np.ndarray) -> np.ndarray:
    """Each sample shows what was sent at ``held_from`` [T] int64 (its own number where nothing is repeated)."""
    return np.asarray(words[held_from])


def repeated_from(
    time_s: np.ndarray, start_s: float, end_s: float, severity: float, rng: np.random.Generator
) -> np.ndarray:
    """Which earlier sample each sample repeats; frames hang for 0.1 to 0.6 s, ``0.8 * severity`` of the time.

    The hanging times are drawn on the clock, so that all channels of a frame hang together.
    """
    grid_s = 0.05
    hanging = bursts(int((end_s - start_s) / grid_s) + 1, 1 / grid_s, 0.8 * severity, rng)
    slot = np.floor((time_s - start_s) / grid_s).astype(np.int64)
    inside = (time_s >= start_s) & (time_s < end_s)
    held = inside & hanging[np.clip(slot, 0, len(hanging) - 1)]
    number = np.arange(len(time_s))
    return np.asarray(np.maximum.accumulate(np.where(held, 0, number)))
