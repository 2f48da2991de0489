"""The text form of `WordsFound`: one line per channel and per pair, so that a person can read it and compare two."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sensorgraph.errors import FileFormatError
from sensorgraph.typing import ChannelType

if TYPE_CHECKING:
    from sensorgraph.words.found import WordsFound

FORMAT = "sensorgraph words"
VERSION = 1

_TYPES = ("one word", "two word", "complex bits")


@dataclass(frozen=True)
class PlainFound:
    """The entries of `WordsFound` as plain lists."""

    channel_type: list[int]
    type_probability: list[list[float]]
    pairs: list[list[Any]]
    overflow: list[list[int]]
    word_overflow: list[list[int]]
    live_bits: list[int]
    flag_bits: list[int]
    fields: list[list[list[Any]]]
    abstentions: list[list[Any]]


def to_text(found: WordsFound) -> str:
    """The text of a record."""
    reasons: dict[int, list[str]] = {}
    for channel, reason in found.abstentions:
        reasons.setdefault(channel, []).append(reason)
    channels = [
        {
            "channel": number,
            "type": _TYPES[kind],
            "type_probability": found.type_probability[number].tolist(),
            "live_bits": f"{int(found.live_bits[number]):016b}",
            "flag_bits": f"{int(found.flag_bits[number]):016b}",
            "fields": [list(field) for field in found.fields[number]],
            "cannot_tell": reasons.get(number, []),
            "rollovers": found.word_overflow[number].tolist(),
        }
        for number, kind in enumerate(found.channel_type.tolist())
    ]
    pairs = [
        {**pair._asdict(), "rollovers": samples.tolist()}
        for pair, samples in zip(found.pairs, found.overflow, strict=True)
    ]
    head = f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n'
    return f'{head}  "channels": {_lines(channels)},\n  "pairs": {_lines(pairs)}\n}}\n'


def _lines(rows: list[dict[str, Any]]) -> str:
    return "[" + ",".join(f"\n    {json.dumps(row)}" for row in rows) + ("\n  ]" if rows else "]")


def from_text(text: str) -> PlainFound:
    """The entries of a text.

    Raises:
        FileFormatError: it is no such text, or of a newer version.
    """
    try:
        plain = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileFormatError(f"words: not JSON; was the file cut off? ({error})") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise FileFormatError(f'words: no interface description; its first entry must be "format": "{FORMAT}"')
    if plain.get("version") != VERSION:
        raise FileFormatError(
            f"words: made by a newer sensorgraph; install that one (version {plain.get('version')}, known {VERSION})"
        )
    try:
        return _entries(plain["channels"], plain["pairs"])
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"words: an entry is missing or wrong; write the file anew ({error!r})") from error


def _entries(channels: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> PlainFound:
    return PlainFound(
        channel_type=[_TYPES.index(row["type"]) for row in channels],
        type_probability=[_row(row["type_probability"]) for row in channels],
        pairs=[[row[name] for name in ("msb", "lsb", "probability", "lag_samples", "encoding")] for row in pairs],
        overflow=[row["rollovers"] for row in pairs],
        word_overflow=[row["rollovers"] for row in channels],
        live_bits=[int(row["live_bits"], 2) for row in channels],
        flag_bits=[int(row["flag_bits"], 2) for row in channels],
        fields=[row["fields"] for row in channels],
        abstentions=[[row["channel"], reason] for row in channels for reason in row["cannot_tell"]],
    )


def _row(probability: list[float]) -> list[float]:
    if len(probability) != len(ChannelType):
        raise ValueError(f"type_probability must have {len(ChannelType)} entries")
    return [float(part) for part in probability]
