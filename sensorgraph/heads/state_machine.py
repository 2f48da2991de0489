"""Which state a machine goes to, by fuzzy rules over its discrete channels that can be printed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.heads.rule_layers import FuzzyAnd, FuzzyOr
from sensorgraph.heads.rules import Rule, simplest


class StateMachineHead(nn.Module):
    """The next state of each node from its state and its flags, by one layer of AND and one of OR.

    The channels are discrete: a state is a field of a word, flags are its bits (or other channels cut at a level, with
    values between 0 and 1 where that is not certain). Bins are apart from each other.

    Args:
        states: names of the states.
        flags: names of the flags.
        num_rules: conjunctions; more than the machine has, since training does not use all of them.

    Shapes: ``state`` [N, T] int64, ``flags`` [N, T, P] 0..1; returns [N, T, C], how true it is that each state follows.

    Raises:
        ConfigError: fewer than two states, or names that are used twice.

    Example:
        >>> head = StateMachineHead(["idle", "run"], ["start"], num_rules=4)
        >>> head(torch.zeros(1, 5, dtype=torch.int64), torch.ones(1, 5, 1)).shape
        torch.Size([1, 5, 2])

    Reference: Reimann and Schwung, "Neural logic rule layers" (2019).
    """

    def __init__(self, states: Sequence[str], flags: Sequence[str], num_rules: int = 32) -> None:
        super().__init__()
        names = [*states, *flags]
        if len(states) < 2 or len(set(names)) < len(names):
            raise ConfigError(f"state machine: needs two states or more, and a name for each thing alone (got {names})")
        self.states, self.flags = tuple(states), tuple(flags)
        self.conjunctions = FuzzyAnd(len(names), num_rules)
        self.disjunctions = FuzzyOr(num_rules, len(states))

    def propositions(self, state: Tensor, flags: Tensor) -> Tensor:
        """What is true: [N, T, C + P] 0..1, the states first.

        Raises:
            ConfigError: a state that has no name.
        """
        if state.numel() and not 0 <= int(state.min()) <= int(state.max()) < len(self.states):
            problem = f"must be 0 to {len(self.states) - 1}; name all states"
            raise ConfigError(f"state machine: state {problem} (got {int(state.min())} to {int(state.max())})")
        return torch.cat([nn.functional.one_hot(state, len(self.states)).to(flags.dtype), flags], dim=-1)

    def forward(self, state: Tensor, flags: Tensor) -> Tensor:
        """See the class for shapes."""
        return self.disjunctions(self.conjunctions(self.propositions(state, flags)))

    def rules(self, state: Tensor, flags: Tensor, following: Tensor) -> list[Rule]:
        """The learned rules, at their simplest for the steps that were seen.

        Shapes: ``state`` and ``following`` [N, T] int64, ``flags`` [N, T, P].
        """
        truth = self.propositions(state, flags).flatten(0, 1) > 0.5
        concluded = nn.functional.one_hot(following.flatten(), len(self.states)).bool()
        literals = self.conjunctions.literals()
        learned = [Rule(c, literals[k]) for c, row in enumerate(self.disjunctions.chosen()) for k in row]
        return simplest(learned, truth, concluded)

    def text(self, rules: Sequence[Rule]) -> list[str]:
        """Rules in words, e.g. ``run if idle and start and not trip``."""
        return [rule.text([*self.states, *self.flags], self.states) for rule in rules]
