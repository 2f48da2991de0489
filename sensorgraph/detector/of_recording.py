"""Recordings as telemetry: every sensor on its own clock, rows at the instants of the one with the most samples."""

from __future__ import annotations

import warnings

import numpy as np

from sensorgraph.detector.telemetry import Group, Telemetry
from sensorgraph.errors import DataError, DataWarning
from sensorgraph.scenes import Recording, Sensor


def of_recording(recording: Recording, place: str) -> Telemetry:
    """The sensors of a recording; streams of other modalities are left out with a warning.

    Raises:
        DataError: no sensor has a sample, or time stamps go backwards.
    """
    sensors = [stream for stream in recording.streams if isinstance(stream, Sensor)]
    others = [stream.id for stream in recording.streams if not isinstance(stream, Sensor)]
    if others:
        warnings.warn(f"{place}: only sensors are looked at; left out {', '.join(others)}", DataWarning, stacklevel=3)
    filled = [sensor for sensor in sensors if sensor.num_samples]
    if not filled:
        raise DataError(f"{place}: recording '{recording.id}' has no sensor with samples")
    for sensor in filled:
        if sensor.time_s is not None and (np.diff(sensor.time_s) <= 0).any():
            raise DataError(f"{place}: time stamps of '{sensor.id}' must ascend; sort them and keep one of each")
    fastest = max(filled, key=lambda sensor: (sensor.num_samples, sensor.rate_hz))
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
    # A sample is known from the first row on that is not before it; what follows the last row belongs to that.
    slack_s = 1e-6 / rate_hz
    rows = np.minimum(np.searchsorted(row_times_s, times_s - slack_s), len(row_times_s) - 1)
    if (np.diff(rows) == 0).any():
        # Several samples between two rows (in a gap of the fastest sensor) are one row's: their mean.
        kept, inverse = np.unique(rows, return_inverse=True)
        known = ~np.isnan(values)
        count, total = np.zeros((len(kept), len(sensors))), np.zeros((len(kept), len(sensors)))
        np.add.at(count, inverse, known)
        np.add.at(total, inverse, np.where(known, values, 0.0))
        values = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        last = np.append(np.flatnonzero(np.diff(rows)), len(rows) - 1)
        times_s, rows = times_s[last], kept
    return Group(channels, times_s, rows, values, 1.0 / rate_hz)


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
