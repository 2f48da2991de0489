"""Rules that every decoder keeps."""

from __future__ import annotations

from collections.abc import Callable

import torch

from sensorgraph.decoders import Reconstruction, SummaryDecoder
from sensorgraph.decoders.summary import LARGEST_LOG_VARIANCE, LEAST_LOG_VARIANCE

TOLERANCE = 1e-5


def check_decoder(
    make: Callable[[], SummaryDecoder], dim: int, num_channels: int, num_streams: int = 4, num_bins: int = 3
) -> None:
    """Every rule of a decoder at once.

    Args:
        make: builds the decoder; weights that begin at zero are drawn anew.
        dim: token width.
        num_channels: known channels plus one.
        num_streams: streams that are decoded.
        num_bins: bins of the scene.

    Raises:
        AssertionError: a rule is broken; the message says which.

    Example:
        >>> check_decoder(lambda: SummaryDecoder(dim=8, num_features=5, num_channels=3), dim=8, num_channels=3)
    """
    torch.manual_seed(0)
    decoder = _shaken(make()).eval()
    tokens, who = torch.randn(num_streams, num_bins, dim), torch.randn(num_streams, dim)
    channel = torch.arange(num_streams) % num_channels
    with torch.no_grad():
        out = decoder(tokens, who, channel)
        assert out.mean.shape == out.log_variance.shape, "mean and variance must have one shape"
        assert out.mean.shape[:2] == (num_streams, num_bins), f"mean: shape {tuple(out.mean.shape)}"

        order = torch.arange(num_streams).flip(0)
        turned = decoder(tokens[order], who[order], channel[order])
        _assert_same(Reconstruction(out.mean[order], out.log_variance[order]), turned, "streams in another order")
        for bin_number in range(num_bins):
            one = decoder(tokens[:, [bin_number]], who, channel)
            chosen = Reconstruction(out.mean[:, [bin_number]], out.log_variance[:, [bin_number]])
            _assert_same(chosen, one, f"bin {bin_number} alone")

        assert decoder(tokens[:0], who[:0], channel[:0]).mean.shape[:2] == (0, num_bins), "no streams, no rows"
        assert (decoder(tokens, -who, channel).mean - out.mean).abs().max() > 0, "who the stream is makes no difference"

        far = decoder(tokens * 1e6, who * 1e3, channel)
        assert far.mean.isfinite().all(), "a mean is not finite for large tokens"
        within = (far.log_variance >= LEAST_LOG_VARIANCE) & (far.log_variance <= LARGEST_LOG_VARIANCE)
        assert within.all(), "a variance leaves its bounds"
    check_decoder_gradients(_shaken(make()), dim, num_channels)


def check_decoder_gradients(decoder: SummaryDecoder, dim: int, num_channels: int) -> None:
    """Every weight gets a gradient."""
    out = decoder.train()(torch.randn(num_channels, 3, dim), torch.randn(num_channels, dim), torch.arange(num_channels))
    decoder.zero_grad()
    ((out.mean - 1).square() + out.log_variance).sum().backward()
    dead = [name for name, weight in decoder.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not dead, f"no gradient reaches {dead}"


def _shaken(decoder: SummaryDecoder) -> SummaryDecoder:
    """What begins at zero would hide everything before it."""
    with torch.no_grad():
        for weight in decoder.parameters():
            if not weight.any():
                weight.normal_(std=0.1)
    return decoder


def _assert_same(one: Reconstruction, other: Reconstruction, where: str) -> None:
    for name in ("mean", "log_variance"):
        difference = float((getattr(one, name) - getattr(other, name)).abs().max())
        assert difference <= TOLERANCE, f"{where}: {name} differs by {difference:g}"
