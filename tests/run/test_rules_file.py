"""Rules from a run file: the example of the docs, and what is said when channels do not serve."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import ConfigError, DataError, UnknownNameError
from sensorgraph.run.cli import main
from sensorgraph.run.discrete_channels import Discrete, steps_of
from sensorgraph.scenes import Recording, Sensor

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def following(state: str, start: bool, stop: bool, trip: bool) -> str:
    """The machine of the page."""
    if trip:
        return "fault"
    if state == "run":
        return "idle" if stop else "run"
    return "run" if state == "idle" and start else "idle"


def test_the_example_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text()
    code, run_file = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)[0] for kind in ("python", "yaml"))
    exec(code, {})
    Path("rules.yaml").write_text(run_file)
    assert main(["check-config", "rules.yaml"]) == 0
    assert main(["train", "rules.yaml", "--out", "run"]) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"```\n\n?(idle if.*?)```", page, re.DOTALL)[0] in shown
    assert "100.0% of 24 different steps explained, 1499 seen" in shown
    lines = Path("run/rules.txt").read_text().splitlines()[:-2]
    assert "idle if run and status[1] and not status[2]" in lines
    assert "fault if status[2]" in lines
    for state, flags in itertools.product(("idle", "run", "fault"), itertools.product((False, True), repeat=3)):
        true = {state, *(f"status[{number}]" for number, flag in enumerate(flags) if flag)}
        told = {line.split(" if ")[0] for line in lines if holds(line.split(" if ")[1], true)}
        assert told == {following(state, *flags)}
    steps = pd.read_csv("run/steps.csv")
    assert steps["times"].sum() == 1499
    assert len(steps) == 24


def holds(condition: str, true: set[str]) -> bool:
    return all(
        (part[4:] not in true) if part.startswith("not ") else (part in true) for part in condition.split(" and ")
    )


def recording(**channels: np.ndarray) -> Recording:
    return Recording("r", 10.0, tuple(Sensor(name, 1.0, values) for name, values in channels.items()))


def test_levels_bits_and_gaps() -> None:
    gap = np.array([0, 1, np.nan, 1, 0, 0, 1, 0], np.float32)
    level = np.array([1, 5, 5, 5, 1, 5, 1, 1], np.float32)
    steps = steps_of([recording(mode=gap, pressure=level)], Discrete.of("mode"), [Discrete.of("pressure > 3.5")])
    assert steps.num_left_out == 2
    assert steps.state.tolist() == [[0, 1], [1, 0], [0, 0], [0, 1], [1, 0]]
    assert steps.flags[:, 0, 0].tolist() == [0, 1, 0, 1, 0]
    word = recording(status=np.array([0b0110000, 0b0010001], np.uint16))
    assert Discrete.of("status[4:5]").at(word, np.array([0.0, 1.0])).tolist() == [3, 1]
    assert np.isnan(Discrete.of("status[0]").at(word, np.array([-1.0])))


@pytest.mark.parametrize(
    ("state", "flag", "error", "message"),
    [
        ("speed", "on", DataError, "state 'speed' must be whole numbers; give a level"),
        ("on", "mode", DataError, r"flag 'mode' must be 0 or 1; name a bit or a level \(got \[2\.\]\)"),
        ("still", "on", DataError, r"'still' must take two values or more \(got \[1\]\)"),
        ("speed[3]", "on", DataError, "needs whole numbers of 16 bits"),
        ("mode", "off", UnknownNameError, "no stream 'off'"),
    ],
)
def test_channels_that_do_not_serve(state: str, flag: str, error: type[Exception], message: str) -> None:
    one = recording(
        speed=np.array([0.5, 1.5, 2.5], np.float32),
        on=np.array([0, 1, 1], np.float32),
        mode=np.array([0, 1, 2], np.float32),
        still=np.ones(3, np.float32),
    )
    with pytest.raises(error, match=message):
        steps_of([one], Discrete.of(state), [Discrete.of(flag)])


@pytest.mark.parametrize("text", ["mode[16]", "mode[5:4]", "p > e", ""])
def test_forms_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="rules: "):
        Discrete.of(text)
