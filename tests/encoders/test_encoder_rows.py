"""Rows, patches and the smaller parts."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sensorgraph.encoders.resnet1d import _halve
from sensorgraph.encoders.row import Row, Steps, patchify
from sensorgraph.encoders.step_conv import StepConv
from sensorgraph.encoders.text import TextEncoder
from sensorgraph.encoders.transformer1d import Transformer1dEncoder
from sensorgraph.errors import ConfigError, DataError
from sensorgraph.testing.encoders import check_encoder
from sensorgraph.testing.fake_streams import fake_streams


@settings(max_examples=20, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 30), max_size=4),
    num_bins=st.integers(1, 5),
    size=st.integers(1, 8),
    gap=st.integers(0, 3),
)
def test_every_sample_finds_one_slot_of_its_own_bin(lengths: list[int], num_bins: int, size: int, gap: int) -> None:
    streams = fake_streams("number", lengths, [10.0] * len(lengths), num_bins, missing_share=0.0)
    patches = patchify(streams, size, gap)
    number = torch.arange(1, len(streams.bin) + 1)
    spread = patches.spread(number)
    kept = number[streams.bin >= 0]
    assert torch.equal(spread[spread > 0].sort().values, kept)
    cell = streams.stream_of_sample() * num_bins + streams.bin
    for step in range(len(spread)):
        for sample in spread[step][spread[step] > 0].tolist():
            assert patches.row.cell[step] == cell[sample - 1]
    assert (patches.row.cell < 0).sum() == gap * len(lengths)


def test_unsorted_samples_are_refused() -> None:
    streams = fake_streams("number", [8], [10.0], missing_share=0.0)
    with pytest.raises(DataError, match="time order"):
        patchify(replace(streams, bin=streams.bin.flip(0)), size=2, gap=0)


@pytest.mark.parametrize(("kernel_size", "dilation", "causal"), [(3, 1, False), (5, 2, False), (3, 4, True)])
def test_row_convolution_equals_the_usual_one(kernel_size: int, dilation: int, causal: bool) -> None:
    row = StepConv(4, 6, kernel_size, dilation, causal)
    usual = nn.Conv1d(4, 6, kernel_size, dilation=dilation)
    with torch.no_grad():
        usual.weight.copy_(row.weight.permute(2, 1, 0))
        usual.bias.copy_(row.bias)  # type: ignore[union-attr]
    steps = torch.randn(50, 4)
    padded = nn.functional.pad(steps.T, (row.left, row.right))
    torch.testing.assert_close(row(steps), usual(padded[None])[0].T, atol=1e-5, rtol=0)


def test_halving_joins_pairs_within_a_bin() -> None:
    row = Row.lay_out(torch.tensor([3, 2]), num_bins=2, gap=1)
    value = torch.tensor([1.0, 3.0, 5.0, 7.0, 9.0, 0.0])[:, None]
    used = torch.tensor([True, True, False, False, True, False])
    halved = _halve(Steps(value, used, row), gap=0)
    assert halved.value.squeeze(1).tolist() == [2.0, 5.0, 8.0]
    assert halved.row.cell.tolist() == [0, 0, 1]
    assert halved.used.tolist() == [True, False, True]


def test_attention_heads_must_divide_the_channels() -> None:
    with pytest.raises(ConfigError, match="num_heads"):
        Transformer1dEncoder(dim=8, hidden=30, num_heads=4)


def test_a_token_beyond_the_vocabulary_is_refused() -> None:
    with pytest.raises(DataError, match=r"below the vocabulary size, 5"):
        TextEncoder(dim=8, vocab_size=5)(fake_streams("text", [40], [1.0]))


def test_the_checks_catch_an_encoder_that_counts_missing_samples_as_zeros() -> None:
    class Careless(Transformer1dEncoder):
        def forward(self, streams):  # type: ignore[no-untyped-def]
            return super().forward(replace(streams, valid=torch.ones_like(streams.valid)))

    with pytest.raises(AssertionError):
        check_encoder(lambda: Careless(dim=8), fake_streams("number", [40, 20], [10.0, 10.0], missing_share=0.5))


def test_the_checks_catch_an_encoder_that_looks_at_its_neighbours() -> None:
    class Nosy(Transformer1dEncoder):
        def forward(self, streams):  # type: ignore[no-untyped-def]
            out = super().forward(streams)
            return replace(out, vectors=out.vectors - out.vectors.mean(0))

    with pytest.raises(AssertionError, match="alone"):
        check_encoder(lambda: Nosy(dim=8), fake_streams("number", [40, 20], [10.0, 10.0]))
