"""Writing happens whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sensorgraph.scenes import atomic
from sensorgraph.scenes.atomic import atomic_folder, settled_folder, write_atomically


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _names(folder: Path) -> list[str]:
    return sorted(part.name for part in folder.iterdir())


def test_a_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_atomically(target, b"one")
    write_atomically(str(target), b"two")
    assert target.read_bytes() == b"two"
    assert _names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    target = tmp_path / "a.json"
    write_atomically(target, b"one")
    monkeypatch.setattr(atomic.os, step, _full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, b"two")
    assert target.read_bytes() == b"one"
    assert _names(tmp_path) == ["a.json"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "last").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "last", b"x")
    assert (tmp_path / "last").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_a_new_file_obeys_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        write_atomically(tmp_path / "a", b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def _fill(target: Path, text: str) -> None:
    with atomic_folder(target) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "part").write_text(text)


def test_a_folder_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "made" / "store"
    _fill(target, "one")
    (target / "only_in_the_old_one").touch()
    _fill(target, "two")
    assert (target / "deep" / "part").read_text() == "two"
    assert _names(target) == ["deep"]
    assert _names(target.parent) == ["store"]


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_full_disk_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    target = tmp_path / "store"
    _fill(target, "one")
    monkeypatch.setattr(atomic.os, step, _full)
    with pytest.raises(OSError, match="No space"):
        _fill(target, "two")
    assert (target / "deep" / "part").read_text() == "one"
    assert _names(tmp_path) == ["store"]


def _touch_and_stop(path: Path) -> None:
    path.touch()
    raise KeyboardInterrupt


def test_an_error_inside_the_block_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "store"
    _fill(target, "one")
    with pytest.raises(KeyboardInterrupt), atomic_folder(target) as folder:
        _touch_and_stop(folder / "half")
    assert _names(target) == ["deep"]
    assert _names(tmp_path) == ["store"]


def test_the_second_rename_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "store"
    _fill(target, "one")
    rename = os.rename

    def only_new_in_fails(source: Path, to: Path) -> None:
        if ".writing-" in Path(source).name:
            _full()
        rename(source, to)

    monkeypatch.setattr(atomic.os, "rename", only_new_in_fails)
    with pytest.raises(OSError, match="No space"):
        _fill(target, "two")
    assert (target / "deep" / "part").read_text() == "one"
    assert _names(tmp_path) == ["store"]


def test_a_kill_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    target = tmp_path / "store"
    _fill(target, "one")
    os.rename(target, tmp_path / ".store.old")  # where a killed writer stops
    assert (settled_folder(target) / "deep" / "part").read_text() == "one"
    with pytest.raises(RuntimeError, match="killed again"), atomic_folder(target):
        raise RuntimeError("killed again")
    assert (target / "deep" / "part").read_text() == "one"
    _fill(target, "two")
    assert (settled_folder(target) / "deep" / "part").read_text() == "two"
    assert _names(tmp_path) == ["store"]


def test_a_kill_before_the_old_one_is_removed_keeps_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "store"
    _fill(target, "new")
    (tmp_path / ".store.old").mkdir()
    assert settled_folder(target) == target
    _fill(target, "newer")
    assert (target / "deep" / "part").read_text() == "newer"
    assert _names(tmp_path) == ["store"]


def test_a_folder_does_not_replace_a_file(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("precious")
    with pytest.raises(NotADirectoryError, match="is a file"), atomic_folder(tmp_path / "store"):
        pass
    assert (tmp_path / "store").read_text() == "precious"
