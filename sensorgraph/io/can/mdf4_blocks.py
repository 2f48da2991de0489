"""The blocks of an MDF 4 file: does the file hold all that it speaks of?"""

from __future__ import annotations

import struct
from pathlib import Path

from sensorgraph.errors import FileFormatError

_FIRST_BLOCK = 64
_HEADER = struct.Struct("<4sIQQ")


def check_blocks(content: bytes, path: str | Path) -> None:
    """Refuse a file that breaks off.

    A file is a tree of blocks, each with its length and links to others. Frames may be written before what describes
    them, so that half a file is seldom of use.

    Args:
        content: of the file.
        path: for the message.

    Raises:
        FileFormatError: a block reaches beyond the end, or lies behind it; names the byte.
    """
    seen = {0}
    waiting = [_FIRST_BLOCK]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        if place + _HEADER.size > len(content):
            _refuse(path, len(content), f"a block should begin at byte {place}")
        mark, _, length, num_links = _HEADER.unpack_from(content, place)
        if not mark.startswith(b"##"):
            raise FileFormatError(f"{path}: no block of MDF 4 at byte {place}; copy the file again (got {mark!r})")
        if place + length > len(content):
            name = mark[2:].decode("ascii", errors="replace")
            _refuse(path, len(content), f"block {name} at byte {place} should reach to byte {place + length}")
        waiting += struct.unpack_from(f"<{num_links}Q", content, place + _HEADER.size)


def _refuse(path: str | Path, num_bytes: int, why: str) -> None:
    raise FileFormatError(f"{path}: breaks off after byte {num_bytes}, {why}; copy or download it again")
