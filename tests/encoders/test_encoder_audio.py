"""Log-mel against librosa, and the clock of windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from sensorgraph.encoders.audio import AudioEncoder, mel_power
from sensorgraph.encoders.mel import mel_filters
from sensorgraph.errors import ConfigError, DataError
from sensorgraph.graph.ragged import Ragged
from sensorgraph.testing.fake_streams import fake_streams


@pytest.mark.filterwarnings("ignore")  # librosa's own dependencies warn
@pytest.mark.parametrize("setting", [(16000, 512, 40), (8000, 256, 20), (44100, 2048, 128)])
def test_filters_equal_librosa(setting: tuple[int, int, int]) -> None:
    librosa = pytest.importorskip("librosa")
    rate_hz, fft_samples, num_mels = setting
    expected = librosa.filters.mel(sr=rate_hz, n_fft=fft_samples, n_mels=num_mels)
    np.testing.assert_allclose(mel_filters(*setting).numpy(), expected, atol=1e-7)


def test_mel_power_equals_the_definition() -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, 4000).astype(np.float32)
    filters = mel_filters(16000, 512, 40)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    frames = np.stack([wave[begin : begin + 512] * window for begin in range(0, 4000 - 511, 256)])
    expected = np.abs(np.fft.rfft(frames)) ** 2 @ filters.numpy().T
    power = mel_power(torch.from_numpy(wave)[None], filters, torch.hann_window(512), 256)
    np.testing.assert_allclose(power[0].numpy(), expected, rtol=1e-4, atol=1e-6)


def test_a_click_is_heard_in_its_own_bin() -> None:
    torch.manual_seed(0)
    encoder = AudioEncoder(dim=8, fft_samples=64, hop_samples=32, num_mels=8, num_layers=0).eval()
    silence = fake_streams("audio", [4000], [16000.0], missing_share=0.0)
    silence = replace(silence, value=torch.zeros(4000))
    click = silence.value.clone()
    click[2500] = 1.0  # bin 2 of 4
    difference = (encoder(replace(silence, value=click)).tokens - encoder(silence).tokens)[0].abs().amax(1)
    assert difference[2] > 0
    assert not difference[[0, 1, 3]].any()


def test_a_bin_that_is_shorter_than_a_hop_is_still_there() -> None:
    encoder = AudioEncoder(dim=8).eval()
    bins = torch.tensor([0] * 100 + [1] * 10 + [2] * 400)
    streams = Ragged(
        torch.randn(510), torch.tensor([510]), bins, torch.ones(510, dtype=torch.bool),
        torch.arange(510) / 16000, torch.tensor([16000.0]), 3,
    )  # fmt: skip
    assert encoder(streams).mask.tolist() == [[True, True, True]]


def test_another_rate_is_refused() -> None:
    with pytest.raises(DataError, match=r"stream number 1.*16000 Hz.*got 8000"):
        AudioEncoder(dim=8)(fake_streams("audio", [600, 600], [16000.0, 8000.0]))


def test_a_hop_longer_than_the_window_is_refused() -> None:
    with pytest.raises(ConfigError, match="hop_samples"):
        AudioEncoder(dim=8, fft_samples=64, hop_samples=65)
