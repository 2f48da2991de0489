"""Do labels and links point at something?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import numpy as np

from sensorgraph.scenes.finding import Finding
from sensorgraph.scenes.labels import Anomaly, AnomalyCategory, ChannelLabel, Pair
from sensorgraph.scenes.scene import Recording, Scene
from sensorgraph.scenes.stream import Sensor
from sensorgraph.typing import MODALITIES

_OUTSIDE_S = 1e-6


def findings_in_labels(owner: Scene | Recording, place: str) -> Iterator[Finding]:
    """Everything about the labels of a scene or recording."""
    for name, channel in owner.labels.channels.items():
        yield from _in_channel(name, channel, owner, f"{place}, channel label '{name}'")
    for pair in owner.labels.pairs:
        yield from _in_pair(pair, owner, f"{place}, pair '{pair.msb}'-'{pair.lsb}'")
    for number, anomaly in enumerate(owner.labels.anomalies):
        yield from _in_anomaly(anomaly, owner, f"{place}, anomaly {number} '{anomaly.kind}'")


def findings_in_links(
    links: tuple[tuple[str, str], ...], owner: Scene | Recording, place: str, what: str
) -> Iterator[Finding]:
    """Everything about links between streams."""
    known = {stream.id for stream in owner.streams}
    for link in links:
        if len(link) != 2 or link[0] == link[1]:
            yield Finding.error(place, f"a {what} joins two streams", "remove it", link)
        else:
            yield from _unknown(link, known, f"{place}, {what} '{link[0]}'-'{link[1]}'")


def _unknown(names: tuple[str, ...], known: set[str], place: str) -> Iterator[Finding]:
    for name in dict.fromkeys(names):
        if name not in known:
            yield Finding.error(place, "names a stream that is not there", "correct or remove it", f"'{name}'")


def _in_channel(name: str, label: ChannelLabel, owner: Scene | Recording, place: str) -> Iterator[Finding]:
    stream = next((stream for stream in owner.streams if stream.id == name), None)
    if stream is None:
        yield from _unknown((name,), set(), place)
    elif not (isinstance(stream, Sensor) and stream.is_word):
        yield Finding.error(place, "labels a stream that holds no 16-bit words", "remove it", stream.modality)
    for what, bits in (("used_bits", label.used_bits), ("flag_bits", label.flag_bits)):
        if not 0 <= bits <= 0xFFFF:
            yield Finding.error(place, f"{what} must be a mask of 16 bits", "correct it", bits)
    for first, last, kind in label.fields:
        if not 0 <= first <= last <= 15:
            yield Finding.error(place, f"field '{kind}' must lie in bits 0 to 15", "correct it", f"{first} to {last}")


def _in_pair(pair: Pair, owner: Scene | Recording, place: str) -> Iterator[Finding]:
    if pair.msb == pair.lsb:
        yield Finding.error(place, "msb and lsb must differ", "correct it", f"'{pair.msb}'")
    yield from _unknown((pair.msb, pair.lsb), {stream.id for stream in owner.streams}, place)
    for stream in owner.streams:
        if stream.id in (pair.msb, pair.lsb) and not (isinstance(stream, Sensor) and stream.is_word):
            yield Finding.error(place, f"'{stream.id}' must hold 16-bit words", "remove the pair", stream.modality)
    time_s = np.asarray(pair.overflow_s)
    outside = ~((time_s >= -_OUTSIDE_S) & (time_s <= owner.duration_s + _OUTSIDE_S))
    if outside.any():
        yield Finding.error(
            place,
            f"overflow_s must lie within 0 to {owner.duration_s:g} s",
            "cut the labels",
            f"{time_s[outside][0]} s",
        )


def _in_anomaly(anomaly: Anomaly, owner: Scene | Recording, place: str) -> Iterator[Finding]:
    if not -_OUTSIDE_S <= anomaly.start_s <= anomaly.end_s <= owner.duration_s + _OUTSIDE_S:
        yield Finding.error(
            place,
            f"must lie within 0 to {owner.duration_s:g} s and end after its start",
            "cut the labels with the data",
            f"{anomaly.start_s:g} to {anomaly.end_s:g} s",
        )
    if not 0 <= anomaly.severity <= 1:
        yield Finding.error(place, "severity must lie within 0 and 1", "scale it", anomaly.severity)
    if anomaly.category not in get_args(AnomalyCategory):
        yield Finding.error(
            place,
            f"category must be one of {', '.join(get_args(AnomalyCategory))}",
            "correct it",
            f"'{anomaly.category}'",
        )
    for modality in anomaly.detectable_by:
        if modality not in MODALITIES:
            yield Finding.error(
                place, f"detectable_by must name {', '.join(MODALITIES)}", "correct it", f"'{modality}'"
            )
    known = {stream.id for stream in owner.streams}
    named = dict.fromkeys((*anomaly.root_cause, *anomaly.affected))
    absent = tuple(name for name in named if name not in known)
    if isinstance(owner, Scene) or anomaly.category == "missing":
        # A slice may lack a stream of its recording, and a missing stream is what such an anomaly is about.
        if absent:
            yield Finding.note(place, f"names streams that are absent here: {', '.join(absent)}")
    else:
        yield from _unknown(absent, known, place)
