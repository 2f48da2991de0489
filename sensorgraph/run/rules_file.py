"""Run files that learn the rules of a state machine: a head of fuzzy logic on discrete channels."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
from pydantic import Field

from sensorgraph.config import load, read_yaml
from sensorgraph.errors import ConfigError
from sensorgraph.heads import StateMachineHead
from sensorgraph.io import open_recording
from sensorgraph.run.discrete_channels import Discrete, Steps, steps_of
from sensorgraph.run.results import write_result
from sensorgraph.run.run_folder import claim, new_folder
from sensorgraph.run.sources import find_files
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.training.fit_rules import LearnedRules, fit_rules


@dataclass(frozen=True)
class RulesSettings:
    """Which channels the rules are about.

    Args:
        recordings: files or patterns.
        state: the channel that holds the state, see `sensorgraph.run.discrete_channels.Discrete`.
        flags: what the next state may depend on, beside the state.
        states: names of the states, in order of their values; null calls them ``state 0``, ``state 1``, ...
        num_rules: conjunctions that training may use.
        num_tries: beginnings from other random weights.
    """

    recordings: tuple[str, ...]
    state: str
    flags: tuple[str, ...]
    states: tuple[str, ...] | None = None
    num_rules: Annotated[int, Field(ge=1)] = 32
    num_tries: Annotated[int, Field(ge=1)] = 5

    def __post_init__(self) -> None:
        for text in (self.state, *self.flags):
            Discrete.of(text)
        if not self.recordings or not self.flags:
            raise ConfigError("rules: name at least one recording and one flag (got none)")


@dataclass(frozen=True)
class RulesFile:
    """A complete run that learns rules.

    Args:
        rules: channels and recordings.
        seed: of the weights that training begins with.
    """

    rules: RulesSettings
    seed: Annotated[int, Field(ge=0)] = 0


def is_rules(path: str | Path) -> bool:
    """Whether a run file learns rules."""
    content = read_yaml(path)
    return isinstance(content, dict) and "rules" in content


def train_rules(args: argparse.Namespace) -> int:
    """What 'train' does with such a file: prints the rules, and writes ``rules.txt`` and the steps that were seen."""
    run = load(args.config, RulesFile, [*args.overrides, *([] if args.seed is None else [f"seed={args.seed}"])])
    folder = new_folder(args.config, args.out, args.resume)
    settings = run.rules
    recordings = [open_recording(path) for path in find_files(list(settings.recordings))]
    steps = steps_of(recordings, Discrete.of(settings.state), [Discrete.of(flag) for flag in settings.flags])
    names = state_names(settings, steps)
    head = StateMachineHead(names, settings.flags, settings.num_rules)
    learned = fit_rules(
        head,
        torch.from_numpy(steps.state),
        torch.from_numpy(steps.flags).float(),
        num_tries=settings.num_tries,
        seed=run.seed,
    )
    claim(folder, run, args.resume)
    lines = [*learned.text, "", summary(learned, steps)]
    write_atomically(folder / "rules.txt", "\n".join([*lines, ""]).encode())
    write_result(folder / "steps", seen(steps, names, settings.flags))
    print(*lines, sep="\n")
    print(f"the run lies in {folder}")
    return 0


def state_names(settings: RulesSettings, steps: Steps) -> tuple[str, ...]:
    """A name for each value of the state that was seen.

    Raises:
        ConfigError: names were given, and not as many as there are values.
    """
    if settings.states is None:
        return tuple(f"state {value}" for value in steps.values)
    if len(settings.states) != len(steps.values):
        raise ConfigError(
            f"rules.states: needs a name for each value that '{settings.state}' takes, {list(steps.values)} "
            f"(got {list(settings.states)})"
        )
    return settings.states


def summary(learned: LearnedRules, steps: Steps) -> str:
    """How well the rules agree with what was seen."""
    gaps = f"; {steps.num_left_out} steps beside gaps left out" if steps.num_left_out else ""
    return f"{learned.explained:.1%} of {learned.num_steps} different steps explained, {len(steps.state)} seen{gaps}"


def seen(steps: Steps, names: tuple[str, ...], flags: tuple[str, ...]) -> pd.DataFrame:
    """Each different step and how often it was taken: ``state``, a column for each flag, ``following``, ``times``."""
    table = pd.DataFrame(steps.flags[:, 0].astype(int), columns=list(flags))
    table.insert(0, "state", [names[number] for number in steps.state[:, 0]])
    table["following"] = [names[number] for number in steps.state[:, 1]]
    return table.groupby(list(table.columns)).size().rename("times").reset_index()
