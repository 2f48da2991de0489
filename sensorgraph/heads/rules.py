"""Rules as text, and the simplest rules that say the same of everything that was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rule:
    """If all of this holds, the conclusion follows.

    Attributes:
        conclusion: number of what follows.
        literals: proposition number to whether it must be true (True) or false (False).
    """

    conclusion: int
    literals: Mapping[int, bool]

    def holds(self, truth: Tensor) -> Tensor:
        """Where the rule applies: [M, P] bool to [M] bool."""
        out = torch.ones(len(truth), dtype=torch.bool)
        for place, sign in self.literals.items():
            out &= truth[:, place] == sign
        return out

    def text(self, propositions: Sequence[str], conclusions: Sequence[str]) -> str:
        """The rule in words.

        Example:
            >>> Rule(1, {0: True, 2: False}).text(["idle", "run", "trip"], ["idle", "run"])
            'run if idle and not trip'
        """
        parts = [propositions[p] if sign else f"not {propositions[p]}" for p, sign in sorted(self.literals.items())]
        return f"{conclusions[self.conclusion]} if {' and '.join(parts) or 'anything'}"


def simplest(rules: Sequence[Rule], truth: Tensor, concluded: Tensor) -> list[Rule]:
    """Leaves out what does not matter, as far as what was seen tells.

    Rules that never applied, or that applied wrongly, go; then literals without which a rule still never applies
    wrongly, negated ones first, because "is idle" says more to people than "is neither running nor tripped"; then rules
    that say nothing new beside the others.

    Args:
        rules: as a head has learned them.
        truth: [M, P] bool, what was seen.
        concluded: [M, C] bool, what followed.

    Example:
        >>> seen = torch.tensor([[True, False], [True, True], [False, True]])
        >>> followed = torch.tensor([[True], [False], [False]])
        >>> simplest([Rule(0, {0: True, 1: False})], seen, followed)
        [Rule(conclusion=0, literals={1: False})]
    """
    out: list[Rule] = []
    for conclusion in range(concluded.shape[1]):
        wanted = concluded[:, conclusion]
        kept: dict[frozenset[tuple[int, bool]], Rule] = {}
        for rule in rules:
            where = rule.holds(truth)
            if rule.conclusion == conclusion and bool(where.any()) and not bool((where & ~wanted).any()):
                short = _shortened(rule, truth, wanted)
                kept[frozenset(short.literals.items())] = short
        out += _needed(list(kept.values()), truth)
    return out


def _shortened(rule: Rule, truth: Tensor, wanted: Tensor) -> Rule:
    literals = dict(rule.literals)
    for place in sorted(literals, key=lambda p: (literals[p], -p)):
        shorter = Rule(rule.conclusion, {p: sign for p, sign in literals.items() if p != place})
        if not bool((shorter.holds(truth) & ~wanted).any()):
            del literals[place]
    return Rule(rule.conclusion, literals)


def _needed(rules: list[Rule], truth: Tensor) -> list[Rule]:
    """Without those whose cases others cover; the longest and most negative are tried first."""
    cases = {id(rule): rule.holds(truth) for rule in rules}
    for rule in sorted(rules, key=lambda r: (-len(r.literals), sum(r.literals.values()))):
        others = [cases[id(other)] for other in rules if other is not rule]
        if others and not bool((cases[id(rule)] & ~torch.stack(others).any(0)).any()):
            rules = [other for other in rules if other is not rule]
    return sorted(rules, key=lambda r: sorted((place, not sign) for place, sign in r.literals.items()))
