"""Log-mel spectra and convolutions for microphones."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.mel import mel_filters
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import bins_with_samples
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.errors import ConfigError, DataError
from sensorgraph.graph.ragged import Ragged

_FLOOR = 1e-8


class AudioEncoder(Encoder):
    """Log-mel spectrum of short windows, then residual convolutions along time.

    A window belongs to the bin of its centre sample; in causal mode to that of its last sample, so that it holds none
    of a later bin. What lies before the first and behind the last sample counts as silence.

    Args:
        dim: channels of tokens and vectors.
        rate_hz: sampling rate of every stream (Hz).
        fft_samples: samples per window.
        hop_samples: samples from window to window.
        num_mels: bands of the spectrum.
        hidden: channels of a step.
        num_layers: residual convolutions, with dilations 1, 2, 4, ...
        causal: a token sees its own and earlier bins only.

    Raises:
        ConfigError: the window is shorter than the hop.
        DataError: a stream has another rate.
    """

    filters: Tensor
    window: Tensor

    def __init__(
        self,
        dim: int = 128,
        rate_hz: float = 16000.0,
        fft_samples: int = 512,
        hop_samples: int = 256,
        num_mels: int = 40,
        hidden: int = 32,
        num_layers: int = 2,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        if not 0 < hop_samples <= fft_samples:
            raise ConfigError(
                f"encoders.audio.hop_samples: must be between 1 and fft_samples, {fft_samples} (got {hop_samples})"
            )
        self.rate_hz, self.fft_samples, self.hop_samples, self.causal = rate_hz, fft_samples, hop_samples, causal
        self.register_buffer("filters", mel_filters(rate_hz, fft_samples, num_mels), persistent=False)
        self.register_buffer("window", torch.hann_window(fft_samples), persistent=False)
        self.stem = nn.Linear(num_mels + 1, hidden)
        self.stack = ConvStack(hidden, num_layers, 3, causal)
        self.readout = BinReadout(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        self._check_rate(streams.rate_hz)
        dense = streams.dense()
        if not dense.valid.numel():
            return self._pool(dense.value.new_zeros(0, self.stem.out_features), dense.bin.flatten(), streams)
        # Nothing reasonable is louder than full scale, but a file may be scaled wrongly: squares must stay finite.
        wave = self._padded(torch.where(dense.valid, dense.value, 0.0).clamp(-1e6, 1e6))
        spectrum = (mel_power(wave, self.filters, self.window, self.hop_samples) + _FLOOR).log()
        valid = self._padded(dense.valid.to(wave.dtype))[:, None]
        share = F.avg_pool1d(valid, self.fft_samples, self.hop_samples).squeeze(1)
        anchor = torch.arange(share.shape[1], device=wave.device) * self.hop_samples
        anchor = anchor + (self.hop_samples - 1 if self.causal else 0)
        known = (anchor < streams.length[:, None]) & (share > 0)
        stream = torch.arange(streams.num_streams, device=wave.device)[:, None]
        frame_bin = dense.bin[:, anchor.clamp(max=dense.bin.shape[1] - 1)]
        cell = (stream * streams.num_bins + frame_bin).masked_fill(~known | (frame_bin < 0), -1)
        # Gaps behind each stream, then all streams in one row.
        features = torch.cat([spectrum / 10 + 1, share[..., None]], dim=-1)
        features = F.pad(features, (0, 0, 0, self.stack.gap)).flatten(0, 1)
        inside = F.pad(known, (0, self.stack.gap)).flatten()[:, None].to(wave.dtype)
        steps = self.stack(self.stem(features) * inside, inside)
        cell = F.pad(cell, (0, self.stack.gap), value=-1).flatten()
        return self._pool(steps, cell, streams)

    def _pool(self, steps: Tensor, cell: Tensor, streams: Ragged) -> Encoded:
        # A bin shorter than a hop may hold samples but no window.
        return self.readout.pool(steps, cell, streams.num_streams, streams.num_bins, bins_with_samples(streams))

    def _padded(self, samples: Tensor) -> Tensor:
        """Silence around, such that window ``i`` is centred on sample ``i * hop`` (or ends with its hop if causal)."""
        half = self.fft_samples // 2
        if self.causal:
            return F.pad(samples, (self.fft_samples - self.hop_samples, self.hop_samples))
        return F.pad(samples, (half, half))

    def _check_rate(self, rate_hz: Tensor) -> None:
        other = ((rate_hz - self.rate_hz).abs() > 0.001 * self.rate_hz).nonzero().squeeze(1).tolist()
        if other:
            raise DataError(
                f"audio stream number {other[0]}: every microphone must have the encoder's rate, {self.rate_hz:g} Hz; "
                f"resample the file (got {float(rate_hz[other[0]]):g})"
            )


def mel_power(wave: Tensor, filters: Tensor, window: Tensor, hop_samples: int) -> Tensor:
    """Power in each band of each window.

    Shapes: ``wave`` [N, T] (already padded), ``filters`` [bands, F], ``window`` [W]; returns [N, frames, bands].
    """
    spectrum = torch.stft(wave, len(window), hop_samples, window=window, center=False, return_complex=True)
    power = spectrum.real.square() + spectrum.imag.square()
    return power.transpose(1, 2) @ filters.T
