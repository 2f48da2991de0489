"""Figures of single bits: carries, codes and flags look different, and nothing makes them infinite."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.words import layout
from sensorgraph.words.bit_figures import BIT_FIGURES, bit_figures


def named(words: np.ndarray, valid: np.ndarray | None = None) -> dict[str, np.ndarray]:
    return dict(zip(BIT_FIGURES, bit_figures(words, layout(words, valid), valid).T, strict=True))


def test_a_counter_carries() -> None:
    found = named(np.arange(4096, dtype=np.uint16))
    np.testing.assert_allclose(found["with_lower"][1:12], 1.0)
    np.testing.assert_allclose(found["carry_run"][1:12], 1.0)
    assert found["opposite_to_lower"][11] == -1.0  # the top bit rises once, when all below it fall
    assert found["live"].tolist() == [1.0] * 12 + [0.0] * 4


def test_bits_of_a_code_change_in_the_same_direction() -> None:
    words = np.where(np.arange(600) // 50 % 2, 0b110, 0).astype(np.uint16)
    found = named(words)
    assert found["opposite_to_lower"][2] == 1.0
    assert found["level_with_lower"][2] == pytest.approx(1.0)
    assert found["alone"][2] == 0.0


def test_a_lone_flag_changes_alone() -> None:
    rng = np.random.default_rng(0)
    words = (np.cumsum(rng.random(5000) < 0.01) % 2 << 9).astype(np.uint16)
    found = named(words)
    assert found["alone"][9] == 1.0
    assert found["others"][9] == 0.0
    assert found["toggle_of_changes"][9] == 1.0


@pytest.mark.parametrize("num", [0, 1, 2, 3, 50])
def test_short_and_constant_words_have_finite_figures(num: int) -> None:
    for words in (np.full(num, 7, np.uint16), np.random.default_rng(num).integers(0, 65536, num).astype(np.uint16)):
        figures = bit_figures(words, layout(words))
        assert figures.shape == (16, len(BIT_FIGURES))
        assert np.isfinite(figures).all()


def test_missing_words_do_not_count() -> None:
    rng = np.random.default_rng(1)
    words = np.arange(3000, dtype=np.uint16)
    there = rng.random(3000) > 0.2
    spoilt = np.where(there, words, rng.integers(0, 65536, 3000)).astype(np.uint16)
    assert named(spoilt, there)["live"][12:].tolist() == [0.0] * 4


def test_busy_words_are_thinned_out_without_a_change_of_scale() -> None:
    words = np.random.default_rng(2).integers(0, 65536, 30_000).astype(np.uint16)
    found = named(words)
    np.testing.assert_allclose(found["toggle_of_changes"], 0.5, atol=0.03)
    np.testing.assert_allclose(found["with_lower"][1:], 0.5, atol=0.03)
    np.testing.assert_allclose(found["ones"], 0.5, atol=0.03)
