"""Truths about pairs: a 32-bit value split into words is found, the right way round, whatever happens to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.scenes import Clock, Sensor
from sensorgraph.typing import ChannelType
from sensorgraph.words import (
    BIN_EVIDENCE,
    EVIDENCE,
    WordChannel,
    WordTable,
    find_candidates,
    overflow_bins,
    read_words_classical,
    rollovers,
)

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def walk(seed: int, num: int = 3000, step: float = 3000.0, drift: float = 0.0) -> np.ndarray:
    """A random walk of 32-bit values that passes multiples of 2^16 many times."""
    rng = np.random.default_rng(seed)
    value = rng.integers(0, 2**32) + np.cumsum(drift + step * rng.standard_normal(num))
    return (np.floor(value).astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)


def halves(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (value >> 16).astype(np.uint16), (value & 0xFFFF).astype(np.uint16)


def distractors(seed: int, num: int, rate_hz: float) -> list[WordChannel]:
    rng = np.random.default_rng([seed, 1])
    noise = rng.integers(0, 65536, num).astype(np.uint16)
    smooth = (30000 + np.cumsum(rng.standard_normal(num)) * 20).astype(np.int64).astype(np.uint16)
    flags = (np.cumsum(rng.random(num) < 0.01) % 2).astype(np.uint16)
    return [WordChannel(values, rate_hz) for values in (noise, smooth, flags)]


def found_pairs(channels: list[WordChannel]) -> list[tuple[int, int, int]]:
    return [(pair.msb, pair.lsb, pair.lag_samples) for pair in read_words_classical(channels).pairs]


@QUICK
@given(
    seed=st.integers(0, 2**31),
    step=st.floats(1500, 20000),
    drift=st.sampled_from([0.0, 2000.0, -2000.0]),
    first=st.booleans(),
)
def test_split_random_walk_is_found_in_the_right_order(seed: int, step: float, drift: float, first: bool) -> None:
    high, low = (WordChannel(words, 50.0) for words in halves(walk(seed, step=step, drift=drift)))
    others = distractors(seed, 3000, 50.0)
    channels = [high, *others, low] if first else [low, *others, high]
    expected = (0, 4, 0) if first else (4, 0, 0)
    assert found_pairs(channels) == [expected]


@QUICK
@given(seed=st.integers(0, 2**31), lag=st.integers(-2, 2))
def test_lag_is_found(seed: int, lag: int) -> None:
    value = walk(seed, drift=1000.0)
    num = len(value)
    high, _ = halves(value)
    _, low = halves(value[np.clip(np.arange(num) - lag, 0, num - 1)])
    channels = [WordChannel(low, 50.0), WordChannel(high, 50.0), *distractors(seed, num, 50.0)]
    assert found_pairs(channels) == [(1, 0, lag)]


@QUICK
@given(seed=st.integers(0, 2**31), factor=st.integers(2, 6), slow_low=st.booleans())
def test_halves_at_different_rates_are_found(seed: int, factor: int, slow_low: bool) -> None:
    high, low = halves(walk(seed, num=6000, step=500.0, drift=800.0))
    slow = np.ascontiguousarray((low if slow_low else high)[::factor])
    pair = (
        [WordChannel(high, 60.0), WordChannel(slow, 60.0 / factor)]
        if slow_low
        else [WordChannel(slow, 60.0 / factor), WordChannel(low, 60.0)]
    )
    assert [(msb, lsb) for msb, lsb, _ in found_pairs([*pair, *distractors(seed, 6000, 60.0)])] == [(0, 1)]


@QUICK
@given(seed=st.integers(0, 2**31), share=st.floats(0.05, 0.3))
def test_missing_samples_are_not_mistaken_for_changes(seed: int, share: float) -> None:
    rng = np.random.default_rng([seed, 2])
    channels = []
    for words in halves(walk(seed, num=4000, step=2000.0)):
        there = rng.random(len(words)) >= share
        # What stands where a word is missing must not matter.
        garbage = rng.integers(0, 65536, len(words)).astype(np.uint16)
        channels.append(WordChannel(np.where(there, words, garbage), 50.0, valid=there))
    assert found_pairs(channels) == [(0, 1, 0)]
    evidence = find_candidates(channels)
    assert evidence.column("known")[0] < 1.0


def test_bit_errors_are_tolerated() -> None:
    rng = np.random.default_rng(5)
    spoilt = []
    for words in halves(walk(5, num=6000, step=3000.0)):
        errors = rng.random((len(words), 16)) < 1e-3
        spoilt.append(WordChannel(words ^ (errors << np.arange(16)).sum(axis=1).astype(np.uint16), 50.0))
    assert found_pairs(spoilt) == [(0, 1, 0)]


def test_fast_clock_that_steps_almost_two_words_per_sample() -> None:
    high, low = halves((7_000_000 + 100_000 * np.arange(400)).astype(np.uint32))
    assert found_pairs([WordChannel(low, 10.0), WordChannel(high, 10.0)]) == [(1, 0, 0)]


def test_rounded_floats_pair_by_recurrence() -> None:
    rng = np.random.default_rng(1)
    # A converter's counts times an odd scale, with steps far beyond a low word: no carry can be followed.
    physical = (np.round(rng.normal(2000.0, 300.0, 4000)) * 0.0137231).astype(np.float32)
    high, low = halves(physical.view(np.uint32))
    found = read_words_classical([WordChannel(low, 50.0), WordChannel(high, 50.0)])
    assert [(pair.msb, pair.lsb) for pair in found.pairs] == [(1, 0)]


def test_irregular_time_stamps_of_two_clocks() -> None:
    rng = np.random.default_rng(3)
    time_s = np.cumsum(rng.uniform(0.015, 0.025, 4000))
    high, low = halves((5e6 + 2e6 * np.sin(time_s / 3)).astype(np.uint32))
    every = np.flatnonzero(rng.random(4000) < 0.5)
    channels = [
        WordChannel(high[every], 25.0, time_s=time_s[every]),
        WordChannel(low, 50.0, time_s=time_s),
    ]
    assert [(msb, lsb) for msb, lsb, _ in found_pairs(channels)] == [(0, 1)]


def test_many_clocks_meet_on_one_grid() -> None:
    channels = []
    for number in range(12):
        value = walk(number, num=2000, step=1500.0, drift=500.0)
        channels += [WordChannel(words, 100.0, start_s=number * 1e-3) for words in halves(value)]
    found = find_candidates(WordTable.of(channels))
    links = set(map(tuple, found.link.tolist()))
    assert {(2 * number, 2 * number + 1) for number in range(12)} <= links
    assert np.isfinite(found.evidence).all()


def test_redundant_sources_with_the_same_carries_are_named_not_guessed() -> None:
    high, low = halves(walk(4, num=2000, step=4000.0))
    channels = [WordChannel(words, 50.0) for words in (high, low, high.copy(), low.copy())]
    found = read_words_classical(channels)
    assert found.pairs == ()
    assert {note.channel for note in found.abstentions} == {0, 1, 2, 3}
    assert {note.reason for note in found.abstentions} == {"two redundant partners"}
    assert (found.channel_type == ChannelType.TWO_WORD).all()


def test_redundant_sources_with_other_offsets_are_told_apart() -> None:
    value = walk(6, num=3000, step=5000.0)
    channels = []
    for offset in (0, 9000, 31000):
        channels += [WordChannel(words, 50.0) for words in halves(value + np.uint32(offset))]
    assert found_pairs(channels) == [(0, 1, 0), (2, 3, 0), (4, 5, 0)]


def test_unrelated_channels_do_not_pair() -> None:
    for seed in range(6):
        assert found_pairs(distractors(seed, 3000, 50.0)) == []


def test_candidates_are_finite_sorted_and_of_order_one() -> None:
    channels = [WordChannel(words, 50.0) for words in halves(walk(8))] + distractors(8, 3000, 50.0)
    found = find_candidates(channels)
    assert found.evidence.dtype == np.float32
    assert found.evidence.shape == (len(found), len(EVIDENCE))
    assert np.isfinite(found.evidence).all()
    assert np.abs(found.evidence).max() < 10
    assert found.link.tolist() == sorted(found.link.tolist())
    assert len(set(map(tuple, found.link.tolist()))) == len(found)


def test_order_of_channels_does_not_matter() -> None:
    channels = [WordChannel(words, 50.0) for words in halves(walk(9))] + distractors(9, 3000, 50.0)
    order = [3, 0, 4, 1, 2]
    plain, shuffled = find_candidates(channels), find_candidates([channels[number] for number in order])
    renamed = {tuple(order[number] for number in link): row for row, link in enumerate(shuffled.link.tolist())}
    rows = [renamed[tuple(link)] for link in plain.link.tolist()]
    np.testing.assert_allclose(plain.evidence, shuffled.evidence[rows], atol=1e-5)


def test_overflow_bins_count_carries() -> None:
    value = (500_000 + 9000 * np.arange(1000)).astype(np.uint32)
    high, low = halves(value)
    true_s = (np.flatnonzero(np.diff(high)) + 1) / 50.0
    clock = Clock(duration_s=20.0, num_bins=10)
    found = overflow_bins([WordChannel(high, 50.0), WordChannel(low, 50.0)], np.array([[0, 1], [1, 0]]), clock)
    assert found.shape == (2, 10, len(BIN_EVIDENCE))
    per_bin = np.bincount(clock.bin_of(true_s), minlength=10)
    np.testing.assert_allclose(2 ** found[0, :, BIN_EVIDENCE.index("answered_wraps")] - 1, per_bin, atol=1e-5)
    assert (found[0, :, BIN_EVIDENCE.index("unanswered_steps")] == 0).all()
    assert rollovers(WordChannel(high, 50.0), WordChannel(low, 50.0)).tolist() == (true_s * 50).round().tolist()


def test_rollovers_leave_out_what_only_the_high_word_shows() -> None:
    high, low = halves((500_000 + 900 * np.arange(1000)).astype(np.uint32))
    true = rollovers(WordChannel(high, 50.0), WordChannel(low, 50.0)).tolist()
    spoilt = high.copy()
    spoilt[401] ^= np.uint16(64)
    assert 401 not in true
    assert rollovers(WordChannel(spoilt, 50.0), WordChannel(low, 50.0)).tolist() == true


def test_real_words_candidates_hold_every_identifiable_pair(shared_data) -> None:  # type: ignore[no-untyped-def]
    missed = []
    for path in sorted((shared_data / "words").glob("*.npz")):
        with np.load(path) as file:
            ptr, values, rates = file["ptr"], file["values"], file["rate_hz"]
            channels = [
                WordChannel(values[first:last], float(rate))
                for first, last, rate in zip(ptr[:-1], ptr[1:], rates, strict=True)
            ]
            links = set(map(tuple, find_candidates(channels).link.tolist()))
            wanted = file["pairs"][file["identifiable"].astype(bool)] if len(file["pairs"]) else []
            missed += [
                (path.name, tuple(pair)) for pair in map(tuple, np.asarray(wanted).tolist()) if pair not in links
            ]
    assert missed == []


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        (np.array([1.0, 2.0]), "astype"),
        (np.array([1.5, 2.0]), "fractions"),
        (np.array([1, -2], np.int16), "view"),
        (np.array([1, 70000], np.int64), "split"),
        (np.array([1, 7], np.int64), "astype"),
        (np.zeros((2, 2), np.uint16), "1-D"),
        ([1, 2], "numpy array"),
    ],
)
def test_wrong_words_say_the_way_out(values: object, remedy: str) -> None:
    with pytest.raises(DataError, match=remedy):
        WordChannel(values, 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_rates_are_refused(rate_hz: float) -> None:
    with pytest.raises(DataError, match="rate_hz"):
        WordChannel(np.zeros(3, np.uint16), rate_hz)


def test_unequal_lengths_and_backward_times_are_refused() -> None:
    words = np.zeros(3, np.uint16)
    with pytest.raises(DataError, match="valid"):
        WordChannel(words, 1.0, valid=np.ones(2, bool))
    with pytest.raises(DataError, match="time_s"):
        WordChannel(words, 1.0, time_s=np.zeros(4))
    with pytest.raises(DataError, match="backwards"):
        WordChannel(words, 1.0, time_s=np.array([0.0, 2.0, 1.0]))
    with pytest.raises(DataError, match="channel 0"):
        find_candidates([Sensor("a", 1.0, np.zeros(3, np.float32))])


def test_poor_recordings_give_no_pair_and_say_why() -> None:
    empty, short = WordChannel(np.zeros(0, np.uint16), 1.0), WordChannel(np.array([1, 2, 3], np.uint16), 1.0)
    still = WordChannel(np.full(100, 7, np.uint16), 1.0)
    found = read_words_classical([empty, short, still, still])
    assert found.pairs == ()
    assert [note.reason for note in found.abstentions] == ["too short", "too short", "constant", "constant"]
    lost = WordChannel(np.arange(50, dtype=np.uint16), 1.0, valid=np.zeros(50, bool))
    assert read_words_classical([lost, lost]).pairs == ()
    assert len(find_candidates([])) == 0
    with pytest.raises(DataError, match="at least one"):
        read_words_classical([])
    with pytest.raises(DataError, match="max_lag"):
        find_candidates([still], max_lag=-1)
    with pytest.raises(DataError, match="links must name"):
        overflow_bins([still], np.array([[0, 1]]), Clock(1.0, 1))
