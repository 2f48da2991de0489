"""Truths about the inside of a word: bits, fields, flags, features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sensorgraph.errors import DataError
from sensorgraph.typing import ChannelType
from sensorgraph.words import WORD_FEATURE_NAMES, WordChannel, bit_statistics, read_words_classical, word_features
from sensorgraph.words.bit_errors import without_bit_errors
from sensorgraph.words.fields import layout

words = arrays.arrays(np.uint16, st.integers(0, 40), elements=st.integers(0, 65535))


@settings(max_examples=60, deadline=None)
@given(words)
def test_bit_statistics_equal_the_plain_count(values: np.ndarray) -> None:
    found = bit_statistics(values)
    plain = (values[:, None] >> np.arange(16)) & 1
    num = max(len(values), 1)
    np.testing.assert_allclose(found.ones, plain.sum(axis=0) / num)
    toggles = (plain[1:] != plain[:-1]).sum(axis=0)
    np.testing.assert_allclose(found.toggle, toggles / max(len(values) - 1, 1))
    assert found.live == int(((toggles > 0) << np.arange(16)).sum())


@settings(max_examples=60, deadline=None)
@given(words)
def test_word_features_are_finite_for_any_word(values: np.ndarray) -> None:
    found = word_features(values)
    assert found.shape == (len(WORD_FEATURE_NAMES),)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 4.0


@settings(max_examples=30, deadline=None)
@given(values=words, seed=st.integers(0, 99))
def test_missing_words_do_not_count(values: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    valid = rng.random(len(values)) < 0.7
    other = np.where(valid, values, rng.integers(0, 65536, len(values))).astype(np.uint16)
    np.testing.assert_array_equal(word_features(values, valid), word_features(other, valid))


def test_wrong_mask_is_refused() -> None:
    with pytest.raises(DataError, match="valid"):
        bit_statistics(np.zeros(3, np.uint16), np.ones(4, bool))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), width=st.integers(9, 16), step=st.floats(0.8, 30))
def test_a_number_is_one_field_from_bit_0(seed: int, width: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    top = 2**width - 1
    signal = np.cumsum(rng.standard_normal(4000)) * step
    number = np.abs((signal + rng.uniform(0, top)) % (2 * top) - top).astype(np.uint16)
    found = layout(number)
    assert len(found.fields) == 1
    assert found.flags == 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), split=st.integers(5, 10))
def test_two_numbers_in_one_word_are_two_fields(seed: int, split: int) -> None:
    rng = np.random.default_rng(seed)
    parts = []
    for width in (split, 16 - split):
        top = 2**width - 1
        signal = np.cumsum(rng.standard_normal(5000)) * 0.5 + rng.uniform(0, top)
        parts.append(np.abs(signal % (2 * top) - top).astype(np.uint16))
    found = layout(parts[0] | (parts[1] << np.uint16(split)))
    assert split in {first for first, _ in found.fields}


def test_flags_beside_a_counter_are_flags() -> None:
    rng = np.random.default_rng(2)
    time = np.arange(4000)
    counter = time // 3 % 256
    flags = [(np.searchsorted(np.sort(rng.integers(0, 4000, 40)), time) % 2) << bit for bit in (8, 10, 11)]
    word = (counter + sum(flags)).astype(np.uint16)
    found = read_words_classical([WordChannel(word, 50.0)])
    assert found.channel_type.tolist() == [ChannelType.COMPLEX_BITS]
    assert found.flag_bits.tolist() == [0b1101_0000_0000]
    assert found.fields[0][0] == (0, 7, "counter")
    assert found.live_bits.tolist() == [0b1101_1111_1111]


@pytest.mark.parametrize(("stride", "end"), [(1, 252), (2, 251), (3, 1000), (7, 9000)])
def test_a_counter_is_one_field_whatever_its_stride_and_its_end(stride: int, end: int) -> None:
    words = ((40 + stride * np.arange(4000)) % end).astype(np.uint16)
    found = layout(words)
    assert (len(found.fields), found.flags) == (1, 0)
    flagged = layout(words | np.where(np.arange(4000) % 900 > 700, 1 << 15, 0).astype(np.uint16))
    assert (15, 15) in flagged.fields


def test_a_smooth_word_is_one_word() -> None:
    value = (20000 + 15000 * np.sin(np.arange(3000) / 80)).astype(np.uint16)
    found = read_words_classical([WordChannel(value, 50.0)])
    assert found.channel_type.tolist() == [ChannelType.ONE_WORD]
    assert found.fields == (((0, 15, "value"),),)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_scattered_bit_errors_are_taken_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clean = (30000 + 4000 * np.sin(np.arange(4000) / 300)).astype(np.uint16)[None, :]
    dirty = clean.copy()
    at = 10 + 60 * rng.permutation(60)[:12]
    dirty[0, at] ^= (1 << rng.permutation(np.repeat(np.arange(8, 16), 2))[:12]).astype(np.uint16)
    mended = without_bit_errors(dirty)
    assert np.abs(mended[0].astype(int) - clean[0]).max() <= 14


def test_a_flag_that_pulses_for_one_sample_stays() -> None:
    pulses = np.zeros((1, 1000), np.uint16)
    pulses[0, ::100] = 1 << 9
    assert (without_bit_errors(pulses) == pulses).all()
