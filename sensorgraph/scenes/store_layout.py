"""Scenes and recordings as one document and named arrays: what every file format of ours stores.

The document says everything but the samples. Arrays are numbered by stream, because ids may hold any character:
``values/3``, ``frames/3``, ``time_s/3`` and ``valid/3`` belong to stream 3, ``lines/3`` and ``offsets/3`` are the
UTF-8 bytes of a text stream and where each line ends. Labels stand apart under ``labels``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes.labels import Anomaly, ChannelLabel, Labels, Pair
from sensorgraph.scenes.scene import Recording, Scene
from sensorgraph.scenes.store_json import Shelf, pack, unpack
from sensorgraph.scenes.stream import STREAMS, Stream, Text
from sensorgraph.typing import ChannelType

FORMAT = "sensorgraph"
SCHEMA_VERSION = 1

_OWNERS: dict[str, type[Recording] | type[Scene]] = {"recording": Recording, "scene": Scene}
_PLACED = ("streams", "labels")


@dataclass(frozen=True)
class Parts:
    """What a file holds.

    Attributes:
        document: JSON; arrays are referred to as ``{"$array": name}``.
        arrays: by name.
        stream_ids: name of an array to the id of the stream whose samples it holds; for people who look inside.
    """

    document: dict[str, Any]
    arrays: dict[str, np.ndarray]
    stream_ids: dict[str, str]


def to_parts(owner: Recording | Scene) -> Parts:
    """Take a scene or recording apart.

    Raises:
        DataError: something in a stream's ``meta`` cannot be stored; the message names stream and key.
    """
    shelf = Shelf()
    kind = "scene" if isinstance(owner, Scene) else "recording"
    document = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "kind": kind}
    for field in fields(owner):
        if field.name not in _PLACED:
            document[field.name] = pack(getattr(owner, field.name), shelf, field.name, f"{kind} '{owner.id}'")
    document["streams"] = [_pack_stream(stream, number, shelf) for number, stream in enumerate(owner.streams)]
    ids = {name: owner.streams[int(name.split("/")[1])].id for name in shelf.arrays}
    document["labels"] = _pack_labels(owner.labels, shelf)
    return Parts(document, shelf.arrays, ids)


def from_parts(document: Any, array_of: Callable[[str], np.ndarray], kind: str, place: str) -> Recording | Scene:
    """Put a scene or recording together again.

    Args:
        document: as `to_parts` made it, read from a file.
        array_of: finds an array by name.
        kind: ``"recording"`` or ``"scene"``, what the caller expects.
        place: the file, for errors.

    Raises:
        FileFormatError: the document is foreign, newer, of the other kind, or lacks something.
    """
    check_document(document, kind, place)
    owner = _OWNERS[kind]
    try:
        plain = {
            field.name: unpack(document[field.name], array_of) for field in fields(owner) if field.name not in _PLACED
        }
        streams = tuple(_unpack_stream(packed, array_of) for packed in document["streams"])
        return owner(**plain, streams=streams, labels=_unpack_labels(document["labels"], array_of))
    except FileFormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(
            f"{place}: its description is damaged; restore it from a copy (got {type(error).__name__}: {error})"
        ) from error


def check_document(document: Any, kind: str, place: str) -> None:
    """Is this a document that `from_parts` can read? Worth asking before its arrays are.

    Raises:
        FileFormatError: it is foreign, newer, or of the other kind.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileFormatError(f"{place}: not written by sensorgraph; use a reader of sensorgraph.io")
    version = document.get("schema_version")
    if not isinstance(version, int) or version < 1:
        raise FileFormatError(f"{place}: schema_version must be a whole number of at least 1 (got {version!r})")
    if version > SCHEMA_VERSION:
        raise FileFormatError(
            f"{place}: written with schema version {version}, and this sensorgraph reads up to {SCHEMA_VERSION}; "
            "update sensorgraph"
        )
    if document.get("kind") != kind:
        raise FileFormatError(f"{place}: holds no {kind}; read it as what it is (got kind {document.get('kind')!r})")


def names_of_arrays(document: Any) -> list[str]:
    """Names of all arrays that a document refers to."""
    if isinstance(document, dict):
        if "$array" in document:
            return [str(document["$array"])]
        return [name for part in document.values() for name in names_of_arrays(part)]
    return [name for part in document for name in names_of_arrays(part)] if isinstance(document, list) else []


def _pack_stream(stream: Stream, number: int, shelf: Shelf) -> dict[str, Any]:
    place = f"stream '{stream.id}'"
    packed: dict[str, Any] = {"modality": stream.modality}
    for field in fields(stream):
        value = getattr(stream, field.name)
        if isinstance(stream, Text) and field.name == "lines":
            encoded = [line.encode("utf-8", "surrogatepass") for line in stream.lines]
            ends = np.cumsum([len(line) for line in encoded], dtype=np.int64)
            packed["lines"] = shelf.put(f"lines/{number}", np.frombuffer(b"".join(encoded), np.uint8), place)
            packed["offsets"] = shelf.put(f"offsets/{number}", ends, place)
        elif field.name in ("values", "frames", "time_s", "valid") and value is not None:
            packed[field.name] = shelf.put(f"{field.name}/{number}", value, f"{place}, {field.name}")
        else:
            packed[field.name] = pack(value, shelf, f"{field.name}/{number}", place)
    return packed


def _unpack_stream(packed: dict[str, Any], array_of: Callable[[str], np.ndarray]) -> Stream:
    facts = {key: unpack(value, array_of) for key, value in packed.items() if key != "modality"}
    modality = packed["modality"]
    if modality not in STREAMS:
        raise FileFormatError(f"stream '{facts.get('id')}': unknown modality '{modality}'; known: {', '.join(STREAMS)}")
    if modality == "text":
        text, ends = facts["lines"].tobytes(), facts.pop("offsets").tolist()
        starts = [0, *ends[:-1]]
        facts["lines"] = tuple(
            text[first:last].decode("utf-8", "surrogatepass") for first, last in zip(starts, ends, strict=False)
        )
    return STREAMS[modality](**facts)


def _pack_labels(labels: Labels, shelf: Shelf) -> dict[str, Any]:
    def record(item: ChannelLabel | Pair | Anomaly) -> dict[str, Any]:
        return {f.name: pack(getattr(item, f.name), shelf, "labels", f"label {item}") for f in fields(item)}

    return {
        "channels": [[name, record(label)] for name, label in labels.channels.items()],
        "pairs": [record(pair) for pair in labels.pairs],
        "anomalies": [record(anomaly) for anomaly in labels.anomalies],
        "links": pack(labels.links, shelf, "labels", "label links"),
    }


def _unpack_labels(packed: dict[str, Any], array_of: Callable[[str], np.ndarray]) -> Labels:
    channels = {}
    for name, label in packed["channels"]:
        facts = unpack(label, array_of)
        channels[name] = ChannelLabel(**{**facts, "type": ChannelType(facts["type"])})
    return Labels(
        channels=channels,
        pairs=tuple(Pair(**unpack(pair, array_of)) for pair in packed["pairs"]),
        anomalies=tuple(Anomaly(**unpack(anomaly, array_of)) for anomaly in packed["anomalies"]),
        links=unpack(packed["links"], array_of),
    )
