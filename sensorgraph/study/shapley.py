"""Exact Shapley values: what each modality is worth, over all orders in which they could have been added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial

from sensorgraph.errors import DataError

MOST_PLAYERS = 6


def shapley_values(players: Sequence[str], worth: Mapping[frozenset[str], float]) -> dict[str, float]:
    r"""Each player's mean contribution,

    .. math:: \phi_m = \sum_{S \not\ni m} \frac{|S|!\,(M - |S| - 1)!}{M!} \big(v(S \cup m) - v(S)\big)

    They add up to what all are worth together beyond nobody.

    Args:
        players: at most six, because every subset is looked at.
        worth: every subset to its value, the empty one too.

    Raises:
        DataError: too many players, or a subset without a value.

    Example:
        >>> worth = {frozenset(): 0.0, frozenset("a"): 0.5, frozenset("b"): 0.0, frozenset("ab"): 1.0}
        >>> shapley_values("ab", worth)
        {'a': 0.75, 'b': 0.25}

    Reference: Shapley, "A value for n-person games" (1953).
    """
    count = len(players)
    if count > MOST_PLAYERS:
        raise DataError(f"shapley: at most {MOST_PLAYERS} players; their subsets are too many (got {count})")
    everybody = [frozenset(part) for size in range(count + 1) for part in combinations(players, size)]
    missing = [part for part in everybody if part not in worth]
    if missing:
        raise DataError(f"shapley: every subset needs a value; {len(missing)} have none (e.g. {sorted(missing[0])})")
    out = {}
    for player in players:
        total = 0.0
        for part in everybody:
            if player not in part:
                share = factorial(len(part)) * factorial(count - len(part) - 1) / factorial(count)
                total += share * (worth[part | {player}] - worth[part])
        out[player] = total
    return out
