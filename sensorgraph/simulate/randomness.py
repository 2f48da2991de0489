"""Named random generators: what one part of a recording draws never moves what another part draws."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, name: str) -> np.random.Generator:
    """A generator that depends on the recording's seed and on who asks, and on nothing else.

    Every stream draws from its own generator, so that a fault in one stream, a missing modality or another order of
    work leaves all other streams identical bit for bit.

    Args:
        seed: seed of the recording, 0 or greater.
        name: who draws, e.g. the id of a stream.

    Example:
        >>> float(generator(1, "mic").random()) == float(generator(1, "mic").random())
        True
        >>> float(generator(1, "mic").random()) == float(generator(1, "log").random())
        False
    """
    words = np.random.SeedSequence([seed, zlib.crc32(name.encode())])
    return np.random.Generator(np.random.SFC64(words))


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between ``low`` and ``high`` (both positive) whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
