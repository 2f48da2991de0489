"""Learning the rules of a state machine from what it was seen to do."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sensorgraph.errors import DataError
from sensorgraph.heads.rules import Rule
from sensorgraph.heads.state_machine import StateMachineHead


@dataclass(frozen=True)
class LearnedRules:
    """What was learned.

    Attributes:
        rules: the simplest that agree with what was seen.
        text: the same in words.
        explained: share of the different steps seen, state, flags and what followed, that the rules tell right: the
            state that followed and no other. 1 where they are exact.
        num_steps: different steps seen. What was never seen is not known.
    """

    rules: tuple[Rule, ...]
    text: tuple[str, ...]
    explained: float
    num_steps: int


def fit_rules(
    head: StateMachineHead,
    state: Tensor,
    flags: Tensor,
    *,
    num_epochs: int = 600,
    num_tries: int = 5,
    learning_rate: float = 0.05,
    sparsity: float = 2e-3,
    seed: int = 0,
) -> LearnedRules:
    r"""Train a head on sequences until its rules, cut at one half, explain every step, or tries run out.

    Every different step counts once, however often it was taken, so that rare transitions are learned too. The loss is

    .. math:: -\sum_{c} \left(y_c \log \hat y_c + (1 - y_c) \log(1 - \hat y_c)\right) + \lambda \sum |m|

    Args:
        head: the head; it ends with the weights of its best try.
        state: [N, T] int64, sequences of states.
        flags: [N, T, P] 0 or 1, flags at the same time.
        num_epochs: gradient steps of a try.
        num_tries: beginnings from other random weights.
        learning_rate: of Adam.
        sparsity: weight of the masks' sizes.
        seed: of the weights.

    Raises:
        DataError: sequences of fewer than two steps, or of different length.

    Example:
        >>> head = StateMachineHead(["off", "on"], ["press"], num_rules=8)
        >>> press = torch.tensor([[1, 0, 1, 0, 0, 1, 1, 0]])
        >>> state = torch.cat([torch.zeros(1, 1, dtype=torch.int64), press.cumsum(1)[:, :-1] % 2], dim=1)
        >>> fit_rules(head, state, press[..., None].float()).text
        ('off if off and not press', 'off if on and press', 'on if off and press', 'on if on and not press')
    """
    if state.shape != flags.shape[:2] or state.shape[1] < 2:
        raise DataError(
            f"fit_rules: needs flags for every state, and two steps or more (got {tuple(state.shape)} states, "
            f"{tuple(flags.shape)} flags)"
        )
    steps = torch.cat([state[:, :-1, None], state[:, 1:, None], (flags[:, :-1] > 0.5).long()], dim=-1)
    steps = steps.flatten(0, 1).unique(dim=0)[None]
    now, following, seen = steps[..., 0], steps[..., 1], steps[..., 2:].to(flags.dtype)
    wanted = torch.nn.functional.one_hot(following, len(head.states)).to(flags.dtype)
    best: LearnedRules | None = None
    weights: dict[str, Tensor] = {}
    for number in range(num_tries):
        _begin_anew(head, torch.Generator().manual_seed(seed + number))
        optimizer = torch.optim.Adam(head.parameters(), learning_rate)
        for _ in range(num_epochs):
            optimizer.zero_grad()
            truth = head(now, seen).clamp(1e-6, 1 - 1e-6)
            size = torch.stack([torch.sigmoid(mask).sum() for mask in head.parameters()]).sum()
            loss = torch.nn.functional.binary_cross_entropy(truth, wanted, reduction="sum") + sparsity * size
            loss.backward()
            optimizer.step()
        rules = head.rules(now, seen, following)
        explained = _explained(head, rules, now, seen, wanted > 0.5)
        if best is None or explained > best.explained:
            best = LearnedRules(tuple(rules), tuple(head.text(rules)), explained, steps.shape[1])
            weights = {name: value.clone() for name, value in head.state_dict().items()}
        if explained == 1:
            break
    assert best is not None
    head.load_state_dict(weights)
    return best


def _begin_anew(head: StateMachineHead, generator: torch.Generator) -> None:
    with torch.no_grad():
        for part, middle in ((head.conjunctions, -2.0), (head.disjunctions, 0.0)):
            part.mask.copy_(middle + 0.5 * torch.randn(part.mask.shape, generator=generator))


def _explained(head: StateMachineHead, rules: list[Rule], now: Tensor, seen: Tensor, wanted: Tensor) -> float:
    truth = head.propositions(now, seen).flatten(0, 1) > 0.5
    told = torch.zeros(len(truth), len(head.states), dtype=torch.bool)
    for rule in rules:
        told[:, rule.conclusion] |= rule.holds(truth)
    return float((told == wanted.flatten(0, 1)).all(1).double().mean())
