"""Imports go down only, and the rooms around the model know no torch: import-linter's contracts hold."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
TORCH_FREE = {"config", "drift", "evaluation", "io", "report", "scenes", "scoring", "simulate", "viz", "words"}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_is_kept() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in found.stdout


def test_every_torch_free_room_is_under_contract() -> None:
    rooms = {file.parent.name for file in (ROOT / "sensorgraph").glob("*/__init__.py")}
    rooms |= {file.stem for file in (ROOT / "sensorgraph").glob("*.py")}
    under_contract = {name.removeprefix("sensorgraph.") for name in CONTRACTS["no-torch"]["source_modules"]}
    assert under_contract == rooms & TORCH_FREE, "add the new room to the contract 'no-torch' in pyproject.toml"


def test_the_contracts_would_notice(tmp_path: Path) -> None:
    """A toy package with one import upwards and one of torch breaks the very same contracts."""
    files = {
        "__init__.py": "",
        "errors.py": "",
        "config/__init__.py": "",
        "encoders/__init__.py": "import torch\n",
        "fusion/__init__.py": "from sensorgraph import encoders\n",
        "scenes/__init__.py": "from sensorgraph import graph, config\n",
        "graph/__init__.py": "import torch\n",
        "run/__init__.py": "",
        "testing/__init__.py": "",
    }
    for room in TORCH_FREE:
        files.setdefault(f"{room}/__init__.py", "")
    for name, text in files.items():
        file = tmp_path / "sensorgraph" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    found = lint(tmp_path)
    assert found.returncode == 1, found.stdout + found.stderr
    for broken in (
        "sensorgraph.scenes is not allowed to import sensorgraph.graph",
        "sensorgraph.fusion is not allowed to import sensorgraph.encoders",
        "sensorgraph.scenes is not allowed to import torch",
        "sensorgraph.config",
    ):
        assert broken in " ".join(found.stdout.split())
    assert "0 kept, 3 broken" in found.stdout
