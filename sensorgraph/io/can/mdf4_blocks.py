"""The blocks of an MDF 4 file: does the file hold all that it speaks of, and can what is there be read?"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from sensorgraph.errors import FileFormatError

_FIRST_BLOCK = 64
_HEADER = struct.Struct("<4sIQQ")
_RECORDS = (b"##DT", b"##SD")
"""Blocks of plain records; of any other, a part is of no use."""


@dataclass(frozen=True)
class MdfContent:
    """The bytes of a file in which every link leads somewhere.

    Attributes:
        content: the file, with 0 in place of what is missing.
        note: where the file breaks off; None for a whole one.
    """

    content: bytes
    note: str | None


def whole_blocks(content: bytes, path: str | Path) -> MdfContent:
    """The file, mended if it breaks off within its records.

    A file is a tree of blocks, each with its length and links to others. Where records end too soon they are filled up
    with 0, and links to blocks behind the end are cut. Records may be written before what describes them; then nothing
    can be saved.

    Args:
        content: of the file.
        path: for messages.

    Raises:
        FileFormatError: the file breaks off within what describes it; names the byte.
    """
    if content[8:9] in (b"2", b"3"):
        raise FileFormatError(
            f"{path}: is of MDF version {content[8:12].decode('ascii', errors='replace')}; "
            "convert it to 4.10 (asammdf does) and read that"
        )
    seen = {0}
    waiting = [(0, _FIRST_BLOCK)]
    cut_links: list[int] = []
    end = len(content)
    why = ""
    while waiting:
        link, place = waiting.pop()
        if place in seen:
            continue
        if place + _HEADER.size > len(content):
            why = f"a block should begin at byte {place}"
            if place == _FIRST_BLOCK:
                _refuse(path, content, why)
            cut_links.append(link)
            continue
        seen.add(place)
        mark, _, length, num_links = _HEADER.unpack_from(content, place)
        if not mark.startswith(b"##"):
            raise FileFormatError(f"{path}: no block of MDF 4 at byte {place}; copy the file again (got {mark!r})")
        if place + length > len(content):
            name = mark[2:].decode("ascii", errors="replace")
            why = f"block {name} at byte {place} should reach to byte {place + length}"
            if mark not in _RECORDS:
                _refuse(path, content, why)
            end = max(end, place + length)
            continue
        first = place + _HEADER.size
        targets = struct.unpack_from(f"<{num_links}Q", content, first)
        waiting += [(first + 8 * number, target) for number, target in enumerate(targets)]
    if not why:
        return MdfContent(content, None)
    mended = bytearray(content) + bytes(end - len(content))
    for link in cut_links:
        mended[link : link + 8] = bytes(8)
    return MdfContent(bytes(mended), f"it breaks off after byte {len(content)}, {why}")


def _refuse(path: str | Path, content: bytes, why: str) -> None:
    raise FileFormatError(
        f"{path}: breaks off after byte {len(content)}, {why}; without it nothing can be read: copy the file again"
    )
