"""Sections and slots are checked against signatures, and every mistake is told with a way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from sensorgraph.config import Choice, Slot, build, check, parse_yaml, to_plain, to_yaml
from sensorgraph.errors import ConfigError

if TYPE_CHECKING:
    from decimal import Decimal


class Base:
    """What the slots of these tests ask for."""


class Tcn(Base):
    def __init__(
        self,
        dim: int,
        in_channels: int,
        hidden: Annotated[int, Field(gt=0)] = 64,
        dilations: tuple[int, ...] = (1, 2),
        act: Any = len,
    ) -> None:
        self.made_of = (dim, in_channels, hidden, dilations)


class Picky(Base):
    def __init__(self, ratio: float) -> None:
        if ratio > 1:
            raise ConfigError(f"ratio: must be at most 1 (got {ratio})")
        if ratio < 0:
            raise ValueError("negative")


class Open(Base):
    def __init__(self, **rest: Any) -> None:
        self.rest = rest


class Strange(Base):
    def __init__(
        self,
        tensor: bytes = b"",
        later: Decimal | None = None,
        implicit: int = None,  # type: ignore[assignment]  # noqa: RUF013  (authors outside write it so)
    ) -> None:
        self.implicit = implicit


class ByPosition(Base):
    def __init__(self, first: int, /) -> None: ...


KINDS = {"tcn": Tcn, "picky": Picky, "open": Open, "strange": Strange, "by_position": ByPosition}


@dataclass(frozen=True)
class Covers:
    min_rate_hz: float = 0.0
    max_rate_hz: float = float("inf")

    def __post_init__(self) -> None:
        if self.min_rate_hz >= self.max_rate_hz:
            raise ConfigError(f"min_rate_hz: must be below max_rate_hz (got {self.min_rate_hz:g})")


ENCODER = Slot(KINDS, Base, given=("dim", "in_channels"), beside=Covers)


@dataclass(frozen=True)
class Encoders:
    sensor: Annotated[tuple[Annotated[Choice[Base], ENCODER], ...], Field(min_length=1)]


class Colour(Enum):
    DARK_RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Scoring:
    false_alarms_per_day: Annotated[float, Field(gt=0)] = 1.0
    rule: Literal["evt", "percentile"] = "evt"
    colour: Colour = Colour.BLUE
    smooth: bool = True
    name: str = "run"
    folder: Path | None = None
    window: int | Literal["auto"] = "auto"
    low_high: tuple[float, float] = (0.0, 1.0)
    weights: dict[str, Annotated[float, Field(ge=0)]] = field(default_factory=lambda: {"a": 1.0})
    numbers: list[int] = field(default_factory=list)
    more: Sequence[float] | None = None
    table: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFile:
    encoders: Encoders
    scoring: Scoring = field(default_factory=Scoring)
    fusion: Annotated[Choice[Base], Slot(KINDS, Base, given=("dim", "in_channels"))] | None = None


GOOD = "encoders: {sensor: [{kind: tcn, max_rate_hz: 1e3, hidden: 8}]}\n"


def problems(text: str) -> list[str]:
    return check(parse_yaml(text), RunFile)


def test_a_good_file_becomes_objects_with_all_defaults() -> None:
    run = build(parse_yaml(GOOD), RunFile)
    choice = run.encoders.sensor[0]
    assert choice.beside == Covers(0.0, 1000.0)
    assert choice.arguments["hidden"] == 8
    assert run.scoring == Scoring()
    made = choice.build(dim=16, in_channels=2, something_else=3)
    assert isinstance(made, Tcn)
    assert made.made_of == (16, 2, 8, (1, 2))


def test_the_mistakes_of_the_design_all_at_once() -> None:
    assert problems(
        "encoders: {sensor: [{kind: tcn, hiden: 3, in_channels: 4}]}\n"
        "fusion: {kind: tnc}\n"
        "scoring: {false_alarms_per_day: -1}\n"
    ) == [
        "encoders.sensor.0.hiden: 'tcn' takes no such argument; did you mean 'hidden'?",
        "encoders.sensor.0.in_channels: set by the program from the data; remove it from the file",
        "fusion.kind: no kind 'tnc'; did you mean 'tcn'? (known: by_position, open, picky, strange, tcn)",
        "scoring.false_alarms_per_day: must be greater than 0 (got -1)",
    ]


@pytest.mark.parametrize(
    ("scoring", "problem"),
    [
        ("{rule: evtt}", "rule: must be one of 'evt', 'percentile'; did you mean 'evt'? (got 'evtt')"),
        ("{colour: blu}", "colour: must be one of 'dark_red', 'blue'; did you mean 'blue'? (got 'blu')"),
        ("{smooth: off}", "smooth: must be true or false; write false (got 'off')"),
        ("{smooth: 1}", "smooth: must be true or false (got 1)"),
        ("{smooth: null}", "smooth: must be true or false (got null)"),
        ("{name: 12}", "name: must be text; put quotes around it (got 12)"),
        ("{name: true}", "name: must be text; put quotes around it (got true)"),
        ("{name: [a]}", "name: must be text (got ['a'])"),
        ("{folder: 3}", "folder: must be a path (got 3)"),
        ("{window: 2.5}", "window: must be a whole number (got 2.5)"),
        ("{window: autp}", "window: must be a whole number or 'auto' (got 'autp')"),
        ("{window: true}", "window: must be a whole number or 'auto' (got true)"),
        ("{low_high: [1]}", "low_high: must have 2 items (got 1)"),
        ("{low_high: [1, x]}", "low_high.1: must be a number (got 'x')"),
        ("{low_high: 1}", "low_high: must be a list; write [a, b] or one '- item' a line (got 1)"),
        ("{weights: {a: -1}}", "weights.a: must be greater than or equal to 0 (got -1)"),
        ("{weights: [1]}", "weights: must be a block of 'name: value' lines (got [1])"),
        ("{numbers: [1, 2.5]}", "numbers.1: must be a whole number (got 2.5)"),
        ("{more: [x]}", "more.0: must be a number (got 'x')"),
        ("{table: {a: b}}", "table.a: must be a whole number (got 'b')"),
        ("{smoth: true}", "smoth: this section takes no such setting; did you mean 'smooth'?"),
        ("3", ": must be a block of 'name: value' lines (got 3)"),
        ("{false_alarms_per_day: 0x" + "f" * 280 + "}", "must be a number that fits into 64 bits"),
    ],
)
def test_wrong_values_in_a_section(scoring: str, problem: str) -> None:
    (found,) = problems(f"{GOOD}scoring: {scoring}")
    assert found.startswith("scoring")
    assert problem in found


@pytest.mark.parametrize(
    ("fusion", "problem"),
    [
        ("{}", "fusion.kind: missing; name one (known: "),
        ("{hidden: 3}", "fusion.kind: missing"),
        ("tcn", "fusion: must be a block; write {kind: tcn}"),
        ("[tcn]", "fusion: must be a block of 'name: value' lines"),
        ("{kind: 3}", "fusion.kind: must be the name of a kind (got 3)"),
        ("{kind: picky}", "fusion.ratio: missing; 'picky' needs it"),
        ("{kind: picky, zzz: 1, ratio: 1}", "fusion.zzz: 'picky' takes no such argument (known: ratio)"),
        ("{kind: tcn, max_rate_hz: 3}", "fusion.max_rate_hz: 'tcn' takes no such argument"),
        ("{kind: strange, tensor: x}", "fusion.tensor: cannot be set in a run file; remove it (its type is bytes)"),
        ("{kind: strange, later: 3}", "fusion.later: cannot be checked; make the type hint of 'later' importable"),
        ("{kind: by_position}", "fusion.kind: 'by_position' cannot be made by name: takes 'first' by position only"),
        ("{kind: 'collections:Counter'}", "fusion.kind: 'collections:Counter' must extend "),
        ("{kind: 'collections:Countr'}", "'collections' has no class 'Countr'; did you mean 'Counter'?"),
        ("{kind: 'os:getcwd'}", "fusion.kind: 'os:getcwd' is not a class; name a class (got builtin_function_or_"),
        ("{kind: 'no_such_module:X'}", "cannot import 'no_such_module'; check PYTHONPATH (ModuleNotFoundError"),
        ("{kind: ':X'}", "cannot import ''"),
        ("{kind: 'sensorgraph.scenes:Clock'}", "is a class of sensorgraph; name its kind instead"),
    ],
)
def test_wrong_slots(fusion: str, problem: str) -> None:
    (found,) = problems(f"{GOOD}fusion: {fusion}")
    assert problem in found


def test_a_required_section_and_an_empty_list_are_missed() -> None:
    assert problems("scoring: {}") == ["encoders: missing; this section needs it"]
    assert problems("encoders:") == ["encoders.sensor: missing; this section needs it"]
    assert problems("encoders: {sensor: []}") == ["encoders.sensor: must have at least 1 item, not 0 (got [])"]


def test_settings_that_contradict_each_other_are_told_by_their_place() -> None:
    assert problems("encoders: {sensor: [{kind: tcn, min_rate_hz: 9, max_rate_hz: 1}]}") == [
        "encoders.sensor.0.min_rate_hz: must be below max_rate_hz (got 9)"
    ]


def test_a_wrong_setting_hides_no_other_problem_of_its_section() -> None:
    assert problems("encoders: {sensor: [{kind: tcn, hidden: x, min_rate: 3, min_rate_hz: 9, max_rate_hz: 1}]}") == [
        "encoders.sensor.0.min_rate_hz: must be below max_rate_hz (got 9)",
        "encoders.sensor.0.hidden: must be a whole number (got 'x')",
        "encoders.sensor.0.min_rate: 'tcn' takes no such argument; did you mean 'min_rate_hz'?",
    ]
    # The default of max_rate_hz, put in for 'x', contradicts nothing that the user wrote.
    assert problems("encoders: {sensor: [{kind: tcn, min_rate_hz: .inf, max_rate_hz: x}]}") == [
        "encoders.sensor.0.max_rate_hz: must be a number (got 'x')"
    ]


def test_a_heading_without_lines_means_the_defaults() -> None:
    assert build(parse_yaml(f"{GOOD}scoring:\n  # rule: evt"), RunFile).scoring == Scoring()


def test_an_outside_class_is_checked_like_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "their_module.py").write_text(
        "from collections import Counter\nclass Theirs(Counter):\n    def __init__(self, size: int): self.size = size\n"
    )
    (tmp_path / "their_broken_module.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    hint: Any = Annotated[Choice[dict], Slot({}, dict)]
    assert build({"kind": "their_module:Theirs", "size": 3}, hint).build().size == 3
    assert check({"kind": "their_module:Theirs", "sise": 3, "size": "x"}, hint, "slot") == [
        "slot.sise: 'their_module:Theirs' takes no such argument; did you mean 'size'?",
        "slot.size: must be a whole number (got 'x')",
    ]
    (problem,) = check({"kind": "their_broken_module:Theirs"}, hint, "slot")
    assert "ZeroDivisionError" in problem


def test_an_open_signature_takes_everything_and_null_may_stand_for_a_default_of_none() -> None:
    hint: Any = Annotated[Choice[Base], Slot(KINDS, Base)]
    assert build({"kind": "open", "anything": [1, {"a": 2}]}, hint).build().rest == {"anything": [1, {"a": 2}]}
    assert build({"kind": "strange", "implicit": None}, hint).build().implicit is None


def test_a_class_that_refuses_its_values_is_told_by_its_place() -> None:
    hint: Any = Annotated[Choice[Base], Slot(KINDS, Base)]
    with pytest.raises(ConfigError, match=r"^fusion\.ratio: must be at most 1 \(got 2.0\)$"):
        build({"kind": "picky", "ratio": 2}, hint, "fusion").build()
    with pytest.raises(ConfigError, match=r"^fusion: negative$"):
        build({"kind": "picky", "ratio": -2}, hint, "fusion").build()


def test_a_class_that_names_its_own_section_does_not_name_it_twice() -> None:
    @dataclass(frozen=True)
    class Faults:
        num: int = 1

        def __post_init__(self) -> None:
            if self.num < 1:
                raise ConfigError("faults.num: must be at least 1")

    @dataclass(frozen=True)
    class Data:
        faults: Faults

    Data.__init__.__annotations__["faults"] = Faults
    assert check({"num": 0}, Faults, "data.faults") == ["data.faults.num: must be at least 1"]


def test_whole_numbers_stay_whole_and_may_be_written_with_an_exponent() -> None:
    run = build(parse_yaml(f"{GOOD}scoring: {{window: 1e3, numbers: [2e1], more: [1], low_high: [0, 1]}}"), RunFile)
    assert run.scoring.window == 1000
    assert type(run.scoring.window) is int
    assert run.scoring.numbers == [20]
    assert run.scoring.more is not None
    assert [type(number) for number in (*run.scoring.more, *run.scoring.low_high)] == [float] * 3


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(["encoders", "sensor", "scoring", "fusion", "kind", "tcn", "hidden", "rule", "ratio"])
NEAR = st.recursive(
    PLAIN | NAMES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=8) | NAMES, PLAIN | NEAR, max_size=5))
def test_any_mapping_is_either_a_run_file_or_a_config_error(content: dict[str, Any]) -> None:
    found = check(content, RunFile)
    if found:
        with pytest.raises(ConfigError) as error:
            build(content, RunFile)
        assert error.value.problems == found
    else:
        assert isinstance(build(content, RunFile), RunFile)


SCORINGS = st.builds(
    Scoring,
    false_alarms_per_day=st.floats(min_value=0, exclude_min=True, allow_nan=False),
    rule=st.sampled_from(["evt", "percentile"]),
    colour=st.sampled_from(Colour),
    smooth=st.booleans(),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
    | st.sampled_from(["off", "1e-3", "010", "~", ".nan", "12:30:00", "true", "", "- a", "a: b", "#", "\n\t\x1b"]),
    folder=st.none() | st.just(Path("runs/one")),
    window=st.integers() | st.just("auto"),
    low_high=st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)),
    weights=st.dictionaries(st.text("ab0-:1e. ", max_size=5), st.floats(min_value=0), max_size=3),
    numbers=st.lists(st.integers(-(10**20), 10**20), max_size=3),
    table=st.dictionaries(st.sampled_from(["on", "1", "null", "a b"]), st.integers(), max_size=3),
)


@given(SCORINGS, st.integers(1, 99))
def test_what_is_written_is_read_back_equal(scoring: Scoring, hidden: int) -> None:
    encoder = Choice("tcn", Tcn, {"hidden": hidden, "dilations": (1, 2), "act": len}, Covers(0.0, 5.0))
    run = RunFile(Encoders((encoder,)), scoring)
    assert build(parse_yaml(to_yaml(run)), RunFile) == run


def test_what_no_file_can_hold_is_refused_unless_it_is_a_default() -> None:
    assert "act" not in to_plain(Choice("tcn", Tcn, {"act": len, "hidden": 3}))
    with pytest.raises(ConfigError, match=r"^act: cannot be written to a file"):
        to_plain(Choice("tcn", Tcn, {"act": print, "hidden": 3}))
    with pytest.raises(ConfigError, match=r"a\.0: cannot be written; a setting must be a number \(got nan\)"):
        to_yaml({"a": [float("nan")]})
