"""Summaries of signals whose level, spread, spectrum and bits are known."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.graph.summary import (
    AUDIO_FEATURES,
    IMAGE_FEATURES,
    NUM_FEATURES,
    PHYSICAL_FEATURES,
    SENSOR_FEATURES,
    TOGGLE_RATES,
    VIDEO_FEATURES,
    feature_names,
    summarise_audio,
    summarise_pictures,
    summarise_sensor,
)
from sensorgraph.graph.summary.audio import NUM_AUDIO_BANDS
from sensorgraph.graph.summary.picture import area_average
from sensorgraph.graph.summary.sensor import BAND_EDGES, NUM_BANDS
from sensorgraph.graph.summary.spectrum import band_powers
from sensorgraph.graph.text import TextVocabulary

RATE_HZ, NUM_BINS, PER_BIN = 100, 4, 100
NUM_WORD_FEATURES = len(SENSOR_FEATURES) - len(PHYSICAL_FEATURES)


def _feature(name: str) -> int:
    return SENSOR_FEATURES.index(name)


def _summarise(values, valid=None, bins=None, num_bins=NUM_BINS):
    valid = np.ones(len(values), bool) if valid is None else valid
    bins = np.arange(len(values)) // PER_BIN if bins is None else bins
    return summarise_sensor(values, valid, bins, num_bins)


def _sine(frequency_hz: float, amplitude: float = 1.0, level: float = 0.0) -> np.ndarray:
    time_s = np.arange(NUM_BINS * PER_BIN) / RATE_HZ
    return (level + amplitude * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


@pytest.mark.parametrize("amplitude", [0.01, 1.0, 30.0])
def test_sine_has_its_level_spread_and_crest(amplitude):
    summary, observed = _summarise(_sine(5.0, amplitude, level=3.0))
    assert observed[:, : len(PHYSICAL_FEATURES)].all()
    assert not observed[:, len(PHYSICAL_FEATURES) :].any()
    np.testing.assert_allclose(summary[:, _feature("level")], 3.0, atol=1e-3 * amplitude)
    np.testing.assert_allclose(10 ** summary[:, _feature("log_spread")], amplitude / np.sqrt(2), rtol=1e-2)
    np.testing.assert_allclose(10 ** summary[:, _feature("log_crest")], np.sqrt(2), rtol=1e-2)


@pytest.mark.parametrize("band", range(1, NUM_BANDS))
def test_tone_lies_in_its_band(band):
    # From the second band on: with 100 samples per bin the first is narrower than the window's main lobe.
    middle_hz = np.sqrt(BAND_EDGES[band] * BAND_EDGES[band + 1]) * RATE_HZ / 2
    summary, _ = _summarise(_sine(middle_hz))
    bands = summary[:, _feature("log_band_0") : _feature("log_band_0") + NUM_BANDS]
    assert (bands.argmax(1) == band).all()


def test_slope_is_the_rise_over_a_bin():
    summary, _ = _summarise((np.arange(400) * 0.02).astype(np.float32))
    np.testing.assert_allclose(summary[:, _feature("slope")], 2.0, rtol=1e-3)


def test_repeated_share_counts_what_stands_still():
    summary, _ = _summarise(np.repeat(np.arange(200, dtype=np.float32), 2))
    np.testing.assert_allclose(summary[:, _feature("repeated_share")], 50 / 99, rtol=1e-6)


def test_constant_has_least_spread_no_crest_and_repeats():
    summary, observed = _summarise(np.full(400, 7.0, np.float32))
    np.testing.assert_allclose(summary[:, _feature("log_spread")], -6.0, atol=1e-3)
    assert not observed[:, _feature("log_crest")].any()
    assert (summary[:, _feature("repeated_share")] == 1).all()
    assert (summary[:, _feature("level")] == 7).all()


def test_gap_leaves_its_bin_unobserved_and_the_others_alone():
    values = _sine(5.0, 2.0, 1.0)
    whole, _ = _summarise(values)
    valid = np.ones(400, bool)
    valid[100:200] = False
    holed = np.where(valid, values, np.float32(np.nan))
    summary, observed = _summarise(holed, valid)
    assert not observed[1].any()
    assert not summary[1].any()
    np.testing.assert_array_equal(summary[[0, 2, 3]], whole[[0, 2, 3]])


def test_part_filled_bin_has_a_level_but_no_spectrum():
    valid = np.ones(400, bool)
    valid[110:200] = False
    _, observed = _summarise(_sine(5.0), valid)
    assert observed[1, [_feature("level"), _feature("log_spread")]].all()
    assert not observed[1, _feature("log_band_3")]
    assert not observed[1, _feature("slope")]
    assert observed[0, _feature("slope")]


def test_one_sample_per_bin_has_a_level_alone():
    summary, observed = _summarise(np.float32([1, 2, 3, 4]), bins=np.arange(4))
    assert observed[:, 0].all()
    assert not observed[:, 1:].any()
    assert summary[:, 0].tolist() == [1, 2, 3, 4]


def test_samples_outside_the_scene_do_not_count():
    values = np.float32([1000, 1, 1, 1, 1, 1000])
    summary, _ = _summarise(values, bins=np.array([-1, 0, 0, 0, 0, -1]), num_bins=1)
    assert summary[0, 0] == 1


@pytest.mark.parametrize("values", [np.zeros(0, np.float32), np.zeros(0, np.uint16)])
def test_no_samples_observe_nothing(values):
    summary, observed = _summarise(values)
    assert summary.shape == observed.shape == (NUM_BINS, len(SENSOR_FEATURES))
    assert not observed.any()


def test_toggle_rates_of_a_counter():
    summary, observed = _summarise(np.arange(400, dtype=np.uint16))
    toggles = summary[:, TOGGLE_RATES]
    assert not observed[:, : len(PHYSICAL_FEATURES)].any()
    np.testing.assert_allclose(toggles[:, 0], 1.0)
    np.testing.assert_allclose(toggles[0, 1], 49 / 99, rtol=1e-6)
    assert not toggles[:, 9:].any()
    assert not summary[:, _feature("word_repeated_share")].any()
    np.testing.assert_allclose(summary[:, _feature("log_step")], 1 / 16)


def test_wraps_and_level_of_words():
    words = (np.arange(400, dtype=np.int64) * 6554 % 65536).astype(np.uint16)
    summary, _ = _summarise(words)
    np.testing.assert_allclose(summary[:, _feature("wrap_rate")], 0.1, atol=0.02)
    np.testing.assert_allclose(summary[:, _feature("word_level")], words.reshape(4, 100).mean(1) / 65536, rtol=1e-5)


def test_constant_word_is_still():
    summary, observed = _summarise(np.full(400, 0xBEEF, np.uint16))
    assert not summary[:, TOGGLE_RATES].any()
    assert observed[:, TOGGLE_RATES].all()
    assert (summary[:, _feature("word_repeated_share")] == 1).all()


def test_one_word_per_bin_has_a_level_alone():
    _, observed = _summarise(np.array([1, 2, 3, 4], np.uint16), bins=np.arange(4))
    assert observed.sum() == 4
    assert observed[:, _feature("word_level")].all()


def test_missing_words_are_left_out():
    words = np.tile(np.array([0, 0xFFFF], np.uint16), 200)
    summary, _ = _summarise(words, valid=np.arange(400) % 2 == 0)
    assert not summary[:, TOGGLE_RATES].any()
    assert not summary[:, _feature("word_level")].any()


def test_scale_makes_logarithms_unit_free():
    values = _sine(5.0, 40.0)
    scaled, _ = summarise_sensor(values, np.ones(400, bool), np.arange(400) // PER_BIN, NUM_BINS, scale=40.0)
    plain, _ = _summarise(_sine(5.0, 1.0))
    np.testing.assert_allclose(scaled, plain, atol=1e-4)


@pytest.mark.parametrize("band", [2, 8, 15, 23])
def test_tone_of_a_microphone_lies_in_its_band(band):
    edges = np.geomspace(1 / 128, 1, NUM_AUDIO_BANDS + 1)
    frequency_hz = np.sqrt(edges[band] * edges[band + 1]) * 4000
    sound = (0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(32000) / 8000)).astype(np.float32)
    summary, observed = summarise_audio(sound, np.ones(32000, bool), np.arange(32000) // 8000, 4)
    loud = 1 + np.where(observed[:, 1:], summary[:, 1:], -np.inf).argmax(1)
    assert set(loud) == {1 + band}
    np.testing.assert_allclose(10 ** summary[:, 0], 0.125, rtol=0.02)
    assert summary.shape[1] == len(AUDIO_FEATURES)


def test_silence_is_heard_and_a_gap_is_not():
    sound, valid = np.zeros(32000, np.float32), np.ones(32000, bool)
    valid[8000:16000] = False
    summary, observed = summarise_audio(sound, valid, np.arange(32000) // 8000, 4)
    assert not observed[1].any()
    assert observed[[0, 2, 3], 0].all()
    assert (summary[[0, 2, 3], 0] == -10).all()


def test_sound_shorter_than_a_frame_observes_nothing():
    _, observed = summarise_audio(np.ones(1000, np.float32), np.ones(1000, bool), np.zeros(1000, np.int64), 2)
    assert not observed.any()


def test_pictures_have_their_brightness_and_motion():
    frames = np.zeros((4, 12, 12, 1), np.float32)
    frames[:, :2, :2] = np.float32([0.2, 0.4, 0.9, 0.9])[:, None, None, None]
    bins = np.array([0, 0, 1, 3])
    summary, observed = summarise_pictures(frames, bins, 4, motion=True)
    assert summary.shape == (4, len(VIDEO_FEATURES))
    assert summary[0, 0] == pytest.approx(0.3)
    assert summary[1, 0] == pytest.approx(0.9)
    assert summary[0, len(IMAGE_FEATURES)] == pytest.approx(0.2), "the first frame has nothing to move from"
    assert summary[1, len(IMAGE_FEATURES)] == pytest.approx(0.5)
    assert not summary[:, 1 : len(IMAGE_FEATURES)].any()
    assert observed.all(1).tolist() == [True, True, False, True]
    still, _ = summarise_pictures(frames, bins, 4, motion=False)
    np.testing.assert_array_equal(still, summary[:, : len(IMAGE_FEATURES)])


def test_first_frame_alone_has_no_motion():
    _, observed = summarise_pictures(np.ones((1, 6, 6, 3), np.float32), np.array([0]), 2, motion=True)
    assert observed[0, : len(IMAGE_FEATURES)].all()
    assert not observed[0, len(IMAGE_FEATURES) :].any()


@pytest.mark.parametrize(("height", "width"), [(6, 6), (4, 3), (7, 11), (32, 40), (12, 10)])
def test_area_average_keeps_a_uniform_picture(height, width):
    frames = np.full((2, 12, 10, 3), 77, np.uint8)
    out = area_average(frames, height, width)
    assert out.shape == (2, height, width, 3)
    np.testing.assert_allclose(out, 77)


def test_area_average_is_the_mean_of_blocks():
    frames = np.random.default_rng(0).random((3, 12, 8, 1)).astype(np.float32)
    expected = frames.reshape(3, 6, 2, 4, 2, 1).mean((2, 4))
    np.testing.assert_allclose(area_average(frames, 6, 4), expected, rtol=1e-6)


def test_band_powers_keep_the_power_of_noise():
    noise = np.random.default_rng(0).normal(0, 1, (50, 1024))
    power = band_powers(noise, np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(power.mean(0), 1.0, rtol=0.05)


def test_band_without_a_frequency_is_not_known():
    power = band_powers(np.random.default_rng(0).normal(0, 1, (2, 16)), np.array([0.01, 0.05, 1.0]))
    assert np.isnan(power[:, 0]).all()
    assert np.isfinite(power[:, 1]).all()


def test_every_feature_has_a_name_of_its_own() -> None:
    names = feature_names(TextVocabulary.fit(["mode boost pressure 3", "mode cruise flow 7", "flow normal"]))
    assert {modality: len(of) for modality, of in names.items()} == NUM_FEATURES
    assert all(len(set(of)) == len(of) for of in names.values())
