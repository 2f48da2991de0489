"""Channels as things that are true or false, and as states: what rules are about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.scenes import Recording, Sensor

_FORM = re.compile(
    r"^(?P<name>.+?)\s*(?:\[(?P<first>\d+)(?::(?P<last>\d+))?\]|(?P<side>[<>])\s*(?P<level>[-+\d.eE]+))?$"
)


@dataclass(frozen=True)
class Discrete:
    """A channel, some bits of it, or on which side of a level it is.

    Attributes:
        text: as a run file has it: ``mode``, ``status[4]``, ``status[4:5]`` (bits 4 and 5, the lowest is 0),
            ``pressure > 3.5`` or ``pressure < 3.5``.
        name: id of the channel.
        bits: first and last bit.
        level: the level, and whether the channel has to be above it.
    """

    text: str
    name: str
    bits: tuple[int, int] | None = None
    level: tuple[float, bool] | None = None

    @classmethod
    def of(cls, text: str) -> Discrete:
        """Read what a run file says.

        Raises:
            ConfigError: it is none of the forms.

        Example:
            >>> Discrete.of("status[4:5]").bits, Discrete.of("pressure > 3.5").level, Discrete.of("mode").name
            ((4, 5), (3.5, True), 'mode')
        """
        found = _FORM.match(text.strip())
        if found is None:
            raise ConfigError(f"rules: a channel is NAME, NAME[BIT], NAME[FIRST:LAST] or NAME > LEVEL (got '{text}')")
        bits = level = None
        if found["first"] is not None:
            bits = (int(found["first"]), int(found["last"] or found["first"]))
            if not bits[0] <= bits[1] <= 15:
                raise ConfigError(f"rules: bits go from 0 to 15, the first not above the last (got '{text}')")
        if found["level"] is not None:
            try:
                level = (float(found["level"]), found["side"] == ">")
            except ValueError:
                raise ConfigError(f"rules: a level is a number (got '{text}')") from None
        return cls(text, found["name"], bits, level)

    def at(self, recording: Recording, time_s: np.ndarray) -> np.ndarray:
        """Its value at each time, the last one that was seen by then; NaN where there was none: [T] float64.

        Raises:
            DataError: the channel is no sensor, or bits are asked of something else than whole numbers.
            UnknownNameError: the recording has no such channel.
        """
        stream = recording.stream(self.name)
        if not isinstance(stream, Sensor):
            raise DataError(
                f"recording '{recording.id}', stream '{self.name}': rules are about sensors (got {stream.modality})"
            )
        place = np.searchsorted(stream.times(), time_s + 1e-9, side="right") - 1
        seen = (place >= 0) & stream.validity()[np.maximum(place, 0)]
        values = np.where(seen, stream.values[np.maximum(place, 0)].astype(np.float64), np.nan)
        if self.bits is not None:
            known = values[seen]
            if (known != np.floor(known)).any() or (known < 0).any() or (known > 0xFFFF).any():
                raise DataError(
                    f"recording '{recording.id}': '{self.text}' needs whole numbers of 16 bits (got {known[:3]})"
                )
            width = self.bits[1] - self.bits[0] + 1
            words = np.where(seen, values, 0).astype(np.int64) >> self.bits[0] & ((1 << width) - 1)
            values = np.where(seen, words, np.nan)
        if self.level is not None:
            level, above = self.level
            values = np.where(seen, (values > level) if above else (values < level), np.nan)
        return values


@dataclass(frozen=True)
class Steps:
    """Steps of a machine: a state, the flags at the time, and the state that followed.

    Attributes:
        state: [M, 2] int64, before and after, as places in ``values``.
        flags: [M, 2, P] 0 or 1.
        values: of the state channel, in order.
        num_left_out: steps beside a gap.
    """

    state: np.ndarray
    flags: np.ndarray
    values: tuple[int, ...]
    num_left_out: int


def steps_of(recordings: Sequence[Recording], state: Discrete, flags: Sequence[Discrete]) -> Steps:
    """The steps of all recordings, from sample to sample of the state's channel.

    Raises:
        DataError: a state that is no whole number, flags that are neither 0 nor 1, or fewer than two states.
        UnknownNameError: a recording lacks a channel.
    """
    pairs_of_state: list[np.ndarray] = []
    pairs_of_flags: list[np.ndarray] = []
    left_out = 0
    for recording in recordings:
        time_s = recording.stream(state.name).times()
        now = state.at(recording, time_s)
        told = np.stack([flag.at(recording, time_s) for flag in flags], axis=1)
        _check(recording.id, state, now, flags, told)
        known = np.isfinite(now) & np.isfinite(told).all(1)
        both = known[:-1] & known[1:]
        left_out += int((~both).sum())
        pairs_of_state.append(np.stack([now[:-1], now[1:]], axis=1)[both])
        pairs_of_flags.append(np.stack([told[:-1], told[1:]], axis=1)[both])
    states = np.concatenate(pairs_of_state)
    values = tuple(int(value) for value in np.unique(states))
    if len(values) < 2:
        raise DataError(f"rules.state: '{state.text}' must take two values or more (got {list(values)})")
    return Steps(np.searchsorted(values, states), np.concatenate(pairs_of_flags), values, left_out)


def _check(place: str, state: Discrete, now: np.ndarray, flags: Sequence[Discrete], told: np.ndarray) -> None:
    known = now[np.isfinite(now)]
    if (known != np.floor(known)).any():
        raise DataError(
            f"recording '{place}': state '{state.text}' must be whole numbers; give a level (got {known[:3]})"
        )
    for flag, column in zip(flags, told.T, strict=True):
        other = np.setdiff1d(column[np.isfinite(column)], [0, 1])
        if len(other):
            raise DataError(
                f"recording '{place}': flag '{flag.text}' must be 0 or 1; name a bit or a level (got {other[:3]})"
            )
