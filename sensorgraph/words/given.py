"""Channels as a caller hands them over: arrays, rates and starts, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.words.channel import WordChannel, require_words


def given_channels(
    values: Sequence[np.ndarray], rates_hz: Sequence[float], start_s: Sequence[float] | None = None
) -> tuple[WordChannel, ...]:
    """The channels as records.

    Args:
        values: [N] arrays of uint16 words, of any lengths; an empty one is a channel that was silent.
        rates_hz: [N] rate of each (Hz).
        start_s: [N] time of each one's first sample (s); None means that all begin together.

    Raises:
        DataError: no channel, lists of different length, not words, or a rate or start that cannot be; the message
            says which channel.

    Example:
        >>> import numpy as np
        >>> given_channels([np.zeros(3, np.uint16)], [50.0])[0].rate_hz
        50.0
    """
    place = "read_words"
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype != object:
        raise DataError(f"{place}: values must hold one array per channel; write [values] for one (got an array)")
    if not len(values):
        raise DataError(f"{place}: needs at least one channel (got 0)")
    for name, part in (("rates_hz", rates_hz), ("start_s", start_s)):
        if part is None:
            continue
        if np.ndim(part) != 1:
            raise DataError(f"{place}: {name} must be a list with one number per channel (got {part!r})")
        if len(part) != len(values):
            raise DataError(
                f"{place}: {name} must have one entry per channel, {len(values)}; repeat a common one as "
                f"[x] * {len(values)} (got {len(part)})"
            )
    starts = [0.0] * len(values) if start_s is None else list(start_s)
    made = []
    for number, (words, rate_hz, start) in enumerate(zip(values, rates_hz, starts, strict=True)):
        here = f"{place}, channel {number}"
        require_words(words, here)
        rate, begin = _number(rate_hz, f"{here}: rate_hz"), _number(start, f"{here}: start_s")
        if not (np.isfinite(rate) and rate > 0):
            raise DataError(f"{here}: rate_hz must be positive; give samples per second (got {rate_hz})")
        if not np.isfinite(begin):
            raise DataError(f"{here}: start_s must be a finite time in seconds (got {start})")
        made.append(WordChannel(np.ascontiguousarray(words), rate, begin))
    return tuple(made)


def _number(value: object, place: str) -> float:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value)
    raise DataError(f"{place} must be a number (got {value!r})")
