"""Shapley values: what their definition promises, for any game."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.study.shapley import shapley_values

PLAYERS = ("a", "b", "c", "d")
SUBSETS = [frozenset(part) for size in range(len(PLAYERS) + 1) for part in combinations(PLAYERS, size)]
games = st.lists(st.floats(-5, 5), min_size=len(SUBSETS), max_size=len(SUBSETS)).map(
    lambda values: dict(zip(SUBSETS, values, strict=True))
)


@given(game=games)
@settings(max_examples=50, deadline=None)
def test_values_add_up_to_what_all_are_worth_together(game: dict[frozenset[str], float]) -> None:
    found = shapley_values(PLAYERS, game)
    assert np.isclose(sum(found.values()), game[frozenset(PLAYERS)] - game[frozenset()])


@given(game=games)
@settings(max_examples=50, deadline=None)
def test_players_that_add_the_same_get_the_same(game: dict[frozenset[str], float]) -> None:
    def mirrored(part: frozenset[str]) -> frozenset[str]:
        return frozenset({"a": "b", "b": "a"}.get(name, name) for name in part)

    even = {part: (game[part] + game[mirrored(part)]) / 2 for part in game}
    found = shapley_values(PLAYERS, even)
    assert np.isclose(found["a"], found["b"])


@given(game=games)
@settings(max_examples=50, deadline=None)
def test_who_adds_nothing_gets_nothing(game: dict[frozenset[str], float]) -> None:
    without = {part: game[part - {"d"}] for part in game}
    assert np.isclose(shapley_values(PLAYERS, without)["d"], 0)


def test_a_missing_subset_and_too_many_players_are_refused() -> None:
    with pytest.raises(DataError, match="every subset"):
        shapley_values(("a",), {frozenset(): 0.0})
    with pytest.raises(DataError, match="at most 6"):
        shapley_values(tuple("abcdefg"), {})
