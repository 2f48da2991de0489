"""A run file and what the command line lays over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.config import load, with_overrides
from sensorgraph.errors import ConfigError


@dataclass(frozen=True)
class Training:
    epochs: int = 10
    rates_hz: tuple[float, ...] = (1.0, 2.0)


@dataclass(frozen=True)
class TinyRun:
    training: Training = Training()


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    file = tmp_path / "run.yaml"
    file.write_text("training:\n  epochs: 3\n  rates_hz: [50, 200]\n")
    return file


def test_a_file_with_overrides_that_replace_and_add(run_file: Path) -> None:
    assert load(run_file, TinyRun) == TinyRun(Training(3, (50.0, 200.0)))
    changed = load(run_file, TinyRun, ["training.epochs=1e1", "training.rates_hz.1=2e3"])
    assert changed == TinyRun(Training(10, (50.0, 2000.0)))
    assert load(run_file, TinyRun, ["training.rates_hz=[7]"]).training.rates_hz == (7.0,)


def test_overrides_are_checked_like_the_file(run_file: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(run_file, TinyRun, ["training.epoch=3", "training.epochs=x", "trainig.epochs=4"])
    assert error.value.problems == [
        "training.epochs: must be a whole number (got 'x')",
        "training.epoch: this section takes no such setting; did you mean 'epochs'?",
        "trainig: this section takes no such setting; did you mean 'training'?",
    ]


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("training.epochs", "must read key.sub=value"),
        ("=3", "must read key.sub=value"),
        ("training..epochs=3", "must read key.sub=value"),
        ("training.epochs=", "has no value; write training.epochs=null"),
        ("training.rates_hz.2=1", "'training.rates_hz' is a list of 2; count its items from 0 (got '2')"),
        ("training.rates_hz.x=1", "is a list of 2"),
        ("training.rates_hz.0.x=1", "'training.rates_hz.0' holds a single value"),
        ("training.epochs=[1", "close the bracket"),
        ("training.epochs=010", "leading zero"),
    ],
)
def test_overrides_that_point_nowhere(run_file: Path, override: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(run_file, TinyRun, [override, "also wrong"])
    first, second = error.value.problems
    assert first.startswith(f"override '{override}'")
    assert problem in first
    assert "also wrong" in second


def test_the_content_it_is_laid_over_stays_as_it_was() -> None:
    content: dict[str, Any] = {"a": {"b": [1]}}
    assert with_overrides(content, ["a.b.0=2", "c.d=3"]) == {"a": {"b": [2]}, "c": {"d": 3}}
    assert content == {"a": {"b": [1]}}


def test_a_file_that_holds_no_settings(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_text("[1, 2]")
    with pytest.raises(ConfigError, match=r"list\.yaml: must hold 'name: value' lines \(got \[1, 2\]\)"):
        load(file, TinyRun)


@given(st.lists(st.text(max_size=20) | st.from_regex(r"[ab](\.[ab0])*=[a-c0-9:\[\]{} -]*", fullmatch=True), max_size=3))
def test_no_override_ends_in_anything_but_content_or_our_error(overrides: list[str]) -> None:
    try:
        problems: list[str] = []
        with_overrides({"a": {"b": 1}, "b": [1, {"a": 2}]}, overrides)
    except ConfigError as error:
        problems = error.problems
    assert all(problem.startswith("override '") for problem in problems)
