"""Slaney's mel filter bank."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_LINEAR_STEP_HZ = 200.0 / 3.0
_CORNER_HZ = 1000.0
_LOG_STEP = math.log(6.4) / 27.0


def mel_filters(rate_hz: float, fft_samples: int, num_mels: int) -> Tensor:
    """Triangular filters of equal area, evenly spaced on a scale that is linear up to 1 kHz and logarithmic above.

    Args:
        rate_hz: sampling rate (Hz); filters span 0 to half of it.
        fft_samples: window length of the transform.
        num_mels: filters.

    Shapes: returns [num_mels, fft_samples // 2 + 1] float32.

    Reference: Slaney, "Auditory Toolbox, Version 2" (1998).

    Example:
        >>> mel_filters(16000, 512, 40).shape
        torch.Size([40, 257])
    """
    frequency_hz = torch.linspace(0, rate_hz / 2, fft_samples // 2 + 1, dtype=torch.float64)
    corner = _hz_of_mel(torch.linspace(0, _mel_of_hz(rate_hz / 2), num_mels + 2, dtype=torch.float64))
    low, peak, high = corner[:-2, None], corner[1:-1, None], corner[2:, None]
    rising, falling = (frequency_hz - low) / (peak - low), (high - frequency_hz) / (high - peak)
    return (torch.minimum(rising, falling).clamp(min=0) * 2 / (high - low)).to(torch.float32)


def _mel_of_hz(frequency_hz: float) -> float:
    if frequency_hz < _CORNER_HZ:
        return frequency_hz / _LINEAR_STEP_HZ
    return _CORNER_HZ / _LINEAR_STEP_HZ + math.log(frequency_hz / _CORNER_HZ) / _LOG_STEP


def _hz_of_mel(mel: Tensor) -> Tensor:
    corner = _CORNER_HZ / _LINEAR_STEP_HZ
    return torch.where(mel < corner, mel * _LINEAR_STEP_HZ, _CORNER_HZ * torch.exp((mel - corner) * _LOG_STEP))
