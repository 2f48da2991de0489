"""Payloads as channels of 16-bit words, each at the times at which it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sensorgraph.io.can.byte_order import ByteOrder, ByteOrderChoice, byte_order_of, carry_evidence
from sensorgraph.io.can.definitions import Message, Signal
from sensorgraph.io.can.frames import Frames, name_of_id
from sensorgraph.io.placed_fields import PlacedField
from sensorgraph.io.sample_times import rate_hz_of, rising_s
from sensorgraph.scenes import Sensor


@dataclass(frozen=True)
class BusWords:
    """Channels of a bus, and what is known about them."""

    sensors: tuple[Sensor, ...]
    fields: tuple[PlacedField, ...]


@dataclass(frozen=True)
class _Group:
    """The frames of one id on one bus, whole, in order of time."""

    name: str
    frames: Frames
    message: Message | None

    def evidence(self) -> float:
        """For big-endian words, where every frame is as long as the longest."""
        return carry_evidence(self.frames.data[self.frames.length == self.frames.length.max()])


def words_of_frames(
    frames: Frames, start_ns: int, duration_s: float, messages: Mapping[int, Message], byte_order: ByteOrderChoice
) -> BusWords:
    """Two bytes each, from the first on, of every frame id.

    A channel is called ``ID.bFIRST-LAST``, e.g. ``0D1.b2-3``, with the bus in front where there are several; a last odd
    byte is a word of its own, whose high byte is 0. A frame that ends before a word holds no sample of it; one that
    ends in the middle of it holds a sample that is not valid. Where a description says that bytes are multiplexed,
    each value of the selector makes channels of its own, ``0D1.m3.b2-3``.

    Args:
        frames: in order of time.
        start_ns: of the recording's clock.
        duration_s: of the recording.
        messages: frame id to what is known of it; may be empty.
        byte_order: of the words; ``auto`` takes that of the description, else asks the carries.
    """
    groups = _groups(frames, messages)
    evidence = [group.evidence() if byte_order == "auto" else 0.0 for group in groups]
    sensors: list[Sensor] = []
    fields: list[PlacedField] = []
    for group, own in zip(groups, evidence, strict=True):
        described = None if group.message is None else group.message.byte_order()
        order = byte_order if byte_order != "auto" else described or byte_order_of(own, sum(evidence))
        found = _words_of_group(group, order, start_ns, duration_s)
        sensors += found.sensors
        fields += found.fields
    return BusWords(tuple(sensors), tuple(fields))


def _groups(frames: Frames, messages: Mapping[int, Message]) -> list[_Group]:
    groups = []
    for bus, bus_name in enumerate(frames.buses):
        on_bus = np.flatnonzero(frames.bus == bus)
        ids = frames.frame_id[on_bus]
        for frame_id in np.unique(ids).tolist():
            name = name_of_id(frame_id)
            prefix = f"{bus_name}." if len(frames.buses) > 1 else ""
            groups.append(_Group(prefix + name, frames.take(on_bus[ids == frame_id]), messages.get(frame_id)))
    return groups


def _words_of_group(group: _Group, order: ByteOrder, start_ns: int, duration_s: float) -> BusWords:
    sensors: list[Sensor] = []
    placed: dict[str, dict[tuple[int, int], tuple[str, int]]] = {}
    signals: dict[str, dict[str, Signal]] = {}
    num_bytes = int(group.frames.length.max())
    for first in range(0, num_bytes, 2):
        used = range(first, min(first + 2, num_bytes))
        for case, rows, present in _cases(group, used):
            part = group.frames.take(rows)
            part = part.take(np.flatnonzero(part.length > first))
            if not len(part.length):
                continue
            name = f"{group.name}{case}.b{first}-{used[-1]}" if len(used) > 1 else f"{group.name}{case}.b{first}"
            sensors.append(_sensor(name, part, used, order, start_ns, duration_s, group.message))
            # The words of one case share their signals, so that what lies in two words is put together again below.
            where = placed.setdefault(case, {})
            for byte in used:
                above = (byte - first) if order == "little" else (used[-1] - byte)
                where.update({(byte, bit): (name, 8 * above + bit) for bit in range(8)})
            signals.setdefault(case, {}).update({signal.name: signal for signal in present})
    return BusWords(tuple(sensors), tuple(_fields(placed, signals)))


def _cases(group: _Group, used: range) -> list[tuple[str, np.ndarray, list[Signal]]]:
    """Name, frames and signals of each way in which these bytes are used."""
    everything = np.arange(len(group.frames.length))
    if group.message is None:
        return [("", everything, [])]
    selectors = group.message.selectors_of(used)
    by_name = {signal.name: signal for signal in group.message.signals}
    if not selectors:
        return [("", everything, group.message.present({}))]
    values = np.stack([by_name[name].raw(group.frames.data) for name in selectors], axis=1)
    for column, name in enumerate(selectors):
        outer = by_name[name]
        if outer.selector is not None and outer.selector in selectors:
            # A selector that is not sent itself selects nothing, whatever its bits happen to be.
            sent = np.isin(values[:, selectors.index(outer.selector)], list(outer.selected_by))
            values[~sent, column] = -1
    cases = []
    for row in np.unique(values, axis=0):
        chosen = dict(zip(selectors, row.tolist(), strict=True))
        case = ".m" + "_".join("-" if value < 0 else str(value) for value in chosen.values())
        cases.append((case, np.flatnonzero((values == row).all(axis=1)), group.message.present(chosen)))
    return cases


def _sensor(
    name: str,
    frames: Frames,
    used: range,
    order: ByteOrder,
    start_ns: int,
    duration_s: float,
    message: Message | None,
) -> Sensor:
    payload = frames.data[:, used.start : used.stop].astype(np.uint16)
    values = payload[:, 0]
    if len(used) == 2:
        high, low = (1, 0) if order == "little" else (0, 1)
        values = payload[:, high] * np.uint16(256) + payload[:, low]
    whole = frames.length > used[-1]
    time_s = rising_s(frames.time_ns, start_ns)
    meta: dict[str, Any] = {"frame_id": name_of_id(int(frames.frame_id[0])), "byte_order": order}
    if message is not None:
        meta["message"] = message.name
    return Sensor(
        name,
        rate_hz_of(time_s, duration_s),
        np.where(whole, values, 0).astype(np.uint16),
        time_s=time_s,
        valid=None if whole.all() else whole,
        meta=meta,
    )


def _fields(
    placed: Mapping[str, Mapping[tuple[int, int], tuple[str, int]]], signals: Mapping[str, Mapping[str, Signal]]
) -> list[PlacedField]:
    return [
        PlacedField(signal.name + case, bits, signal.encoding, signal.kind)
        for case, present in signals.items()
        for signal in present.values()
        if (bits := tuple(placed[case][place] for place in signal.bits if place in placed[case]))
    ]
