"""Labels of a scene as tensors. Heads and figures look at them; no input of the model does."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sensorgraph.scenes import Anomaly, Clock, Scene, Sensor

UNKNOWN = -1


def bins_of(anomaly: Anomaly, clock: Clock) -> slice:
    """The bins that an anomaly touches, at least one.

    Example:
        >>> bins_of(Anomaly("leak", "system", start_s=1.2, end_s=2.0), Clock(duration_s=4.0, num_bins=8))
        slice(2, 4, None)
    """
    first = int(np.floor(anomaly.start_s / clock.bin_s + 1e-9))
    last = int(np.ceil(anomaly.end_s / clock.bin_s - 1e-9))
    return slice(max(first, 0), min(max(last, first + 1), clock.num_bins))


def stream_truth(scene: Scene, modality: str, clock: Clock) -> dict[str, Tensor]:
    """Which streams of a modality are the cause of an anomaly, and which are affected, per bin.

    Shapes: ``cause`` and ``affected`` [N, L] bool.
    """
    streams = scene.of_modality(modality)
    row = {stream.id: number for number, stream in enumerate(streams)}
    cause = torch.zeros(len(streams), clock.num_bins, dtype=torch.bool)
    affected = torch.zeros_like(cause)
    for anomaly in scene.labels.anomalies:
        for stream_id in anomaly.root_cause:
            if stream_id in row:
                cause[row[stream_id], bins_of(anomaly, clock)] = True
        for stream_id in (*anomaly.root_cause, *anomaly.affected):
            if stream_id in row:
                affected[row[stream_id], bins_of(anomaly, clock)] = True
    return {"cause": cause, "affected": affected}


def channel_truth(scene: Scene, sensors: list[Sensor]) -> dict[str, Tensor]:
    """Type and bits of every sensor.

    A bit is live when it belongs to a field and changes within this scene: what never moves cannot be read.

    Shapes: ``channel_type`` [N] int64 (-1 unknown), ``live_bits`` and ``flag_bits`` [N, 16] float32,
    ``bits_known`` [N] bool.
    """
    channel_type = torch.full((len(sensors),), UNKNOWN, dtype=torch.int64)
    live_bits = torch.zeros(len(sensors), 16)
    flag_bits = torch.zeros(len(sensors), 16)
    bits_known = torch.zeros(len(sensors), dtype=torch.bool)
    for row, sensor in enumerate(sensors):
        label = scene.labels.channels.get(sensor.id)
        if label is None or not sensor.is_word:
            continue
        channel_type[row] = int(label.type)
        bits_known[row] = True
        moved = moved_bits(sensor)
        live_bits[row] = bits_of(label.used_bits & moved)
        flag_bits[row] = bits_of(label.flag_bits & moved)
    return {"channel_type": channel_type, "live_bits": live_bits, "flag_bits": flag_bits, "bits_known": bits_known}


def pair_truth(scene: Scene, sensors: list[Sensor], link: np.ndarray, clock: Clock) -> dict[str, Tensor]:
    """Truth about candidate links ``link`` [E, 2] (first: supposed MSB, second: supposed LSB).

    Shapes: ``is_pair`` [E] int64 (1: the two are halves of one value, 0: they are not, -1: nobody knows),
    ``swapped`` [E] int64 (1: the second is the MSB, 0: the first is, -1: no pair),
    ``overflow`` [E, L] float32 (1: the low word rolls over in this bin).
    """
    number = {sensor.id: row for row, sensor in enumerate(sensors)}
    known = np.array([sensor.id in scene.labels.channels for sensor in sensors], bool)
    is_pair = np.full(len(link), UNKNOWN, np.int64)
    if len(link):
        is_pair[known[link].all(1)] = 0
    swapped = np.full(len(link), UNKNOWN, np.int64)
    overflow = np.zeros((len(link), clock.num_bins), np.float32)
    place = {(int(a), int(b)): edge for edge, (a, b) in enumerate(link)}
    for pair in scene.labels.pairs:
        if pair.msb not in number or pair.lsb not in number:
            continue  # a half that this scene lacks has no link
        msb, lsb = number[pair.msb], number[pair.lsb]
        for edge, is_swapped in ((place.get((msb, lsb)), 0), (place.get((lsb, msb)), 1)):
            if edge is None:
                continue
            is_pair[edge], swapped[edge] = 1, is_swapped
            bins = clock.bin_of(pair.overflow_s)
            overflow[edge, bins[bins >= 0]] = 1
    return {
        "is_pair": torch.from_numpy(is_pair),
        "swapped": torch.from_numpy(swapped),
        "overflow": torch.from_numpy(overflow),
    }


def moved_bits(sensor: Sensor) -> int:
    """Mask of the bits of a word channel that ever change in the scene."""
    words = sensor.values[sensor.validity()]
    return int(np.bitwise_or.reduce(words ^ words[0])) if len(words) else 0


def bits_of(mask: int) -> Tensor:
    """The 16 bits of a mask, bit 0 first: [16] float32."""
    return torch.tensor([(mask >> bit) & 1 for bit in range(16)], dtype=torch.float32)
