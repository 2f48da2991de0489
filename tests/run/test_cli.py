"""The command line: help without heavy imports, errors as messages, exit codes."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import types
from pathlib import Path

import pytest

from sensorgraph.errors import ConfigError
from sensorgraph.run import verbs
from sensorgraph.run.arguments import add_config
from sensorgraph.run.cli import main
from sensorgraph.run.verbs import VERBS, Verb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A verb 'probe' whose behaviour a test sets as ``module.run``."""
    module = types.ModuleType("probe_verb", "Probes one thing.")
    module.add_arguments = lambda parser: parser.add_argument("thing")  # type: ignore[attr-defined]
    module.run = lambda args: 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "probe_verb", module)
    monkeypatch.setitem(verbs.VERBS, "probe", Verb("probe_verb", "probes"))
    return module


def test_the_verb_gets_its_arguments_and_its_exit_code_is_returned(verb: types.ModuleType) -> None:
    seen = []
    verb.run = lambda args: seen.append(args.thing) or 7  # type: ignore[attr-defined]
    assert main(["probe", "x"]) == 7
    assert seen == ["x"]


def test_settings_may_stand_before_between_and_after_options(verb: types.ModuleType) -> None:
    seen = []

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        add_config(parser)
        parser.add_argument("--out")

    verb.add_arguments = add_arguments  # type: ignore[attr-defined]
    verb.run = lambda args: seen.append((args.config, args.overrides, args.out)) or 0  # type: ignore[attr-defined]
    assert main(["probe", "run.yaml", "a=1", "--out", "x", "b.c=2"]) == 0
    assert main(["probe", "run.yaml"]) == 0
    assert seen == [("run.yaml", ["a=1", "b.c=2"], "x"), ("run.yaml", [], None)]


def test_an_error_of_ours_is_a_message_and_code_2(verb: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args: object) -> int:
        raise ConfigError(["a.b: wrong", "c: wrong too"])

    verb.run = run  # type: ignore[attr-defined]
    assert main(["probe", "x"]) == 2
    shown = capsys.readouterr()
    assert "a.b: wrong\nc: wrong too" in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_full_disk_is_a_message_too(verb: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args: object) -> int:
        raise OSError(28, "No space left on device", "runs/x")

    verb.run = run  # type: ignore[attr-defined]
    assert main(["probe", "x"]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_debug_shows_the_traceback(verb: types.ModuleType) -> None:
    def run(args: object) -> int:
        raise ConfigError("wrong")

    verb.run = run  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="wrong"):
        main(["probe", "x", "--debug"])


def test_our_own_slips_are_never_hidden(verb: types.ModuleType) -> None:
    def run(args: object) -> int:
        raise ZeroDivisionError

    verb.run = run  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError):
        main(["probe", "x"])


def test_an_interrupt_ends_with_130(verb: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args: object) -> int:
        raise KeyboardInterrupt

    verb.run = run  # type: ignore[attr-defined]
    assert main(["probe", "x"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_an_unknown_verb_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["trian"])
    assert stop.value.code == 2
    shown = capsys.readouterr().err
    assert all(name in shown for name in VERBS)


def test_something_before_the_verb_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--", next(iter(VERBS))])
    assert stop.value.code == 2


def test_the_overview_names_every_verb_and_imports_no_room() -> None:
    code = (
        "import sys; from sensorgraph.run.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'numpy', 'yaml', 'pydantic', 'zarr'}))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name in VERBS)
    assert shown.rstrip().endswith("[]")


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_its_file_its_help_and_its_tool(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(VERBS[name].module)
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert f"usage: sensorgraph {name}" in shown
    assert module.__doc__
    assert module.__doc__.splitlines()[0] in shown
    tool = ROOT / "tools" / f"{name.replace('-', '_')}.py"
    text = tool.read_text()
    assert f'"{name}"' in text
    assert len(text.splitlines()) < 40


def test_a_tool_does_what_its_verb_does() -> None:
    name = next(iter(VERBS))
    tool = ROOT / "tools" / f"{name.replace('-', '_')}.py"
    shown = subprocess.run([sys.executable, tool, "--help"], capture_output=True, text=True, check=True).stdout
    assert shown.startswith(f"usage: sensorgraph {name}")
