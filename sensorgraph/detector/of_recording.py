"""Recordings as telemetry: every sensor on its own clock, rows at the instants of the one with the most samples."""

from __future__ import annotations

import warnings

import numpy as np

from sensorgraph.detector.of_media import channels_of
from sensorgraph.detector.telemetry import Group, Telemetry
from sensorgraph.errors import DataError, DataWarning
from sensorgraph.scenes import Audio, Image, Recording, Sensor, Text, Video


def of_recording(recording: Recording, place: str) -> Telemetry:
    """The sensors of a recording, and a few numbers of every microphone and camera; text is left out with a warning.

    Rows are those of the sensor with the most samples; of a recording without sensors, of the fastest other stream.

    Raises:
        DataError: no stream has a sample, or time stamps go backwards.
    """
    measured = [stream for stream in recording.streams if isinstance(stream, Sensor)]
    media = [stream for stream in recording.streams if isinstance(stream, Audio | Image | Video)]
    others = [stream.id for stream in recording.streams if isinstance(stream, Text)]
    if others:
        warnings.warn(f"{place}: text is not looked at; left out {', '.join(others)}", DataWarning, stacklevel=3)
    sensors = [*measured, *(channel for stream in media for channel in channels_of(stream))]
    filled = [sensor for sensor in sensors if sensor.num_samples]
    if not filled:
        raise DataError(f"{place}: recording '{recording.id}' has no sensor, microphone or camera with samples")
    for sensor in filled:
        if sensor.time_s is not None and (np.diff(sensor.time_s) <= 0).any():
            raise DataError(f"{place}: time stamps of '{sensor.id}' must ascend; sort them and keep one of each")
    clocks = [sensor for sensor in measured if sensor.num_samples] or filled
    fastest = max(clocks, key=lambda sensor: (sensor.num_samples, sensor.rate_hz))
    row_times_s = fastest.times()
    by_clock: dict[tuple[float, int, float, float], list[int]] = {}
    for number, sensor in enumerate(sensors):
        if sensor.num_samples:
            times_s = sensor.times()
            # Streams of one table share their time stamps; a sum tells different ones apart well enough to look closer.
            key = (sensor.rate_hz, sensor.num_samples, float(times_s[0]), float(times_s.sum()))
            by_clock.setdefault(key, []).append(number)
    groups = [
        _group([sensors[number] for number in numbers], np.array(numbers), row_times_s, place)
        for numbers in by_clock.values()
    ]
    return Telemetry(tuple(sensor.id for sensor in sensors), row_times_s, 1.0 / fastest.rate_hz, tuple(groups))


def _group(sensors: list[Sensor], channels: np.ndarray, row_times_s: np.ndarray, place: str) -> Group:
    values = np.stack([_values_of(sensor, place) for sensor in sensors], axis=1)
    times_s, rate_hz = sensors[0].times(), sensors[0].rate_hz
    period_s = 1.0 / rate_hz
    # A sample is known from the first row on that is not before it; what follows the last row belongs to that.
    slack_s = 1e-6 * period_s
    rows = np.minimum(np.searchsorted(row_times_s, times_s - slack_s), len(row_times_s) - 1)
    if (np.diff(rows) == 0).any():
        # Several samples between two rows (of a microphone) are one row's: their mean. What came in a gap of the
        # fastest sensor is older than rows are apart, and not what holds now.
        kept, inverse = np.unique(rows, return_inverse=True)
        age_s = times_s[np.append(np.flatnonzero(np.diff(rows)), len(rows) - 1)][inverse] - times_s
        row_step_s = float(np.median(np.diff(row_times_s))) if len(row_times_s) > 1 else np.inf
        recent = age_s <= max(row_step_s, period_s) * (1.0 - 1e-6)
        known = ~np.isnan(values) & recent[:, None]
        count, total = np.zeros((len(kept), len(sensors))), np.zeros((len(kept), len(sensors)))
        np.add.at(count, inverse, known)
        np.add.at(total, inverse, np.where(known, values, 0.0))
        values = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        last = np.append(np.flatnonzero(np.diff(rows)), len(rows) - 1)
        times_s, rows = times_s[last], kept
        period_s = max(period_s, float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0)
    return Group(channels, times_s, rows, values, period_s)


def _values_of(sensor: Sensor, place: str) -> np.ndarray:
    values = sensor.values.astype(np.float64)
    infinite = np.isinf(values)
    if infinite.any():
        warnings.warn(
            f"{place}: {int(infinite.sum())} infinite values of '{sensor.id}' are taken as missing",
            DataWarning,
            stacklevel=4,
        )
    return np.where(sensor.validity() & ~infinite, values, np.nan)
