"""The file ``words.json``: the record of `sensorgraph.read_words`, with names, so that a person can use it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sensorgraph.scenes import Recording, Sensor
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.words import WordsFound

_ORIGIN = ("frame_id", "message", "byte_order", "topic")
"""What a reader notes about a channel that helps to find it again in the log."""


def write_words(path: Path, source: str, recording: Recording, sensors: Sequence[Sensor], found: WordsFound) -> None:
    """Write what was found; `WordsFound.from_json` reads it again.

    Args:
        path: of the file.
        source: the file that was read.
        recording: which it holds.
        sensors: [N] its channels of words.
        found: what they are.

    Raises:
        OSError: it cannot be written; an old file stays as it was.
    """
    plain = json.loads(found.to_json())
    for row, sensor in zip(plain["channels"], sensors, strict=True):
        facts = {"id": sensor.id, "rate_hz": round(sensor.rate_hz, 6), "num_samples": sensor.num_samples}
        origin = {name: sensor.meta[name] for name in _ORIGIN if name in sensor.meta}
        row.update({**facts, **origin})
    for row in plain["pairs"]:
        row.update(msb_id=sensors[row["msb"]].id, lsb_id=sensors[row["lsb"]].id)
    head = {name: value for name, value in plain.items() if name not in ("channels", "pairs")}
    parts = {**head, "source": source, "recording": recording.id, "duration_s": recording.duration_s}
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in parts.items()]
    lines += [f"  {json.dumps(name)}: {_one_a_line(plain[name])}" for name in ("channels", "pairs")]
    write_atomically(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def _one_a_line(rows: list[dict[str, Any]]) -> str:
    return "[" + ",".join(f"\n    {json.dumps(row)}" for row in rows) + ("\n  ]" if rows else "]")
