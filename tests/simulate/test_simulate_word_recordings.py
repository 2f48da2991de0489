"""Made words are what their truth says, and variations of real ones stay true."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.simulate.word_layouts import draw_packed
from sensorgraph.simulate.word_recordings import random_recording
from sensorgraph.simulate.word_signals import CHARACTERS, draw_signal
from sensorgraph.simulate.word_variations import fields_of, spoil, varied
from sensorgraph.typing import ChannelType
from sensorgraph.words.labelled import LabelledWords


def consistent(recording: LabelledWords) -> None:
    halves = [half for pair in recording.pairs for half in pair]
    assert len(set(halves)) == len(halves)
    assert {n for n, kind in enumerate(recording.channel_type) if kind == ChannelType.TWO_WORD} >= set(halves)
    assert len(recording.pairs) == len(recording.identifiable) == len(recording.rollovers)
    for channel, kind, flags, used in zip(
        recording.channels, recording.channel_type, recording.flag_bits, recording.used_bits, strict=True
    ):
        assert channel.values.dtype == np.uint16
        assert flags & ~used == 0
        if kind != ChannelType.COMPLEX_BITS:
            assert flags == 0


@pytest.mark.parametrize("seed", range(12))
def test_a_recording_is_true_to_its_labels_and_its_seed(seed: int) -> None:
    recording = random_recording(seed)
    consistent(recording)
    again = random_recording(seed)
    assert [channel.values.tolist() for channel in recording.channels] == [
        channel.values.tolist() for channel in again.channels
    ]


def test_recordings_are_varied() -> None:
    made = [random_recording(seed) for seed in range(40)]
    assert len({channel.rate_hz for one in made for channel in one.channels}) > 10
    assert {int(kind) for one in made for kind in one.channel_type} == {0, 1, 2}
    assert {encoding for one in made for encoding in one.encodings or ()} == {"u32", "i32", "f32"}
    assert any(lag for one in made for lag in one.lags or ())
    assert any(channel.valid is not None for one in made for channel in one.channels)


@pytest.mark.parametrize("character", CHARACTERS)
def test_every_character_gives_finite_signals(character: object) -> None:
    for seed in range(5):
        signal = character(np.random.default_rng(seed), 300)  # type: ignore[operator]
        assert signal.shape == (300,)
        assert np.isfinite(signal).all()


def test_signals_have_unit_mean_step() -> None:
    for seed in range(20):
        steps = np.abs(np.diff(draw_signal(np.random.default_rng(seed), 400)))
        if steps.any():
            assert steps[steps > 0].mean() == pytest.approx(1.0)


def test_unused_bits_of_packed_words_never_move() -> None:
    for seed in range(50):
        packed = draw_packed(np.random.default_rng(seed), 500)
        moved = int(np.bitwise_or.reduce(packed.words ^ packed.words[0]))
        assert moved & ~packed.used == 0
        assert packed.flags & ~packed.used == 0


def test_variations_keep_the_truth() -> None:
    made = [random_recording(seed) for seed in range(6)]
    fields = fields_of(made)
    rng = np.random.default_rng(0)
    for recording in made:
        for _ in range(5):
            again = varied(recording, fields, rng)
            consistent(again)
            assert again.source == recording.source
            for channel, used, kind in zip(again.channels, again.used_bits, again.channel_type, strict=True):
                if kind == ChannelType.COMPLEX_BITS and again.channels[0].valid is None:
                    assert len(channel.values) >= 2
                    assert used


def test_joined_halves_stay_one_value() -> None:
    """A pair that is moved by an offset still steps where its low word rolls over."""
    made = [random_recording(seed) for seed in range(10)]
    for recording in made:
        again = varied(recording, [], np.random.default_rng(3))
        for (msb, _), samples in zip(again.pairs, again.rollovers, strict=True):
            if again.channels[msb].valid is None:
                assert len(samples) <= len(again.channels[msb].values)


def test_spoilt_recordings_lose_or_flip_words() -> None:
    recording = random_recording(3)
    ways = set()
    for seed in range(60):
        spoilt = spoil(recording, np.random.default_rng(seed))
        marked = any(channel.valid is not None for channel in spoilt.channels)
        same = all((a.values == b.values).all() for a, b in zip(spoilt.channels, recording.channels, strict=True))
        ways.add("marked" if marked else "same" if same else "changed")
    assert ways == {"marked", "same", "changed"}
