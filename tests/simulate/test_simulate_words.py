"""Labels of words are true: pairs join to their value, roll-overs are where they are said to be, bits are in use."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.scenes import Sensor
from sensorgraph.simulate import Simulated, SimulatorConfig, simulate
from sensorgraph.typing import ChannelType


def words(made: Simulated, stream_id: str) -> np.ndarray:
    stream = made.recording.stream(stream_id)
    assert isinstance(stream, Sensor)
    return stream.values.astype(np.int64)


def test_halves_join_to_the_value(default_runs: list[Simulated]) -> None:
    for made in default_runs:
        assert len(made.recording.labels.pairs) == 5
        for pair in made.recording.labels.pairs:
            joined = (words(made, pair.msb) << 16) | words(made, pair.lsb)
            assert np.array_equal(joined, made.raw32[pair.msb])


def test_overflows_are_the_carries_of_the_value(default_runs: list[Simulated]) -> None:
    for made in default_runs:
        for pair in made.recording.labels.pairs:
            value = made.raw32[pair.msb].astype(np.int64)
            crossed = np.flatnonzero((value[1:] // 65536) != (value[:-1] // 65536)) + 1
            assert np.array_equal(made.recording.stream(pair.msb).times()[crossed], pair.overflow_s)
            signed = made.raw32[pair.msb].view(np.int32).astype(np.int64)
            assert np.abs(np.diff(signed)).max() < 32768  # nobody could follow more


def test_low_words_roll_over_in_most_scenes_and_the_rates_vary(default_runs: list[Simulated]) -> None:
    counts = np.array(
        [
            np.histogram(pair.overflow_s, np.arange(0, 61, 10))[0]
            for made in default_runs
            for pair in made.recording.labels.pairs
        ]
    )
    assert np.mean(counts >= 2) > 0.9
    assert np.quantile(counts.mean(1), 0.9) > 5 * np.quantile(counts.mean(1), 0.1)


def test_signed_values_cross_both_ways(default_runs: list[Simulated]) -> None:
    signed = [pair.msb for made in default_runs for pair in made.recording.labels.pairs if pair.encoding == "i32"]
    by_id = {name: bits for made in default_runs for name, bits in made.raw32.items()}
    assert signed
    for name in signed:
        steps = np.diff(by_id[name].view(np.int32).astype(np.int64) >> 16)
        assert (steps > 0).any()
        assert (steps < 0).any()


def test_twins_read_the_same_total() -> None:
    made = simulate(SimulatorConfig(recording_s=10.0, modalities=("sensor",), num_pairs=6, twin_share=1.0), 3)
    highs = [pair.msb for pair in made.recording.labels.pairs]
    twins = [link for link in made.recording.labels.links if set(link) <= set(highs)]
    assert twins
    for one, other in twins:
        first, second = (made.raw32[name].astype(np.float64) for name in (one, other))
        time_s, other_s = (made.recording.stream(name).times() for name in (one, other))
        inside = (time_s > other_s[0]) & (time_s < other_s[-1])
        difference = first[inside] - np.interp(time_s[inside], other_s, second)
        moved = np.ptp(first)
        assert np.ptp(difference) < 0.001 * moved + 2  # apart by a constant


def test_late_low_words_are_late_by_what_the_label_says() -> None:
    config = SimulatorConfig(recording_s=10.0, modalities=("sensor",), num_pairs=6, max_half_lag_samples=3)
    made = simulate(config, 1)
    lags = {pair.lag_samples for pair in made.recording.labels.pairs}
    assert len(lags) > 1
    for pair in made.recording.labels.pairs:
        low = words(made, pair.lsb)
        true = made.raw32[pair.msb].astype(np.int64) & 0xFFFF
        first, last = 5, len(low) - 5
        assert np.array_equal(low[first:last], true[first - pair.lag_samples : last - pair.lag_samples])


def test_float_pairs_hold_physical_values() -> None:
    config = SimulatorConfig(
        recording_s=10.0, modalities=("sensor",), num_pairs=3, float_pair_share=1.0, twin_share=0.0
    )
    made = simulate(config, 0)
    for pair in made.recording.labels.pairs:
        assert pair.encoding == "f32"
        stream = made.recording.stream(pair.msb)
        value = made.raw32[pair.msb].view(np.float32)
        expected = made.latents.at(stream.meta["observes"][0], stream.times())
        assert np.allclose(value, expected, rtol=1e-6)


@pytest.mark.parametrize("kind", [ChannelType.ONE_WORD, ChannelType.COMPLEX_BITS])
def test_unused_bits_never_move_and_used_bits_mostly_do(default_runs: list[Simulated], kind: ChannelType) -> None:
    shares = []
    for made in default_runs:
        for name, label in made.recording.labels.channels.items():
            if label.type is kind:
                values = words(made, name)
                ever = int(np.bitwise_or.reduce(values))
                active = ever & ~int(np.bitwise_and.reduce(values))
                assert ever & ~label.used_bits == 0
                assert label.flag_bits & ~label.used_bits == 0
                shares.append(active.bit_count() / label.used_bits.bit_count())
    assert np.mean(shares) > 0.9


def test_fields_cover_the_used_bits_without_overlap(default_runs: list[Simulated]) -> None:
    layouts = set()
    for made in default_runs:
        for label in made.recording.labels.channels.values():
            masks = [((1 << (last - first + 1)) - 1) << first for first, last, _ in label.fields]
            assert sum(masks) == label.used_bits
            assert sum(m for m, (_, _, kind) in zip(masks, label.fields, strict=True) if kind == "flag") == (
                label.flag_bits
            )
            if label.type is ChannelType.COMPLEX_BITS:
                assert label.flag_bits.bit_count() >= 2
                layouts.add(label.fields)
    assert len(layouts) > 20


def test_loss_and_bit_errors_are_as_frequent_as_asked() -> None:
    clean = SimulatorConfig(recording_s=20.0, modalities=("sensor",))
    noisy = SimulatorConfig(recording_s=20.0, modalities=("sensor",), sample_loss=0.05, bit_error=0.01)
    before, after = simulate(clean, 2), simulate(noisy, 2)
    flipped = lost = total = 0
    for name in before.recording.labels.channels:
        valid = after.recording.stream(name).validity()  # type: ignore[union-attr]
        difference = (words(before, name) ^ words(after, name))[valid]
        flipped += int(np.unpackbits(difference.astype("<u2").view(np.uint8)).sum())
        lost += int((~valid).sum())
        total += len(valid)
    assert 0.045 < lost / total < 0.055
    assert 0.009 < flipped / (16 * (total - lost)) < 0.011
