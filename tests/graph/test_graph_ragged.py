"""Ragged rows: selecting and padding give back what went in."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.graph.ragged import Ragged

rows = st.lists(st.integers(0, 6), min_size=0, max_size=6)


def _ragged(lengths: list[int]) -> Ragged:
    """Stream ``i`` holds the values 100 i, 100 i + 1, ..."""
    value = torch.cat([torch.arange(n) + 100.0 * i for i, n in enumerate(lengths)] + [torch.zeros(0)])
    return Ragged(
        value=value,
        length=torch.tensor(lengths, dtype=torch.int64),
        bin=(value % 100).long(),
        valid=value % 2 == 0,
        time_s=value / 10,
        rate_hz=torch.arange(1.0, len(lengths) + 1),
        num_bins=6,
    )


@settings(max_examples=40, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_select_gives_the_streams_asked_for_in_that_order(lengths, random):
    streams = _ragged(lengths)
    chosen = [random.randrange(len(lengths)) for _ in range(4)] if lengths else []
    part = streams.select(torch.tensor(chosen, dtype=torch.int64))
    expected = [100.0 * i + k for i in chosen for k in range(lengths[i])]
    assert part.value.tolist() == expected
    assert part.length.tolist() == [lengths[i] for i in chosen]
    assert part.rate_hz.tolist() == [i + 1 for i in chosen]
    assert torch.equal(part.bin, (part.value % 100).long())
    assert torch.equal(part.valid, part.value % 2 == 0)
    assert torch.equal(part.time_s, part.value / 10)
    assert part.num_bins == 6


@settings(max_examples=40, deadline=None)
@given(rows)
def test_dense_pads_at_the_end(lengths):
    dense = _ragged(lengths).dense()
    longest = max(lengths, default=0)
    assert dense.value.shape == dense.bin.shape == dense.valid.shape == (len(lengths), longest)
    for i, n in enumerate(lengths):
        assert dense.value[i, :n].tolist() == [100.0 * i + k for k in range(n)]
        assert dense.bin[i].tolist() == [*range(n), *[-1] * (longest - n)]
        assert not dense.valid[i, n:].any()
        assert not dense.value[i, n:].any()


@settings(max_examples=40, deadline=None)
@given(rows)
def test_offsets_and_owners(lengths):
    streams = _ragged(lengths)
    assert streams.offset().tolist() == [sum(lengths[:i]) for i in range(len(lengths) + 1)]
    assert streams.stream_of_sample().tolist() == [i for i, n in enumerate(lengths) for _ in range(n)]
    assert streams.num_streams == len(lengths)


def test_pictures_select_and_pad():
    streams = _ragged([2, 3])
    frames = torch.rand(5, 3, 4, 4)
    streams = Ragged(frames, streams.length, streams.bin, streams.valid, streams.time_s, streams.rate_hz, 6)
    assert torch.equal(streams.select(torch.tensor([1])).value, frames[2:])
    assert streams.dense().value.shape == (2, 3, 3, 4, 4)
    assert torch.equal(streams.dense().value[1], frames[2:])
