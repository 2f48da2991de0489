"""Strict YAML: what a user wrote is what the program reads, or there is a message with file and line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.config import parse_yaml, read_yaml
from sensorgraph.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.5E+2", 150.0),
        (".5", 0.5),
        ("-7", -7),
        ("+7", 7),
        ("0", 0),
        ("0.5", 0.5),
        ("0x1F", 31),
        ("0o17", 15),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("12:30:00", "12:30:00"),
        ("2024-02-01", "2024-02-01"),
        ("1_000", "1_000"),
        ("1e", "1e"),
        ("=", "="),
        ("'1e-3'", "1e-3"),
        ('"true"', "true"),
        ("'010'", "010"),
    ],
)
def test_a_plain_value_means_what_it_looks_like(text: str, value: object) -> None:
    read = parse_yaml(f"key: {text}")["key"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 010", "run.yaml:1: a number with a leading zero; write '10'"),
        ("a: -007", "run.yaml:1: a number with a leading zero; write '-7'"),
        ("a: 08.5", "run.yaml:1: a number with a leading zero; write '8.5'"),
        ("a: 000", "run.yaml:1: a number with a leading zero; write '0'"),
        ("a: .nan", "run.yaml:1: '.nan' is not a setting"),
        ("a: 1e999", "run.yaml:1: '1e999' is too large"),
        ("a: 1\nb: 2\na: 3", "run.yaml:3: 'a' stands here for the second time; remove one (first: line 1)"),
        ("a:\n  b: 1\n  b: 2", "run.yaml:3: 'b' stands here for the second time"),
        ("1: x", "run.yaml:1: keys must be text; put quotes around it (got 1)"),
        ("true: x", "run.yaml:1: keys must be text"),
        ("[a]: x", "run.yaml:1: keys must be text"),
        ("a: &x 1\nb: *x", "run.yaml:2: '*x' repeats another part"),
        ("a: !!str 3", "run.yaml:1: tags are not supported; remove '!!str'"),
        ("a: !!python/object:os.system 3", "tags are not supported"),
        ("<<: {}", "run.yaml:1: '<<' is not supported"),
        ("a: 1\n---\nb: 2", "run.yaml:2: a second document begins"),
        ("a:\n\tb: 1", "run.yaml:2: a tab; indent with spaces"),
        ("a: b: c", "run.yaml:1: mapping values are not allowed here; a ':' too many"),
        ("a: 'x", "run.yaml:1: found unexpected end of stream; close the quote"),
        ("a: [1, 2", "close the bracket"),
        ("a: 1\n b: 2", "run.yaml:2:"),
        ("", "run.yaml: is empty"),
        ("# only a comment\n", "run.yaml: is empty"),
        ("a: x\x00", "run.yaml:1: character #x0000 is not allowed"),
        ("[" * 1000, "run.yaml:1:"),
        ("[" * 60 + "]" * 60, "more than 40 levels deep"),
        ("a: 1" + "0" * 5000, "too many digits"),
    ],
)
def test_what_could_surprise_is_refused_with_file_and_line(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_yaml(text, "run.yaml")
    assert problem in str(error.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        parse_yaml("a: 010\na: 2\n3: x\nb: &here 1", "run.yaml")
    assert [problem.split(":")[1] for problem in error.value.problems] == ["1", "2", "3", "4"]


def problems_of(text: str) -> list[str]:
    try:
        parse_yaml(text)
    except ConfigError as error:
        return error.problems or ["an error without a problem"]
    return []


@given(st.text(max_size=200) | st.text("ab:-[]{}&*!|>'\"#%@,?\n \t0x1.e+~", max_size=60))
def test_any_text_ends_in_a_value_or_in_problems_with_a_place(text: str) -> None:
    assert all(problem.startswith("text:") for problem in problems_of(text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read; check the path"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_yaml(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("unit: °C".encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        read_yaml(latin)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_yaml(file) == {"a": 1, "b": 2}
