"""The tree is the architecture: small files with telling names, and every one of them can be imported."""

from __future__ import annotations

import importlib
import pkgutil
import re
import statistics
from pathlib import Path

import pytest

import sensorgraph

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "sensorgraph").rglob("*.py"))
OURS = [*PACKAGE, *(file for folder in ("tests", "tools", "benchmarks") for file in (ROOT / folder).rglob("*.py"))]
MODULES = sorted(module.name for module in pkgutil.walk_packages(sensorgraph.__path__, "sensorgraph."))


def num_lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_400_lines() -> None:
    assert {str(file): num_lines(file) for file in OURS if num_lines(file) > 400} == {}


def test_the_median_file_is_shorter_than_150_lines() -> None:
    assert statistics.median(num_lines(file) for file in PACKAGE) < 150


def test_no_file_is_named_after_nothing() -> None:
    assert [str(file) for file in PACKAGE if file.stem in {"utils", "util", "core", "common", "helpers", "misc"}] == []


def test_tools_are_thin() -> None:
    assert {file.name: num_lines(file) for file in (ROOT / "tools").glob("*.py") if num_lines(file) >= 40} == {}


def test_every_folder_of_the_package_is_installed() -> None:
    """setuptools leaves out a folder without ``__init__.py``, and a fresh clone would miss it."""
    folders = {file.parent for file in PACKAGE}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_every_module_can_be_imported_and_says_what_it_is_for(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip()


def test_the_architecture_names_every_room() -> None:
    """The page is true to the tree: no room without a line, and none that does not exist."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    layers = page.split("## Layers")[1].split("```")[1]
    named = set(re.findall(r"[a-z]+", layers))
    rooms = {module.name for module in pkgutil.iter_modules(sensorgraph.__path__) if not module.name.startswith("_")}
    assert named == rooms
