"""The rules of a simulated machine are found again, exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.heads import Rule, StateMachineHead
from sensorgraph.training import fit_rules

IDLE, RUN, FAULT = range(3)
STATES, FLAGS = ("idle", "run", "fault"), ("start", "stop", "trip", "reset")

RULES = (
    "idle if idle and not start and not trip",
    "idle if run and stop and not trip",
    "idle if fault and not trip and reset",
    "run if idle and start and not trip",
    "run if run and not stop and not trip",
    "fault if fault and not reset",
    "fault if trip",
)


def machine(state: int, start: int, stop: int, trip: int, reset: int) -> int:
    """A drive with an interlock, written down as a program and not as rules."""
    if trip:
        return FAULT
    if state == IDLE:
        return RUN if start else IDLE
    if state == RUN:
        return IDLE if stop else RUN
    return IDLE if reset else FAULT


def recorded(num_steps: int, seed: int) -> tuple[Tensor, Tensor]:
    """One word per step: the state in bits 4 and 5, the flags in bits 0 to 3; then read back from the word's bits."""
    random = np.random.default_rng(seed)
    state, words = IDLE, []
    for _ in range(num_steps):
        flags = (random.random(4) < (0.4, 0.4, 0.2, 0.4)).astype(int)
        words.append(state << 4 | int((flags << np.arange(4)).sum()))
        state = machine(state, *flags)
    word = torch.tensor(words)
    return (word >> 4)[None], ((word[:, None] >> torch.arange(4)) & 1)[None].float()


def told(rules: tuple[Rule, ...], state: int, flags: tuple[int, ...]) -> set[int]:
    truth = torch.tensor([[state == s for s in range(3)] + [bool(f) for f in flags]])
    return {rule.conclusion for rule in rules if bool(rule.holds(truth).all())}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_transition_rules_of_a_simulated_machine_are_recovered_exactly(seed: int) -> None:
    state, flags = recorded(1500, seed)
    learned = fit_rules(StateMachineHead(STATES, FLAGS), state, flags, seed=seed)
    assert learned.num_steps == 48, "the recording must have shown every state with all flags"
    assert learned.explained == 1
    for now, given in itertools.product(range(3), itertools.product((0, 1), repeat=4)):
        assert told(learned.rules, now, given) == {machine(now, *given)}
    assert set(learned.text) == set(RULES)


def test_the_trained_head_says_what_its_rules_say() -> None:
    state, flags = recorded(1500, 3)
    head = StateMachineHead(STATES, FLAGS)
    fit_rules(head, state, flags)
    with torch.no_grad():
        truth = head(state[:, :-1], flags[:, :-1])
    assert torch.equal(truth.argmax(-1), state[:, 1:])


def test_what_contradicts_itself_is_not_called_explained() -> None:
    """The same step with two outcomes: no rule can tell both right."""
    state = torch.tensor([[0, 0, 1, 0, 1, 1, 0, 0, 1, 1]])
    learned = fit_rules(
        StateMachineHead(["a", "b"], ["x"], 4), state, torch.zeros(1, 10, 1), num_tries=1, num_epochs=50
    )
    assert learned.num_steps == 4
    assert learned.explained < 1


def test_mistakes_are_told() -> None:
    head = StateMachineHead(STATES, FLAGS, 4)
    with pytest.raises(ConfigError, match="state must be 0 to 2; name all states"):
        head(torch.tensor([[3]]), torch.zeros(1, 1, 4))
    with pytest.raises(ConfigError, match="a name for each thing alone"):
        StateMachineHead(["idle", "run"], ["run"])
    with pytest.raises(DataError, match="two steps or more"):
        fit_rules(head, torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, 1, 4))
