"""Writing that either happens whole or not at all.

Everything is first written under a temporary name beside the target (same file system, so that a rename is one
step), flushed to the disk, and only then given its name. Whoever is killed, or finds the disk full, while writing
leaves the old content untouched; what a killed writer leaves behind is one hidden ``.NAME.writing-*`` entry.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path


def write_atomically(path: str | Path, data: bytes) -> None:
    """Replace the content of a file in one step.

    Args:
        path: the file; its folder must exist. A symbolic link is followed, not replaced.
        data: the whole new content (text: ``text.encode()``).

    Raises:
        OSError: the disk is full, the folder is missing or closed; the old file is as it was.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "state.json"
        >>> write_atomically(target, b'{"step": 1}')
        >>> target.read_bytes()
        b'{"step": 1}'
    """
    with atomic_file(path) as temporary, open(temporary, "xb") as file:
        file.write(data)


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """A temporary name that becomes ``path`` when the block ends without an error; the block makes the file.

    For writers that need a name instead of bytes; see `write_atomically`.

    Raises:
        OSError: the disk is full, the folder is missing or closed; the old file is as it was.
    """
    path = _real(path)
    temporary = _beside(path)
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _flush(path.parent)


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """An empty temporary folder that takes the name ``path`` when the block ends without an error.

    No file system call of every platform replaces a filled folder, so an old one is renamed to ``.NAME.old`` first
    and removed last. A kill between the two renames leaves the old one under that name: `settled_folder` finds it for
    readers, and the next writer puts it back before it begins.

    Args:
        path: the folder to make or replace; missing parents are made.

    Raises:
        OSError: the disk is full, a parent is closed, or ``path`` is a file; the old folder is as it was.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "scene"
        >>> with atomic_folder(target) as folder:
        ...     _ = (folder / "part").write_text("new")
        >>> [part.name for part in target.iterdir()]
        ['part']
    """
    path = _real(path)
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(
            f"{path}: is a file; a folder is to be written here, remove the file or choose another name"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    old = _aside(path)
    if old.is_dir():
        if path.is_dir():
            shutil.rmtree(old)
        else:
            os.rename(old, path)
    temporary = _beside(path)
    temporary.mkdir()
    try:
        yield temporary
        _flush_tree(temporary)
        if path.is_dir():
            os.rename(path, old)
        try:
            os.rename(temporary, path)
        except BaseException:
            if old.is_dir() and not path.exists():
                os.rename(old, path)
            raise
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _flush(path.parent)
    shutil.rmtree(old, ignore_errors=True)


def settled_folder(path: str | Path) -> Path:
    """Where the folder ``path`` is to be read: itself, or the old one that an interrupted replacement set aside."""
    path = _real(path)
    old = _aside(path)
    return old if old.is_dir() and not path.exists() else path


def _real(path: str | Path) -> Path:
    return Path(os.path.realpath(path))


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.writing-{secrets.token_hex(4)}")


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def _flush_tree(folder: Path) -> None:
    paths = [Path(place, name) for place, _, names in os.walk(folder) for name in (*names, "")]
    # The disk writes what several threads wait for in one go.
    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(_flush, paths))


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
