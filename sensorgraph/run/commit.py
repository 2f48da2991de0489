"""Which state of the program made something: the commit of its working tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import sensorgraph


def commit_of_program() -> str:
    """Short name of the commit, with ``+changes`` where files differ from it; the version where there is no git.

    Example:
        >>> len(commit_of_program()) > 0
        True
    """
    place = Path(sensorgraph.__file__).parent.parent
    head = _git(place, "rev-parse", "--short=12", "HEAD")
    if not head or not (place / ".git").exists():
        return f"version {sensorgraph.__version__}"
    return head + ("+changes" if _git(place, "status", "--porcelain") else "")


def _git(place: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(place), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:  # no git on this machine
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
