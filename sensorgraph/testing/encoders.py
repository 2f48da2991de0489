"""Rules that every encoder keeps, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.graph.ragged import Ragged

TOLERANCE = 1e-5


def check_encoder(make: Callable[[], Encoder], streams: Ragged) -> None:
    """Every rule of an encoder at once.

    Args:
        make: builds the encoder, with random weights.
        streams: several streams of different lengths, with some missing samples.

    Raises:
        AssertionError: a rule is broken; the message says which.

    Example:
        >>> from sensorgraph.encoders.tcn import TCNEncoder
        >>> from sensorgraph.testing.fake_streams import fake_streams
        >>> check_encoder(lambda: TCNEncoder(dim=8), fake_streams("number", [40, 0, 25], [10.0, 10.0, 20.0]))
    """
    torch.manual_seed(0)
    encoder = make().eval()
    check_output(encoder, streams)
    check_streams_are_independent(encoder, streams)
    check_missing_is_not_looked_at(encoder, streams)
    check_absent_is_not_zero(encoder, streams)
    check_no_streams(encoder, streams)
    check_extremes(encoder, streams)
    check_gradients(make(), streams)


def check_output(encoder: Encoder, streams: Ragged) -> None:
    """Shapes and types; the mask says where samples are; tokens are 0 elsewhere; everything is finite."""
    with torch.no_grad():
        out = encoder(streams)
    shape = (streams.num_streams, streams.num_bins)
    assert out.tokens.shape == (*shape, encoder.dim), f"tokens: shape {tuple(out.tokens.shape)}"
    assert out.vectors.shape == (shape[0], encoder.dim), f"vectors: shape {tuple(out.vectors.shape)}"
    assert out.tokens.dtype == out.vectors.dtype == torch.float32, "tokens and vectors must be float32"
    assert torch.equal(out.mask, _bins_with_samples(streams)), "mask must be True where a bin holds a valid sample"
    assert not out.tokens[~out.mask].any(), "tokens must be 0 where the mask is False"
    assert out.tokens.isfinite().all(), "a token is not finite"
    assert out.vectors.isfinite().all(), "a vector is not finite"


def check_streams_are_independent(encoder: Encoder, streams: Ragged) -> None:
    """A stream alone, and in any batch in any order, gives the same numbers."""
    with torch.no_grad():
        together = encoder(streams)
        order = torch.arange(streams.num_streams).flip(0)
        _assert_same(_pick(together, order), encoder(streams.select(order)), "in another order")
        for number in range(streams.num_streams):
            alone = torch.tensor([number])
            _assert_same(_pick(together, alone), encoder(streams.select(alone)), f"stream {number} alone")


def check_missing_is_not_looked_at(encoder: Encoder, streams: Ragged) -> None:
    """What stands in the place of a missing sample makes no difference."""
    garbage = streams.value.clone()
    garbage[~streams.valid] = float("nan") if garbage.is_floating_point() else -7
    with torch.no_grad():
        _assert_same(encoder(streams), encoder(replace(streams, value=garbage)), "with garbage in missing samples")


def check_absent_is_not_zero(encoder: Encoder, streams: Ragged) -> None:
    """A bin whose samples are 0 differs from one without some of its samples, and from one without any."""
    stream, bin_number = _fullest_bin(streams)
    inside = (streams.stream_of_sample() == stream) & (streams.bin == bin_number)
    value, valid = streams.value.clone(), streams.valid.clone()
    value[inside] = 0
    valid[inside] = True
    zero = replace(streams, value=value, valid=valid)
    some, none = valid.clone(), valid.clone()
    some[inside.nonzero().squeeze(1)[::2]] = False
    none[inside] = False
    with torch.no_grad():
        at_zero = encoder(zero)
        partly, absent = encoder(replace(zero, valid=some)), encoder(replace(zero, valid=none))
    assert not absent.mask[stream, bin_number], "a bin without valid samples must be masked"
    assert (at_zero.vectors - absent.vectors)[stream].abs().max() > 0, "an absent bin counts as zeros in the vector"
    if int(inside.sum()) > 1 and streams.value.dim() == 1 and streams.value.is_floating_point():
        difference = (at_zero.tokens - partly.tokens)[stream, bin_number].abs().max()
        assert difference > 0, "missing samples count as zeros"


def check_no_streams(encoder: Encoder, streams: Ragged) -> None:
    """No streams in, no tokens out."""
    nothing = streams.select(torch.zeros(0, dtype=torch.int64))
    with torch.no_grad():
        out = encoder(nothing)
    assert out.tokens.shape == (0, streams.num_bins, encoder.dim)
    assert out.vectors.shape == (0, encoder.dim)
    assert out.mask.shape == (0, streams.num_bins)


def check_extremes(encoder: Encoder, streams: Ragged) -> None:
    """The largest and smallest values that exist give finite tokens and gradients."""
    if not streams.value.is_floating_point():
        return
    sign = 1 - 2 * (torch.arange(len(streams.value)) % 2)
    largest = torch.finfo(torch.float32).max * sign.view(-1, *[1] * (streams.value.dim() - 1))
    out = encoder(replace(streams, value=largest.expand_as(streams.value).contiguous()))
    assert out.tokens.isfinite().all(), "a token is not finite for the largest inputs"
    assert out.vectors.isfinite().all(), "a vector is not finite for the largest inputs"
    encoder.zero_grad()
    (out.tokens.sum() + out.vectors.sum()).backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is None or weight.grad.isfinite().all(), f"{name}: gradient is not finite for large inputs"


def check_gradients(encoder: Encoder, streams: Ragged) -> None:
    """Every weight gets a gradient from tokens and vectors."""
    out = encoder.train()(streams)
    random = torch.Generator().manual_seed(1)
    loss = (out.tokens * torch.randn(out.tokens.shape, generator=random)).sum()
    loss = loss + (out.vectors * torch.randn(out.vectors.shape, generator=random)).sum()
    encoder.zero_grad()
    loss.backward()
    dead = [name for name, weight in encoder.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not dead, f"no gradient reaches {dead}"


def check_causal(encoder: Encoder, streams: Ragged) -> None:
    """Samples of later bins, present or missing, change no token of an earlier bin.

    Example:
        >>> from sensorgraph.encoders.tcn import TCNEncoder
        >>> from sensorgraph.testing.fake_streams import fake_streams
        >>> check_causal(TCNEncoder(dim=8, causal=True), fake_streams("number", [40, 25], [10.0, 20.0]))
    """
    encoder.eval()
    with torch.no_grad():
        before = encoder(streams).tokens
        for last in range(streams.num_bins - 1):
            later = streams.bin > last
            value, valid = streams.value.clone(), streams.valid.clone()
            value[later] = value[later].flip(0)
            valid[later] = valid[later].flip(0)
            valid[later.nonzero().squeeze(1)[::3]] = False
            after = encoder(replace(streams, value=value, valid=valid)).tokens
            difference = (after - before)[:, : last + 1].abs().max()
            assert difference <= TOLERANCE, f"bins after {last} change tokens up to it by {difference:g}"


def _assert_same(a: Encoded, b: Encoded, where: str) -> None:
    assert torch.equal(a.mask, b.mask), f"{where}: another mask"
    for name, one, other in (("tokens", a.tokens, b.tokens), ("vectors", a.vectors, b.vectors)):
        difference = (one - other).abs().max().item() if one.numel() else 0.0
        assert difference <= TOLERANCE, f"{where}: {name} differ by {difference:g}"


def _pick(encoded: Encoded, streams: Tensor) -> Encoded:
    return Encoded(encoded.tokens[streams], encoded.vectors[streams], encoded.mask[streams])


def _bins_with_samples(streams: Ragged) -> Tensor:
    mask = torch.zeros(streams.num_streams, streams.num_bins, dtype=torch.bool)
    found = streams.valid & (streams.bin >= 0)
    mask[streams.stream_of_sample()[found], streams.bin[found]] = True
    return mask


def _fullest_bin(streams: Ragged) -> tuple[int, int]:
    """Stream and bin with the most samples."""
    found = streams.bin >= 0
    place = streams.stream_of_sample()[found] * streams.num_bins + streams.bin[found]
    count = torch.bincount(place, minlength=streams.num_streams * streams.num_bins)
    return divmod(int(count.argmax()), streams.num_bins)
