"""Is one stream usable?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sensorgraph.scenes.clock import Clock
from sensorgraph.scenes.finding import Finding
from sensorgraph.scenes.stream import Audio, Image, Sensor, Stream, Text, Video

_OUTSIDE_S = 1e-6
"""Clocks of a day in float64 seconds are exact to about 1e-11 s; a microsecond early is still on time."""


def findings_in_stream(
    stream: Stream,
    place: str,
    duration_s: float,
    clock: Clock | None,
    known_rates_hz: Sequence[tuple[float, float]] | None,
) -> Iterator[Finding]:
    """Everything about one stream; arguments as `findings_of` has them."""
    if not stream.id:
        yield Finding.error(place, "needs an id", "name it", "''")
    if isinstance(stream, Sensor | Audio):
        yield from _findings_in_rate(stream, place, known_rates_hz)
    shape_findings = list(_findings_in_shape(stream, place))
    yield from shape_findings
    if shape_findings:
        return  # nothing that follows could be trusted
    if stream.num_samples == 0:
        yield Finding.error(place, "has no samples", "leave the stream out: absent is not zero", 0)
        return
    yield from _findings_in_times(stream, place, duration_s)
    if isinstance(stream, Sensor | Audio):
        yield from _findings_in_values(stream, place)
        yield from _findings_in_length(stream, place, clock)


def _findings_in_rate(
    stream: Sensor | Audio, place: str, known_rates_hz: Sequence[tuple[float, float]] | None
) -> Iterator[Finding]:
    rate_hz = stream.rate_hz
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        yield Finding.error(place, "rate_hz must be positive and finite", "correct it where it is read", rate_hz)
    elif isinstance(stream, Sensor) and known_rates_hz is not None and not _is_within(rate_hz, known_rates_hz):
        ranges = ", ".join(f"{lowest:g} to {highest:g} Hz" for lowest, highest in known_rates_hz)
        yield Finding.error(place, "no encoder covers its rate", f"add one; covered: {ranges}", f"{rate_hz:g} Hz")
    if not np.isfinite(stream.start_s):
        yield Finding.error(place, "start_s must be finite", "correct it where it is read", stream.start_s)


def _is_within(rate_hz: float, ranges_hz: Sequence[tuple[float, float]]) -> bool:
    return any(lowest <= rate_hz <= highest for lowest, highest in ranges_hz)


def _findings_in_shape(stream: Stream, place: str) -> Iterator[Finding]:
    if isinstance(stream, Text):
        if not all(isinstance(line, str) for line in stream.lines):
            found = sorted({type(line).__name__ for line in stream.lines})
            yield Finding.error(place, "lines must be text", "decode them", ", ".join(found))
        yield from _findings_in_companion(stream.time_s, "time_s", np.float64, len(stream.lines), place)
        return
    samples: np.ndarray
    types: tuple[type[np.generic], ...]
    if isinstance(stream, Image | Video):
        samples, name, types, num_axes = stream.frames, "frames", (np.uint8,), 4
    else:
        types = (np.float32,) if isinstance(stream, Audio) else (np.uint16, np.float32)
        samples, name, num_axes = stream.values, "values", 1
    wanted = " or ".join(np.dtype(kind).name for kind in types)
    if not hasattr(samples, "dtype") or not hasattr(samples, "shape"):
        yield Finding.error(place, f"{name} must be an array of {wanted}", "convert it", type(samples).__name__)
        return
    if samples.dtype not in types:
        yield Finding.error(place, f"{name} must be {wanted}", "convert it", samples.dtype)
    if len(samples.shape) != num_axes:
        yield Finding.error(place, f"{name} must have {num_axes} axes", "reshape it", f"shape {samples.shape}")
        return
    if num_axes == 4 and (samples.shape[3] not in (1, 3) or 0 in samples.shape[1:]):
        yield Finding.error(place, "frames must be [T, H, W, 1 or 3]", "reorder the axes", f"shape {samples.shape}")
    if isinstance(stream, Image | Video) or (isinstance(stream, Sensor) and stream.time_s is not None):
        yield from _findings_in_companion(stream.time_s, "time_s", np.float64, len(samples), place)
    if isinstance(stream, Sensor) and stream.valid is not None:
        yield from _findings_in_companion(stream.valid, "valid", np.bool_, len(samples), place)


def _findings_in_companion(
    array: np.ndarray | None, name: str, kind: type[np.generic], num_samples: int, place: str
) -> Iterator[Finding]:
    if not isinstance(array, np.ndarray) or array.dtype != kind:
        got = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        yield Finding.error(place, f"{name} must be an array of {np.dtype(kind).name}", "convert it", got)
    elif array.shape != (num_samples,):
        yield Finding.error(
            place, f"{name} must have one entry per sample, {num_samples}", "read both anew", f"shape {array.shape}"
        )


def _findings_in_times(stream: Stream, place: str, duration_s: float) -> Iterator[Finding]:
    if isinstance(stream, Sensor | Audio) and not (np.isfinite(stream.rate_hz) and stream.rate_hz > 0):
        return  # said already
    time_s = stream.times()
    if not np.isfinite(time_s).all():
        first = int(np.argmin(np.isfinite(time_s)))
        yield Finding.error(place, f"time stamp {first} is not a number", "remove the sample", time_s[first])
        return
    steps_s = np.diff(time_s)
    # Several log lines at one instant are how logs are; two samples of one sensor at one instant are not.
    wrong = steps_s < 0 if isinstance(stream, Text) else steps_s <= 0
    if wrong.any():
        first = int(np.argmax(wrong)) + 1
        what = "goes backwards" if (steps_s < 0).any() else "repeats"
        yield Finding.error(
            place,
            f"time {what}, {int(wrong.sum())} times, first at sample {first}",
            "sort the samples, or remove repeated ones",
            f"{time_s[first - 1]:g} s, then {time_s[first]:g} s",
        )
    outside = (time_s < -_OUTSIDE_S) | (time_s > duration_s + _OUTSIDE_S)
    if outside.all():
        yield Finding.error(
            place, f"all samples lie outside 0 to {duration_s:g} s", "correct its clock", f"from {time_s.min():g} s on"
        )
    elif outside.any():
        yield Finding.note(place, f"{int(outside.sum())} samples lie outside 0 to {duration_s:g} s and are not used")


def _findings_in_values(stream: Sensor | Audio, place: str) -> Iterator[Finding]:
    values = np.asarray(stream.values)
    valid = np.ones(len(values), bool) if isinstance(stream, Audio) or stream.valid is None else stream.valid
    if values.dtype == np.float32:
        infinite = np.isinf(values) & valid
        if infinite.any():
            yield Finding.error(
                place,
                f"{int(infinite.sum())} samples are infinite, first sample {int(np.argmax(infinite))}",
                "replace them with NaN where they stand for a gap",
                values[infinite][0],
            )
        valid = valid & ~np.isnan(values)
    num_missing = len(values) - int(valid.sum())
    if num_missing == len(values):
        yield Finding.error(place, "every sample is missing", "leave the stream out: absent is not zero", num_missing)
        return
    if num_missing:
        yield Finding.note(place, f"{100 * num_missing / len(values):.3g} % of its samples are missing")
    known = values[valid]
    if known.min() == known.max() and len(known) > 1:
        yield Finding.note(place, f"is constant (got {known[0]})")


def _findings_in_length(stream: Sensor | Audio, place: str, clock: Clock | None) -> Iterator[Finding]:
    if clock is None or not (np.isfinite(stream.rate_hz) and stream.rate_hz > 0):
        return
    time_s = stream.times()
    length_s = time_s[-1] - time_s[0] + 1 / stream.rate_hz
    if length_s < clock.bin_s - _OUTSIDE_S:
        yield Finding.error(
            place, f"must be at least one bin long, {clock.bin_s:g} s", "leave it out", f"{length_s:g} s"
        )
